"""Staff come in by email and password, and go: the steps behind the sign-in page of the console."""

from flask import request
from flask import session as cookie
from sqlalchemy.orm import Session

from rewards_service.identity.addresses import normalise_email
from rewards_service.identity.errors import AddressUnusable, CredentialsWrong
from rewards_service.identity.models import Staff
from rewards_service.identity.operations import OpenedSession, close_session, open_session
from rewards_service.identity.passwords import password_matches
from rewards_service.identity.policy import SessionKind
from rewards_service.identity.queries import staff_by_email
from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import record_audit
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.throttle import Caller, record_failure, require_below_limits
from rewards_service.web.context import present
from rewards_service.web.sessions import CONSOLE, browser_nonce, drop_session, keep_session

PURPOSE = "staff_sign_in"
CSRF_KEY = "csrf_token"


def sign_in_staff(*, email_typed: str, password: str) -> None:
    """Open a session for whoever knows the password of an address; hashing happens between two transactions.

    Raises:
        CredentialsWrong: nobody works under that address, or the password is another; it is not said which.
        RateLimited: too many wrong passwords from here.
    """
    now = present()
    caller = Caller(session=browser_nonce(), address=request.remote_addr, recipient=email_typed.strip().lower())
    with read_session() as session:
        require_below_limits(session, purpose=PURPOSE, caller=caller, now=now)
        staff = staff_by_email(session, email=_normalised(email_typed))
    if not password_matches(staff.password_hash if staff is not None else None, password) or staff is None:
        transact(lambda session: record_failure(session, purpose=PURPOSE, caller=caller, now=now))
        raise CredentialsWrong("Please check both. Nothing else was changed.")
    _open(staff)


def sign_out_staff(session_id: int | None) -> None:
    """End the worker's session here and now."""
    if session_id is not None:
        transact(lambda session: close_session(session, session_id=session_id, now=present()))
    drop_session(CONSOLE)
    cookie.pop(CSRF_KEY, None)


def _open(staff: Staff) -> None:
    """Open the session, note it in the audit trail, and give the browser its token."""
    now = present()

    def enter(session: Session) -> OpenedSession:
        opened = open_session(
            session,
            kind=SessionKind.STAFF,
            organization_id=staff.organization_id,
            staff_id=staff.id,
            user_agent=request.user_agent.string,
            now=now,
        )
        record_audit(
            session,
            organization_id=staff.organization_id,
            actor=Actor(kind="staff", reference=staff.public_id),
            action="staff.signed_in",
            object_type="staff",
            object_id=staff.public_id,
            now=now,
            detail={"session": opened.sign_in.public_id},
        )
        return opened

    keep_session(CONSOLE, transact(enter))
    cookie.pop(CSRF_KEY, None)


def _normalised(email_typed: str) -> str:
    """Return the address in its one spelling; what is no address belongs to nobody."""
    try:
        return normalise_email(email_typed)
    except AddressUnusable:
        return ""
