"""How PostgreSQL loads rows: COPY."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

ROWS_PER_TRANSACTION = 50_000


def load(connection: Connection, table: str, *, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Insert rows whose values the driver takes as they are."""
    driver = connection.connection.driver_connection
    assert driver is not None, "the connection is open"
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
