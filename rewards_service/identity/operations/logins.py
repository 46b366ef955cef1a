"""Signing in by message: asked for, sent, and answered once, in the browser that asked.

The same message proves another address of somebody who is signed in. Opening the
link changes nothing, because mail scanners open links; only the button behind it does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rewards_service.delivery.operations import queue_message
from rewards_service.identity.addresses import is_email
from rewards_service.identity.errors import AddressTaken, LoginCodeWrong, LoginElsewhere, LoginNeedsMember, LoginOver
from rewards_service.identity.models import LoginRequest, Member
from rewards_service.identity.operations.members import note_address, prove_address, register_member
from rewards_service.identity.policy import LOGIN_LIFETIME
from rewards_service.identity.queries import living_member, open_login, open_logins
from rewards_service.identity.tokens import (
    KeyedLookup,
    digest,
    login_of_link,
    login_secrets_in_use,
    normalise_login_code,
    same,
)
from rewards_service.kit.errors import FieldProblem
from rewards_service.kit.ids import new_public_id
from rewards_service.programs.models import Program

LOGIN_TEMPLATE = "sign_in"


@dataclass(frozen=True, slots=True)
class CompletedLogin:
    """Who was proved to be here.

    Attributes:
        member: who stands for the person with the address.
        asked_by: who was signed in and asked for it, to be found by this address as well; none when signing in.
    """

    member: Member
    asked_by: Member | None = None


def request_login(
    session: Session,
    *,
    program: Program,
    address: str,
    browser_nonce: str,
    locale: str,
    now: datetime,
    asked_by: Member | None = None,
) -> LoginRequest:
    """Send a link and a code to a normalised address, known or not, so that nobody learns who is known.

    ``asked_by`` is a member who wants to be found by the address as well; with none it is for signing in. The caller
    throttles; the message holds no secret until it is rendered (``tokens.login_secrets``).
    """
    request = LoginRequest(
        public_id=new_public_id("lgn", now=now),
        organization_id=program.organization_id,
        program_id=program.id,
        address=address,
        member_id=None if asked_by is None else asked_by.id,
        browser_sha256=digest(browser_nonce),
        locale=locale,
        created_at=now,
        expires_at=now + LOGIN_LIFETIME,
    )
    session.add(request)
    session.flush()
    queue_message(
        session,
        organization_id=program.organization_id,
        program=program,
        channel="email" if is_email(address) else "sms",
        to=address,
        template=LOGIN_TEMPLATE,
        context={"login": request.public_id, "minutes": LOGIN_LIFETIME // timedelta(minutes=1)},
        locale=locale,
        now=now,
        about_type="login_request",
        about_id=request.public_id,
        reference=request.public_id,
    )
    return request


def login_of_token(
    session: Session, *, program_id: int, link_token: str, vault: KeyedLookup, now: datetime
) -> LoginRequest:
    """Return the usable sign-in message that a link belongs to, in whatever browser it was opened.

    Raises:
        LoginOver: it is not genuine, was used, or is too old.
    """
    request = open_login(session, program_id=program_id, public_id=login_of_link(link_token), now=now)
    if not any(same(held.link_token, link_token) for held in login_secrets_in_use(vault, request.public_id)):
        raise LoginOver
    return request


def complete_login_by_link(
    session: Session,
    *,
    program: Program,
    link_token: str,
    browser_nonce: str,
    vault: KeyedLookup,
    now: datetime,
    signed_in: Member | None = None,
) -> CompletedLogin:
    """Use up a sign-in message by the button behind its link, in the browser that asked for it.

    ``signed_in`` is who is known in that browser: an address is added by the person who asked for it alone.

    Raises:
        LoginOver: it is not genuine, was used, or is too old.
        LoginElsewhere: another browser asked for it.
        LoginNeedsMember: it is for adding an address, and who asked is not signed in.
    """
    request = login_of_token(session, program_id=program.id, link_token=link_token, vault=vault, now=now)
    if request.browser_sha256 != digest(browser_nonce):
        raise LoginElsewhere
    asker = _asker_of(session, request)
    if asker is not None and (signed_in is None or asker.id != signed_in.id):
        raise LoginNeedsMember
    return _complete(session, program=program, request=request, now=now)


def complete_login_by_code(
    session: Session,
    *,
    program: Program,
    code: str,
    browser_nonce: str,
    vault: KeyedLookup,
    now: datetime,
    asked_by: Member | None = None,
) -> CompletedLogin:
    """Use up a sign-in message by its code, typed in the browser that asked for it.

    With ``asked_by`` only messages for adding an address to that member count, else only those for signing in.

    Raises:
        LoginOver: this browser asked for none, or it is used, too old, or saw too many wrong codes.
        LoginCodeWrong: the code is not the one; the caller notes it with ``note_wrong_code``.
    """
    typed = normalise_login_code(code)
    browser = digest(browser_nonce)
    for request in open_logins(session, program_id=program.id, browser_sha256=browser, asked_by=asked_by, now=now):
        if any(same(held.code, typed) for held in login_secrets_in_use(vault, request.public_id)):
            return _complete(session, program=program, request=request, now=now)
    message = "This is not the code from the message. Please look again."
    raise LoginCodeWrong(message, problems=(FieldProblem("/code", "login_code_wrong", message),))


def note_wrong_code(session: Session, *, program_id: int, browser_nonce: str) -> None:
    """Count a wrong code against every message of the browser; some tries later they are over."""
    session.execute(
        update(LoginRequest)
        .where(LoginRequest.program_id == program_id, LoginRequest.browser_sha256 == digest(browser_nonce))
        .values(wrong_tries=LoginRequest.wrong_tries + 1)
    )


def _complete(session: Session, *, program: Program, request: LoginRequest, now: datetime) -> CompletedLogin:
    """Mark the message as used and return its member, who is registered now if nobody knew the address."""
    unused = update(LoginRequest).where(LoginRequest.id == request.id, LoginRequest.used_at.is_(None))
    if session.scalar(unused.values(used_at=now).returning(LoginRequest.id)) is None:
        raise LoginOver
    asker, by_email = _asker_of(session, request), is_email(request.address)
    holder = _holder_of(session, program=program, request=request, asker=asker, now=now)
    prove_address(session, member=holder, email=by_email, phone=not by_email, now=now)
    return CompletedLogin(living_member(session, member=holder), asker)


def _asker_of(session: Session, request: LoginRequest) -> Member | None:
    """Return who stands now for the member who asked to be found by the address, if the message is for that."""
    if request.member_id is None:
        return None
    return living_member(session, member=session.get_one(Member, request.member_id))


def _holder_of(
    session: Session, *, program: Program, request: LoginRequest, asker: Member | None, now: datetime
) -> Member:
    """Return the row that holds the proved address, also when another message to it made it just now."""
    column = Member.email if is_email(request.address) else Member.phone
    holder = select(Member).where(Member.program_id == program.id, column == request.address)
    found = session.scalar(holder)
    if found is not None:
        return found
    try:
        return _new_holder(session, program=program, request=request, asker=asker, now=now)
    except AddressTaken:
        return session.scalars(holder).one()


def _new_holder(
    session: Session, *, program: Program, request: LoginRequest, asker: Member | None, now: datetime
) -> Member:
    """Return who holds an address from now on that nobody has.

    It is noted with who asked, where there is room and no other system tells who that is; else a row is registered
    for it. Somebody new is called by the part before the @ at first, or by the number. Raises ``AddressTaken``.
    """
    by_email = is_email(request.address)
    email, phone = (request.address, None) if by_email else (None, request.address)
    if asker is not None and asker.external_id is None and (asker.email if by_email else asker.phone) is None:
        return note_address(session, member=asker, email=email, phone=phone)
    return register_member(
        session,
        organization_id=program.organization_id,
        program_id=program.id,
        name=request.address.partition("@")[0] if asker is None else asker.name,
        locale=request.locale,
        now=now,
        email=email,
        phone=phone,
    )
