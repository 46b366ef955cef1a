"""Loading many rows of one table at once, past the ORM: COPY on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Table
from sqlalchemy.orm import DeclarativeBase, Session

from rewards_service.kit import bulk_postgresql, bulk_sqlite

BULK_ROWS_MIN = 100
"""Fewer rows are not worth a COPY: an ordinary statement, which is compiled once, is as fast."""

_DIALECTS = {"sqlite": bulk_sqlite, "postgresql": bulk_postgresql}


def insert_rows(
    session: Session, model: type[DeclarativeBase], *, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Insert ``rows``, each with the values of ``columns`` in that order; columns left out get no Python default.

    Sorted by the most selective unique index they load fastest on both databases.
    """
    connection = session.connection()
    table = cast("Table", model.__table__)
    prepared = _prepare(connection, table, columns=columns, rows=rows)
    _DIALECTS[connection.dialect.name].load(connection, table.name, columns=columns, rows=prepared)


def insert_mappings(session: Session, model: type[DeclarativeBase], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert ``rows``, at least one, which all name the same columns in the same order."""
    insert_rows(session, model, columns=list(rows[0]), rows=(list(row.values()) for row in rows))


def reserve_keys(session: Session, model: type[DeclarativeBase], count: int) -> list[int]:
    """Return ``count`` ascending keys for rows of ``model`` that this transaction inserts; nobody else gets them."""
    connection = session.connection()
    table = cast("Table", model.__table__)
    keys: list[int] = _DIALECTS[connection.dialect.name].reserve_keys(connection, table.name, count)
    return keys


def rows_per_transaction(session: Session) -> int:
    """Return how many rows one transaction of a bulk job writes: on SQLite no more than others can wait for."""
    rows: int = _DIALECTS[session.connection().dialect.name].ROWS_PER_TRANSACTION
    return rows


def _prepare(
    connection: Connection, table: Table, *, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> Iterable[Sequence[object]]:
    """Yield the rows as the driver wants them; values whose type needs no change are passed on."""
    processors = [_processor(connection, table, column) for column in columns]
    changing = [(index, processor) for index, processor in enumerate(processors) if processor is not None]
    for row in rows:
        values = list(row)
        for index, processor in changing:
            values[index] = processor(values[index])
        yield values


def _processor(connection: Connection, table: Table, column: str) -> Callable[[Any], Any] | None:
    """Return what turns a Python value of a column into the driver's."""
    processor: Callable[[Any], Any] | None = (
        table.c[column].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    )
    return processor
