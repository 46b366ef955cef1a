"""Signing in by message: asked for, sent, and answered once, in the browser that asked.

Opening the link changes nothing, because mail scanners open links; only the button behind it does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rewards_service.delivery.operations import queue_message
from rewards_service.identity.errors import LoginCodeWrong, LoginElsewhere, LoginOver
from rewards_service.identity.models import LoginRequest, Member
from rewards_service.identity.operations.members import prove_address, register_member
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
    """Who came in, and whether it is the first time that the address was proved."""

    member: Member
    is_first: bool


def request_login(
    session: Session, *, program: Program, email: str, browser_nonce: str, locale: str, now: datetime
) -> LoginRequest:
    """Send a link and a code to a normalised address, known or not, so that nobody learns who is known.

    The caller throttles; the message holds no secret until it is rendered (``tokens.login_secrets``).
    """
    request = LoginRequest(
        public_id=new_public_id("lgn", now=now),
        organization_id=program.organization_id,
        program_id=program.id,
        email=email,
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
        channel="email",
        to=email,
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
    session: Session, *, program: Program, link_token: str, browser_nonce: str, vault: KeyedLookup, now: datetime
) -> CompletedLogin:
    """Use up a sign-in message by the button behind its link, in the browser that asked for it.

    Raises:
        LoginOver: it is not genuine, was used, or is too old.
        LoginElsewhere: another browser asked for it.
    """
    request = login_of_token(session, program_id=program.id, link_token=link_token, vault=vault, now=now)
    if request.browser_sha256 != digest(browser_nonce):
        raise LoginElsewhere
    return _complete(session, program=program, request=request, now=now)


def complete_login_by_code(
    session: Session, *, program: Program, code: str, browser_nonce: str, vault: KeyedLookup, now: datetime
) -> CompletedLogin:
    """Use up a sign-in message by its code, typed in the browser that asked for it.

    Raises:
        LoginOver: this browser asked for none, or it is used, too old, or saw too many wrong codes.
        LoginCodeWrong: the code is not the one; the caller notes it with ``note_wrong_code``.
    """
    typed = normalise_login_code(code)
    for request in open_logins(session, program_id=program.id, browser_sha256=digest(browser_nonce), now=now):
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
    holder = _holder_of(session, program=program, request=request, now=now)
    is_first = holder.email_verified_at is None
    prove_address(session, member=holder, email=True, now=now)
    return CompletedLogin(living_member(session, member=holder), is_first)


def _holder_of(session: Session, *, program: Program, request: LoginRequest, now: datetime) -> Member:
    """Return the row that holds the proved address; somebody new is called by the part before the @ at first."""
    found = session.scalar(select(Member).filter_by(program_id=program.id, email=request.email))
    return found or register_member(
        session,
        organization_id=program.organization_id,
        program_id=program.id,
        name=request.email.partition("@")[0],
        email=request.email,
        locale=request.locale,
        now=now,
    )
