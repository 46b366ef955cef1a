"""Which index a connection's database has."""

from sqlalchemy import Connection

from catalog.search.index import SearchIndex
from catalog.search.index_postgresql import PostgresqlIndex
from catalog.search.index_sqlite import SqliteIndex

_INDEXES: dict[str, SearchIndex] = {"sqlite": SqliteIndex(), "postgresql": PostgresqlIndex()}


def index_of(connection: Connection) -> SearchIndex:
    """Return the index of the connection's database; there is one for SQLite and one for PostgreSQL."""
    return _INDEXES[connection.dialect.name]
