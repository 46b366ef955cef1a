"""PostgreSQL: a twin's INSERT waits at the unique index until the first transaction ends, but not for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from rewards_service.kit.database_postgresql import LOCK_TIMEOUT
from rewards_service.kit.idempotency.errors import IdempotencyInProgress
from rewards_service.kit.statements import Statement

TWIN_WAIT = "2s"
LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL manual, appendix A."""

_CLAIM = Statement(
    text(
        "INSERT INTO stored_answer (organization_id, key_digest, fingerprint, created_at) "
        "SELECT :organization_id, :key_digest, :fingerprint, :created_at "
        "FROM (SELECT set_config('lock_timeout', :twin_wait, true)) AS patience "
        "ON CONFLICT (key_digest) DO NOTHING RETURNING id, set_config('lock_timeout', :usual_wait, true)"
    )
)
"""The shorter patience holds for this one statement: it is set before the row is tried and given back after it."""


@contextmanager
def hold_turn(_engine: Engine, _key_digest: bytes) -> Iterator[None]:
    """Do nothing: the unique index makes twins wait."""
    yield


def claim_key(session: Session, row: dict[str, Any]) -> int | None:
    """Insert ``row`` and return its id, or ``None`` when the key was answered before.

    Raises:
        IdempotencyInProgress: a twin is at work for longer than ``TWIN_WAIT``.
    """
    try:
        claimed: int | None = _CLAIM.scalar(
            session.connection(), {**row, "twin_wait": TWIN_WAIT, "usual_wait": LOCK_TIMEOUT}
        )
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        raise IdempotencyInProgress from error
    return claimed
