"""How SQLite loads rows: one prepared statement, run for each."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

ROWS_PER_TRANSACTION = 2_000
"""About 50 ms of the one writer's time."""


def load(connection: Connection, table: str, *, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Insert rows whose values the driver takes as they are."""
    names, places = ", ".join(columns), ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 — names of our own tables
    driver = connection.connection.driver_connection
    assert driver is not None, "the connection is open"
    driver.executemany(statement, rows)
