"""How SQLite changes a table: it builds a new one, copies, drops and renames, and loses what hung on the old one."""

from sqlalchemy import Connection

FOREIGN_KEYS_SHOWN_MAX = 5


class ForeignKeysBroken(Exception):
    """A migration would leave rows that point to nothing; it is not committed."""


def before_begin(connection: Connection) -> None:
    """Let tables be dropped although rows point to them; inside a transaction SQLite ignores this."""
    _set_foreign_keys(connection, "OFF")


def after_begin(connection: Connection) -> None:
    """Drop all triggers, so that none fires on a copy and none is lost unseen."""
    for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def tables_with_triggers(connection: Connection) -> frozenset[str]:
    """Return the names of the tables that have any trigger."""
    found = connection.exec_driver_sql("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")
    return frozenset(found.scalars())


def before_commit(connection: Connection) -> None:
    """Refuse the whole change if a row points to nothing.

    Raises:
        ForeignKeysBroken: names the first few.
    """
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(FOREIGN_KEYS_SHOWN_MAX)
    if broken:
        raise ForeignKeysBroken("; ".join(f"row {row[1]} of {row[0]} points to no {row[2]}" for row in broken))


def after_end(connection: Connection) -> None:
    """Enforce foreign keys again on this connection, which others will use."""
    _set_foreign_keys(connection, "ON")


def _set_foreign_keys(connection: Connection, state: str) -> None:
    """Set the pragma past SQLAlchemy, which would begin a transaction for it."""
    raw = connection.connection.dbapi_connection
    assert raw is not None, "the connection is open"
    raw.cursor().execute(f"PRAGMA foreign_keys={state}")
