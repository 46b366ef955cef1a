"""Reads of browser sessions and of the codes they proved."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.identity.errors import SessionOver
from rewards_service.identity.models import ProvedCode, SignInSession
from rewards_service.identity.policy import ABSOLUTE_LIMIT, IDLE_LIMIT
from rewards_service.identity.tokens import digest


def live_session(session: Session, *, token: str, now: datetime) -> SignInSession:
    """Return the session a cookie stands for.

    Raises:
        SessionOver: unknown, closed, idle too long, or too old.
    """
    found = session.scalar(select(SignInSession).where(SignInSession.token_sha256 == digest(token)))
    if found is None or found.closed_at is not None or now >= ends_at(found):
        raise SessionOver
    return found


def ends_at(sign_in: SignInSession) -> datetime:
    """Return the moment at which the session ends if nothing more is asked of it."""
    return min(sign_in.seen_at + IDLE_LIMIT[sign_in.kind], sign_in.created_at + ABSOLUTE_LIMIT[sign_in.kind])


def proved_codes(session: Session, *, session_id: int) -> list[str]:
    """Return the references of the codes that a session proved, in the order in which it did."""
    statement = select(ProvedCode.code_public_id).where(ProvedCode.session_id == session_id).order_by(ProvedCode.id)
    return list(session.scalars(statement))
