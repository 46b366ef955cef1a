"""Writes of browser sessions: opened with a fresh token at every change of who it is, closed for good."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rewards_service.identity.models import ProvedCode, SignInSession
from rewards_service.identity.policy import PROVED_CODES_MAX, SEEN_EVERY, SessionKind
from rewards_service.identity.queries import proved_codes
from rewards_service.identity.tokens import digest, new_token
from rewards_service.kit.ids import new_public_id

USER_AGENT_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session, and the only copy of the token its cookie holds."""

    sign_in: SignInSession
    token: str

    def __repr__(self) -> str:
        """Name the session, not its token."""
        return f"OpenedSession({self.sign_in.public_id})"


def open_session(
    session: Session,
    *,
    kind: SessionKind,
    organization_id: int,
    user_agent: str,
    now: datetime,
    program_id: int | None = None,
    member_id: int | None = None,
    staff_id: int | None = None,
    instead_of: SignInSession | None = None,
) -> OpenedSession:
    """Open a session with a fresh token.

    ``instead_of`` is the session the browser had: it is closed, and the codes it proved go with its owner, never
    to another member.
    """
    token = new_token()
    sign_in = SignInSession(
        public_id=new_public_id("ses", now=now),
        token_sha256=digest(token),
        kind=kind,
        organization_id=organization_id,
        program_id=program_id,
        member_id=member_id,
        staff_id=staff_id,
        user_agent=user_agent[:USER_AGENT_LENGTH_MAX],
        created_at=now,
        seen_at=now,
    )
    session.add(sign_in)
    session.flush()
    if instead_of is not None:
        _take_over(session, old=instead_of, new=sign_in, now=now)
    return OpenedSession(sign_in, token)


def see_session(session: Session, *, session_id: int, now: datetime) -> None:
    """Note that the session is in use; within ``policy.SEEN_EVERY`` of the last note nothing is written."""
    statement = update(SignInSession).where(SignInSession.id == session_id, SignInSession.seen_at <= now - SEEN_EVERY)
    session.execute(statement.values(seen_at=now))


def close_session(session: Session, *, session_id: int, now: datetime) -> None:
    """End a session; ending it twice changes nothing."""
    statement = update(SignInSession).where(SignInSession.id == session_id, SignInSession.closed_at.is_(None))
    session.execute(statement.values(closed_at=now))


def close_sessions_of_staff(session: Session, *, staff_id: int, now: datetime) -> None:
    """End every session of one member of staff, for instance when the password changes."""
    statement = update(SignInSession).where(SignInSession.staff_id == staff_id, SignInSession.closed_at.is_(None))
    session.execute(statement.values(closed_at=now))


def prove_code(session: Session, *, session_id: int, code_public_id: str, now: datetime) -> None:
    """Remember that the session knows a code. Beyond ``policy.PROVED_CODES_MAX`` the oldest is forgotten."""
    held = proved_codes(session, session_id=session_id)
    if code_public_id in held:
        return
    for forgotten in held[: max(0, len(held) + 1 - PROVED_CODES_MAX)]:
        forget_code(session, session_id=session_id, code_public_id=forgotten)
    session.add(ProvedCode(session_id=session_id, code_public_id=code_public_id, proved_at=now))
    session.flush()


def forget_code(session: Session, *, session_id: int, code_public_id: str) -> None:
    """Take a code out of the session; its value is untouched."""
    row = session.scalar(select(ProvedCode).filter_by(session_id=session_id, code_public_id=code_public_id))
    if row is not None:
        session.delete(row)
        session.flush()


def _take_over(session: Session, *, old: SignInSession, new: SignInSession, now: datetime) -> None:
    """Close ``old`` and let ``new`` know the codes it proved: a guest's, or of the same member, in the same program."""
    close_session(session, session_id=old.id, now=now)
    is_somebody_else = old.kind != SessionKind.GUEST and old.member_id != new.member_id
    if is_somebody_else or old.program_id != new.program_id:
        return
    for code_public_id in proved_codes(session, session_id=old.id):
        prove_code(session, session_id=new.id, code_public_id=code_public_id, now=now)
