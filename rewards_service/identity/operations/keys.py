"""Writes of API keys: shown once, limited to their scopes, revoked for good."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from rewards_service.identity.errors import ScopeUnknown
from rewards_service.identity.models import ApiKey
from rewards_service.identity.policy import API_SCOPES, API_SCOPES_BY_DEFAULT
from rewards_service.identity.tokens import digest, new_api_key
from rewards_service.kit.errors import FieldProblem
from rewards_service.kit.ids import new_public_id

USED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A new key: the row, and the only copy of its text."""

    row: ApiKey
    key: str

    def __repr__(self) -> str:
        """Name the key, do not print it."""
        return f"CreatedKey({self.row.public_id})"


def create_api_key(
    session: Session,
    *,
    organization_id: int,
    name: str,
    now: datetime,
    program_id: int | None = None,
    scopes: Collection[str] = API_SCOPES_BY_DEFAULT,
    expires_at: datetime | None = None,
) -> CreatedKey:
    """Create a key for one program, or without one for the whole organization.

    Raises:
        ScopeUnknown: one of ``scopes`` is not in ``policy.API_SCOPES``.
    """
    unknown = sorted(set(scopes) - API_SCOPES)
    if unknown:
        problems = tuple(
            FieldProblem("/scopes", "scope_unknown", "There is no scope {name}.", {"name": name}) for name in unknown
        )
        raise ScopeUnknown(problems=problems)
    key = new_api_key()
    row = ApiKey(
        public_id=new_public_id("key", now=now),
        organization_id=organization_id,
        program_id=program_id,
        name=name,
        key_sha256=digest(key),
        last4=key[-4:],
        scopes=sorted(scopes),
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return CreatedKey(row, key)


def note_key_use(session: Session, *, key_public_id: str, now: datetime) -> None:
    """Note that a key is in use; within ``USED_EVERY`` of the last note nothing is written."""
    statement = update(ApiKey).where(
        ApiKey.public_id == key_public_id, or_(ApiKey.used_at.is_(None), ApiKey.used_at <= now - USED_EVERY)
    )
    session.execute(statement.values(used_at=now))


def revoke_api_key(session: Session, *, key: ApiKey, now: datetime) -> None:
    """End a key at once; ending it twice changes nothing."""
    key.revoked_at = key.revoked_at or now
    session.flush()
