"""Up to where a growing table is complete: what somebody who adds it up may count once and never look at again.

Keys are handed out before rows are committed, so on a database with several writers the largest key says nothing: a
smaller one may still appear. A row therefore carries a mark of the transaction that wrote it (``CommitMark``), and
``read_horizon`` tells below which mark every row is either there or never will be.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Compiled
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import FunctionElement

from rewards_service.kit import commit_order_postgresql, commit_order_sqlite

_DIALECTS = {"sqlite": commit_order_sqlite, "postgresql": commit_order_postgresql}


class CommitMark(FunctionElement[int]):
    """The database's own default of a column that keeps the mark of the transaction that wrote the row."""

    inherit_cache = True
    name = "commit_mark"


@dataclass(frozen=True, slots=True)
class Horizon:
    """Every row whose mark is less than ``below`` is visible, or was never committed.

    ``cluster`` names the server whose transactions the marks count. Rows copied to another server bring marks that
    mean nothing there, so a sum that was kept must then be made anew.
    """

    cluster: str
    below: int


def order_column(
    session: Session, *, key: InstrumentedAttribute[int], mark: InstrumentedAttribute[int | None]
) -> ColumnElement[Any]:
    """Return the column whose values the horizon is about: the mark, or the key where one writer hands keys out."""
    column: ColumnElement[Any] = _DIALECTS[session.get_bind().dialect.name].order_column(key=key, mark=mark)
    return column


def read_horizon(session: Session, *, key: InstrumentedAttribute[int]) -> Horizon:
    """Return the present horizon of the table of ``key``."""
    cluster, below = _DIALECTS[session.get_bind().dialect.name].read_horizon(session, key=key)
    return Horizon(cluster, below)


def wait_for_writers(session: Session, *, table: str) -> None:
    """Wait until every transaction that writes to ``table`` has ended, and keep new ones out until this one has."""
    _DIALECTS[session.get_bind().dialect.name].wait_for_writers(session, table=table)


@compiles(CommitMark)
def _default_of_mark(_: CommitMark, compiler: Compiled, **__: object) -> str:
    """Return the default in the words of the database."""
    default: str = _DIALECTS[compiler.dialect.name].DEFAULT
    return default
