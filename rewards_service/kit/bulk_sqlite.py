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


def reserve_keys(connection: Connection, table: str, count: int) -> list[int]:
    """Return the keys after the highest one; this transaction is the only writer."""
    highest: int = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table}").scalar_one()  # noqa: S608 — as above
    return list(range(highest + 1, highest + count + 1))
