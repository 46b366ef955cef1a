"""How PostgreSQL loads rows: COPY."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, text

ROWS_PER_TRANSACTION = 50_000

_RESERVE = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")


def load(connection: Connection, table: str, *, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Insert rows whose values the driver takes as they are."""
    driver = connection.connection.driver_connection
    assert driver is not None, "the connection is open"
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def reserve_keys(connection: Connection, table: str, count: int) -> list[int]:
    """Return keys from the table's sequence; others may draw from it in between."""
    return sorted(connection.execute(_RESERVE, {"table": table, "count": count}).scalars())
