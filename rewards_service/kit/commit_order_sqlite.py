"""SQLite: one writer at a time, so keys are committed in the order in which they are handed out."""

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

DEFAULT = "NULL"


def order_column(*, key: InstrumentedAttribute[int], mark: InstrumentedAttribute[int | None]) -> ColumnElement[Any]:
    """Return the column of keys."""
    del mark
    return key.expression


def read_horizon(session: Session, *, key: InstrumentedAttribute[int]) -> tuple[str, int]:
    """Return no server's name, and the key that comes next."""
    return "", session.scalars(select(func.coalesce(func.max(key), 0) + 1)).one()


def wait_for_writers(_: Session, *, table: str) -> None:
    """Nothing: whoever asks is the one writer."""
    del table
