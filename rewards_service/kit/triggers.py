"""Append-only tables: the one list, and the triggers that refuse UPDATE and DELETE on both databases.

A feature registers its table beside the model: ``append_only(Posting.__table__)``. Migrations drop every trigger
before they touch a table and put them back from this list, because SQLite's batch mode would lose them silently.
"""

from sqlalchemy import Connection, FromClause, Table, event, text

from rewards_service.kit import triggers_postgresql, triggers_sqlite

_APPEND_ONLY: list[str] = []
_DIALECTS = {"sqlite": triggers_sqlite.statements, "postgresql": triggers_postgresql.statements}
_DROPS = {"sqlite": triggers_sqlite.drop_statements, "postgresql": triggers_postgresql.drop_statements}


def append_only(table: FromClause) -> None:
    """Refuse every UPDATE and DELETE of a row of ``table``, from the moment the table exists."""
    assert isinstance(table, Table), "triggers stand on tables"
    _APPEND_ONLY.append(table.name)
    event.listen(table, "after_create", _after_create)


def append_only_tables() -> tuple[str, ...]:
    """Return the names of all append-only tables, in the order in which they were registered."""
    return tuple(_APPEND_ONLY)


def create_triggers(connection: Connection, tables: tuple[str, ...]) -> None:
    """Create the triggers of ``tables``, which exist and have none."""
    for name in tables:
        for statement in _DIALECTS[connection.dialect.name](name):
            connection.execute(text(statement))


def drop_triggers(connection: Connection, tables: tuple[str, ...]) -> None:
    """Drop the triggers of ``tables`` where they exist."""
    for name in tables:
        for statement in _DROPS[connection.dialect.name](name):
            connection.execute(text(statement))


def _after_create(target: Table, connection: Connection, **_: object) -> None:
    """Give a table that was just created its triggers."""
    create_triggers(connection, (target.name,))
