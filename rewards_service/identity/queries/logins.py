"""Reads of sign-in messages."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from rewards_service.identity.errors import LoginOver
from rewards_service.identity.models import LoginRequest, Member
from rewards_service.identity.policy import LOGIN_TRIES_MAX

OPEN_LOGINS_MAX = 3
"""So many sign-in messages of one browser are tried against a typed code, newest first."""


def open_logins(
    session: Session, *, program_id: int, browser_sha256: bytes, asked_by: Member | None, now: datetime
) -> list[LoginRequest]:
    """Return the messages of one browser that can still be used, newest first.

    They are those that ``asked_by`` asked for to add an address, with none those for signing in.

    Raises:
        LoginOver: there is none.
    """
    statement = (
        select(LoginRequest)
        .where(
            LoginRequest.program_id == program_id,
            LoginRequest.browser_sha256 == browser_sha256,
            _asked(asked_by),
            LoginRequest.used_at.is_(None),
            LoginRequest.expires_at > now,
            LoginRequest.wrong_tries < LOGIN_TRIES_MAX,
        )
        .order_by(LoginRequest.id.desc())
        .limit(OPEN_LOGINS_MAX)
    )
    found = list(session.scalars(statement))
    if not found:
        raise LoginOver
    return found


def open_login(session: Session, *, program_id: int, public_id: str, now: datetime) -> LoginRequest:
    """Return one sign-in message that can still be used. Raises ``LoginOver``."""
    found = session.scalar(select(LoginRequest).filter_by(program_id=program_id, public_id=public_id))
    if found is None or found.used_at is not None or now >= found.expires_at or found.wrong_tries >= LOGIN_TRIES_MAX:
        raise LoginOver
    return found


def _asked(member: Member | None) -> ColumnElement[bool]:
    """Return the condition that a person asked, under whichever member, or that nobody in particular did."""
    if member is None:
        return LoginRequest.member_id.is_(None)
    is_one = or_(Member.id == member.id, Member.merged_into_id == member.id)
    return LoginRequest.member_id.in_(select(Member.id).where(is_one))
