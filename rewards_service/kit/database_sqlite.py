"""SQLite as a database for money: WAL, one writer at a time who waits fairly, and readers that cannot write.

With the defaults of driver and library, reads and writes of one transaction are not isolated (480 transfers by eight
threads created 419 units out of nothing), and a reader that turns writer is refused at once whatever the timeout. So
every writing transaction begins with BEGIN IMMEDIATE, after it has taken a lock of our own: waiting on that is fair,
waiting on SQLite's ``busy_timeout`` is a lottery (worst wait in a race 14 ms against 2,932 ms).
"""

import fcntl
import os
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from rewards_service.kit.errors import Refusal
from rewards_service.kit.statements import send

MOMENTS_ARE_NAIVE = True
ENGINE_OPTIONS: dict[str, Any] = {"pool_size": 16, "max_overflow": 0, "pool_timeout": 30}
READER_OPTIONS: dict[str, Any] = {"ro": True}
"""What makes a connection one of a reader."""
WRITER_WAIT_SECONDS_MAX = 30
BUSY_TIMEOUT_MS = 10_000
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "cache_size=-65536",
    "temp_store=MEMORY",
)
_HELD = "writer_lock"


class DatabaseBusy(Refusal):
    """Other writers held the database longer than ``WRITER_WAIT_SECONDS_MAX``."""

    status = 503
    code = "database_busy"
    title = "The service is very busy; nothing was changed"


class WriterLock:
    """The right to write to one database file: a thread lock inside the process, a ``flock`` between processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._owner: int | None = None
        self._file: int | None = None

    def acquire(self) -> None:
        """Wait for the right to write.

        Raises:
            DatabaseBusy: another thread of this process kept it too long.
            OSError: the lock file cannot be opened or locked; nobody holds the right then.
            AssertionError: this thread holds it already; waiting would never end.
        """
        assert self._owner != threading.get_ident(), "this thread is already writing: a unit of work does not nest"
        if not self._threads.acquire(timeout=WRITER_WAIT_SECONDS_MAX):
            raise DatabaseBusy
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._let_go()
            raise
        self._owner = threading.get_ident()

    def release(self) -> None:
        """Give the right back; closing the file ends its ``flock``."""
        assert self._file is not None, "only a held lock is released"
        self._let_go()

    def _let_go(self) -> None:
        """Close the file, if it was opened, and let the next thread in."""
        file, self._file, self._owner = self._file, None, None
        if file is not None:
            os.close(file)
        self._threads.release()


def prepare_engine(engine: Engine) -> None:
    """Give ``engine`` its pragmas, its way to begin, and its writer lock."""
    database = engine.url.database
    assert database, "the database is a file: a memory database is private to one connection"
    lock = WriterLock(Path(f"{database}.writer"))
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", lambda connection: _on_begin(connection, lock))
    event.listen(engine.pool, "reset", _on_reset)
    event.listen(engine.pool, "invalidate", _on_invalidate)


def _on_connect(dbapi_connection: Any, _: Any) -> None:  # noqa: ANN401 — the driver's own types
    """Take over the transactions of a new connection and set its pragmas."""
    dbapi_connection.isolation_level = None
    for pragma in PRAGMAS:
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection, lock: WriterLock) -> None:
    """Begin as a reader that cannot write, or as the one writer."""
    if connection.get_execution_options().get("ro"):
        send(connection, "PRAGMA query_only=ON")
        send(connection, "BEGIN")
        return
    lock.acquire()
    connection.info[_HELD] = lock
    send(connection, "BEGIN IMMEDIATE")


def _on_reset(dbapi_connection: Any, record: Any, _: Any) -> None:  # noqa: ANN401 — the pool's own types
    """Let the next writer in when a connection goes back to the pool.

    Not in the ``commit`` event: it fires before COMMIT does.
    """
    held: WriterLock | None = record.info.pop(_HELD, None)
    try:
        dbapi_connection.rollback()
        dbapi_connection.execute("PRAGMA query_only=OFF")
    finally:
        if held is not None:
            held.release()


def _on_invalidate(_: Any, record: Any, __: Any) -> None:  # noqa: ANN401 — the pool's own types
    """Let the next writer in when a connection is thrown away."""
    held: WriterLock | None = record.info.pop(_HELD, None)
    if held is not None:
        held.release()
