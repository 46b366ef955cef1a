"""PostgreSQL: READ COMMITTED with guarded updates, waits that end, and readers that cannot write."""

from time import monotonic
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

MOMENTS_ARE_NAIVE = False
TRANSIENT_STATES = frozenset({"40001", "40P01", "23505"})
"""serialization_failure, deadlock_detected and unique_violation (PostgreSQL manual, appendix A).

A unique violation is told only once the other transaction has committed: whoever looks again finds its row and answers
as in sequence. What would break the rule by itself breaks it again and is raised.
"""

LOCK_TIMEOUT = "10s"
"""How long a statement waits for another transaction before it gives up."""

IDLE_SECONDS_MAX = 1.0
"""How long a pooled connection may lie idle and still be used unasked; a server needs longer than that to restart."""

ENGINE_OPTIONS: dict[str, Any] = {
    "pool_size": 8,
    "max_overflow": 0,
    "pool_timeout": 30,
    "connect_args": {
        "prepare_threshold": 2,
        "options": f"-c timezone=UTC -c lock_timeout={LOCK_TIMEOUT} -c idle_in_transaction_session_timeout=60s",
    },
}

READER_OPTIONS: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""A reader sees one consistent state until it ends: under READ COMMITTED each of its statements would see another.

The driver says both as it begins, in no statement of its own.
"""


def prepare_engine(engine: Engine) -> None:
    """Give ``engine`` connections that live.

    A connection that lay idle is asked for a sign of life before it is used. If it is dead, so is every other of the
    pool: all are replaced, and whoever asked notices nothing. A busy server never asks.
    """

    @event.listens_for(engine, "checkin")
    def _note_idle(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        """Note since when a connection is idle."""
        entry.info["idle_since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def _ask_for_life(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object) -> None:
        """Replace the pool when a connection that lay idle does not answer."""
        if monotonic() - entry.info.pop("idle_since", monotonic()) <= IDLE_SECONDS_MAX:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error
