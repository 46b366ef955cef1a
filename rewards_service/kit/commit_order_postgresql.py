"""PostgreSQL: a row carries the 64-bit number of its transaction; what is older than every open one has ended."""

from typing import Any

from sqlalchemy import ColumnElement, text
from sqlalchemy.orm import InstrumentedAttribute, Session

DEFAULT = "(pg_current_xact_id()::text::bigint)"
"""PostgreSQL manual 9.27.5: the number of the top-level transaction, never reused."""

_HORIZON = text(
    "SELECT system_identifier::text, pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM pg_control_system()"
)


def order_column(*, key: InstrumentedAttribute[int], mark: InstrumentedAttribute[int | None]) -> ColumnElement[Any]:
    """Return the column of marks."""
    del key
    return mark.expression


def read_horizon(session: Session, *, key: InstrumentedAttribute[int]) -> tuple[str, int]:
    """Return the server's own identifier and the oldest transaction that is still open."""
    del key
    cluster, below = session.execute(_HORIZON).one()
    return cluster, below


def wait_for_writers(session: Session, *, table: str) -> None:
    """Take the lock that no writer shares."""
    session.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
