"""PostgreSQL: READ COMMITTED with guarded updates, waits that end, and readers that cannot write."""

from typing import Any

from sqlalchemy import Connection, Engine, event

MOMENTS_ARE_NAIVE = False
TRANSIENT_STATES = frozenset({"40001", "40P01"})
"""serialization_failure and deadlock_detected (PostgreSQL manual, appendix A)."""

LOCK_TIMEOUT = "10s"
"""How long a statement waits for another transaction before it gives up."""

ENGINE_OPTIONS: dict[str, Any] = {
    "pool_size": 8,
    "max_overflow": 0,
    "pool_timeout": 30,
    "connect_args": {
        "prepare_threshold": 2,
        "options": f"-c timezone=UTC -c lock_timeout={LOCK_TIMEOUT} -c idle_in_transaction_session_timeout=60s",
    },
}


def prepare_engine(engine: Engine) -> None:
    """Give ``engine`` its way to begin a reading transaction."""
    event.listen(engine, "begin", _on_begin)


def _on_begin(connection: Connection) -> None:
    """Begin as a reader that cannot write where the caller said so.

    It sees one consistent state until it ends: under READ COMMITTED each of its statements would see another.
    """
    if connection.get_execution_options().get("ro"):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
