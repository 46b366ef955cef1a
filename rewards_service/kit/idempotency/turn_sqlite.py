"""SQLite: twins queue for a lock of their key before they queue for the database.

The one writer would make them wait as well, but for as long as he likes and without saying for whom. The lock is a
``flock`` on one of a few empty files beside the database: it ends with the process that held it, however that ends.
Different keys may share a file; they only wait for each other.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from rewards_service.kit.idempotency.errors import IdempotencyInProgress
from rewards_service.kit.idempotency.models import StoredAnswer
from rewards_service.kit.statements import Statement

TWIN_WAIT_SECONDS = 2
LOOK_EVERY_SECONDS = 0.02
LOCK_FILES = 251

_CLAIM = Statement(
    insert(StoredAnswer).on_conflict_do_nothing(index_elements=[StoredAnswer.key_digest]).returning(StoredAnswer.id)
)
"""Run on the connection, past the ORM's own way of inserting: every request that moves value begins with it."""


@contextmanager
def hold_turn(engine: Engine, key_digest: bytes) -> Iterator[None]:
    """Let one request of a key in at a time.

    Raises:
        IdempotencyInProgress: a twin is at work for longer than ``TWIN_WAIT_SECONDS``.
    """
    handle = _open_lock(Path(f"{engine.url.database}.keys"), int.from_bytes(key_digest[:4], "big") % LOCK_FILES)
    try:
        _wait_for(handle)
        yield
    finally:
        os.close(handle)


def claim_key(session: Session, row: dict[str, Any]) -> int | None:
    """Insert ``row`` and return its id, or ``None`` when the key was answered before."""
    claimed: int | None = _CLAIM.scalar(session.connection(), row)
    return claimed


def _open_lock(directory: Path, number: int) -> int:
    """Open one of the lock files, which are made when first needed."""
    flags, path = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, directory / str(number)
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        directory.mkdir(mode=0o700, exist_ok=True)
        return os.open(path, flags, 0o600)


def _wait_for(handle: int) -> None:
    """Lock an open file; only twins ever wait here, so looking now and then is fair enough."""
    give_up_at = time.monotonic() + TWIN_WAIT_SECONDS
    while not _is_locked(handle):
        if time.monotonic() >= give_up_at:
            raise IdempotencyInProgress
        time.sleep(LOOK_EVERY_SECONDS)


def _is_locked(handle: int) -> bool:
    """Lock an open file if nobody else has, and tell whether it is ours now."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
