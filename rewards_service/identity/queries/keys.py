"""Reads of API keys."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from rewards_service.identity.errors import KeyUnknown
from rewards_service.identity.models import ApiKey
from rewards_service.identity.tokens import digest, is_api_key
from rewards_service.kit.clock import has_expired
from rewards_service.kit.errors import NotFound
from rewards_service.kit.statements import Statement


@dataclass(frozen=True, slots=True)
class ApiKeyIdentity:
    """The machine behind a key and what it may do."""

    public_id: str
    organization_id: int
    program_id: int | None
    """The only program it may touch; None means every program of the organization."""
    scopes: frozenset[str]
    used_at: datetime | None
    """The last call that was noted; see ``operations.note_key_use``."""


def api_key_by_public_id(session: Session, *, public_id: str) -> ApiKey:
    """Return the key with that id, of any organization: for whoever runs the installation.

    Raises:
        NotFound: there is none.
    """
    found = session.scalar(select(ApiKey).where(ApiKey.public_id == public_id))
    if found is None:
        raise NotFound("There is no such key.")
    return found


_BY_DIGEST = Statement(
    select(
        ApiKey.public_id,
        ApiKey.organization_id,
        ApiKey.program_id,
        ApiKey.scopes,
        ApiKey.used_at,
        ApiKey.revoked_at,
        ApiKey.expires_at,
    ).where(ApiKey.key_sha256 == bindparam("digest"))
)
"""Every call of the API begins with it."""


def authenticate_api_key(connection: Connection, *, key: str, now: datetime) -> ApiKeyIdentity:
    """Return the machine behind ``key``; a key with a wrong checksum costs no query.

    Raises:
        KeyUnknown: mistyped, unknown, expired or revoked.
    """
    found = _BY_DIGEST.rows(connection, {"digest": digest(key)}) if is_api_key(key) else []
    if not found:
        raise KeyUnknown
    public_id, organization_id, program_id, scopes, used_at, revoked_at, expires_at = found[0]
    if revoked_at is not None or has_expired(expires_at=expires_at, now=now):
        raise KeyUnknown
    return ApiKeyIdentity(public_id, organization_id, program_id, frozenset(scopes), used_at)
