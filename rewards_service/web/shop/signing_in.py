"""Coming in by message, adding another address in the same way, and going: the steps behind the pages."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from flask import request
from flask import session as cookie
from sqlalchemy.orm import Session

from rewards_service.identity.addresses import is_email, normalise_address
from rewards_service.identity.errors import LoginCodeWrong
from rewards_service.identity.models import Member
from rewards_service.identity.operations import (
    CompletedLogin,
    close_session,
    complete_login_by_code,
    complete_login_by_link,
    note_wrong_code,
    open_session,
    request_login,
)
from rewards_service.identity.policy import SessionKind
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.errors import Refusal
from rewards_service.kit.services import current_services
from rewards_service.kit.throttle import Caller, record_failure, require_below_limits
from rewards_service.orders.requests import WantedLine
from rewards_service.programs.models import Program
from rewards_service.wallets.operations import welcome_member
from rewards_service.web.context import present
from rewards_service.web.i18n import get_locale
from rewards_service.web.sessions import browser_nonce, drop_session, keep_session, known_browser_nonce, shop_cookie
from rewards_service.web.shop.adding import person_of
from rewards_service.web.shop.basket import bring_basket, tell_left_out
from rewards_service.web.shop.order_links import forget_orders
from rewards_service.web.shop.visitors import Visitor

SENDING = "sign_in_request"
TEXTING = "sms"
TYPING = "sign_in_code"
CSRF_KEY = "csrf_token"


def send_login_message(visitor: Visitor, *, address_typed: str, is_adding: bool = False) -> None:
    """Send a link and a code to an email address or a telephone number, whoever it belongs to.

    Raises:
        AddressUnusable: it is neither.
        RateLimited: too many messages to this address or from here.
    """
    address = normalise_address(address_typed, region=visitor.program.country)
    send_login_messages([visitor.program], address=address, asked_by=visitor.member if is_adding else None)


def send_login_messages(programs: Sequence[Program], *, address: str, asked_by: Member | None = None) -> None:
    """Send a link and a code to a normalised address for each program.

    It counts as one sending, however many programs write: none writes to an address that nobody knows, and the limits
    must not tell whose that is.

    Raises:
        RateLimited: too many messages to this address or from here.
    """
    now, nonce, chosen = present(), browser_nonce(), get_locale()
    caller, purpose = Caller(session=nonce, address=request.remote_addr, recipient=address), SENDING
    if not is_email(address):
        caller, purpose = replace(caller, organization_id=programs[0].organization_id), TEXTING
    with read_session() as session:
        require_below_limits(session, purpose=purpose, caller=caller, now=now)

    def send(session: Session) -> None:
        record_failure(session, purpose=purpose, caller=caller, now=now)
        for program in programs:
            request_login(
                session,
                program=session.merge(program, load=False),
                address=address,
                asked_by=asked_by,
                browser_nonce=nonce,
                locale=str(chosen or program.locale),
                now=now,
            )

    transact(send)


def sign_in_by_code(visitor: Visitor, *, code: str, is_adding: bool = False) -> None:
    """Let in whoever types the code of a message in the browser that asked for it.

    With ``is_adding`` the message is one for adding an address to the member who is signed in.

    Raises:
        LoginOver, LoginCodeWrong: as ``complete_login_by_code``.
        RateLimited: too many wrong codes from here.
    """
    now, caller, nonce = present(), visitor.caller(), known_browser_nonce()
    with read_session() as session:
        require_below_limits(session, purpose=TYPING, caller=caller, now=now)

    def complete(session: Session) -> CompletedLogin:
        return complete_login_by_code(
            session,
            program=visitor.program,
            code=code,
            browser_nonce=nonce,
            vault=current_services().vault,
            asked_by=visitor.member if is_adding else None,
            now=now,
        )

    def count(session: Session, refusal: Refusal) -> None:
        if isinstance(refusal, LoginCodeWrong):
            record_failure(session, purpose=TYPING, caller=caller, now=now)
            note_wrong_code(session, program_id=visitor.program.id, browser_nonce=nonce)

    login, left_out = transact(lambda session: _enter(session, visitor, complete), refused=count)
    tell_left_out([*left_out, *bring_basket(visitor.program, login.member)])


def sign_in_by_link(visitor: Visitor, *, link_token: str) -> bool:
    """Let in whoever presses the button behind the link, in the browser that asked for it.

    Returns whether it was for adding the address to the member who is signed in.

    Raises:
        LoginOver, LoginElsewhere, LoginNeedsMember: as ``complete_login_by_link``.
    """

    def complete(session: Session) -> CompletedLogin:
        return complete_login_by_link(
            session,
            program=visitor.program,
            link_token=link_token,
            browser_nonce=known_browser_nonce(),
            vault=current_services().vault,
            signed_in=visitor.member,
            now=present(),
        )

    login, left_out = transact(lambda session: _enter(session, visitor, complete))
    tell_left_out([*left_out, *bring_basket(visitor.program, login.member)])
    return login.asked_by is not None


def sign_out(visitor: Visitor) -> None:
    """End the visitor's session here and now."""
    sign_in = visitor.sign_in
    if sign_in is not None:
        transact(lambda session: close_session(session, session_id=sign_in.id, now=present()))
    drop_session(shop_cookie(visitor.program))
    forget_orders(visitor.program)
    cookie.pop(CSRF_KEY, None)


def _enter(
    session: Session, visitor: Visitor, complete: Callable[[Session], CompletedLogin]
) -> tuple[CompletedLogin, list[WantedLine]]:
    """Complete a sign-in: a fresh session that knows the codes of the old one, and waiting value in the wallet.

    Returns also what was left out of two baskets made one.
    """
    program, now = session.merge(visitor.program, load=False), present()
    login = complete(session)
    member, left_out = person_of(session, program=program, login=login, now=now)
    opened = open_session(
        session,
        kind=SessionKind.MEMBER,
        organization_id=program.organization_id,
        program_id=program.id,
        member_id=member.id,
        user_agent=request.user_agent.string,
        instead_of=visitor.sign_in,
        now=now,
    )
    actor = Visitor(program, opened.sign_in, member).actor
    welcome_member(session, program=program, member=member, actor=actor, now=now)
    if visitor.member is not None and visitor.member.id != member.id:
        forget_orders(program)
    keep_session(shop_cookie(program), opened)
    cookie.pop(CSRF_KEY, None)
    return replace(login, member=member), left_out
