"""Changing books behind the product's back, with triggers, keys and checks out of the way, and only for a while."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.orm import Session

CONSTRAINTS = "SELECT conname FROM pg_constraint WHERE conrelid = '{}'::regclass AND contype IN ('c', 'u')"
TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger'"


def lawless_engine(url: str) -> Engine:
    """Return an engine whose connections fire no trigger and look at no foreign key."""
    engine = create_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _be_lawless)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    else:
        event.listen(
            engine, "begin", lambda connection: connection.exec_driver_sql("SET session_replication_role = replica")
        )
    return engine


@contextmanager
def tampered(engine: Engine, statements: Iterable[str], *, bare: Iterable[str] = ()) -> Iterator[Session]:
    """Give a session that sees the database after ``statements``; tables in ``bare`` have no constraints there.

    At the end everything is as it was.
    """
    with engine.connect() as connection:
        _drop_triggers(connection)
        for table in bare:
            _strip(connection, table)
        for statement in statements:
            connection.exec_driver_sql(statement)
        yield Session(bind=connection)
        connection.rollback()


def run_lawless(engine: Engine, statements: Iterable[str]) -> None:
    """Run ``statements`` for good."""
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _be_lawless(connection: Any, _: Any) -> None:
    """Let a SQLite connection write what no rule allows."""
    connection.isolation_level = None
    for pragma in ("ignore_check_constraints=ON", "foreign_keys=OFF", "legacy_alter_table=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _drop_triggers(connection: Connection) -> None:
    """Drop all triggers where they cannot be told not to fire."""
    if connection.dialect.name == "sqlite":
        for name in connection.exec_driver_sql(TRIGGERS).scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")


def _strip(connection: Connection, table: str) -> None:
    """Take all constraints off a table."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"CREATE TABLE copy_of_{table} AS SELECT * FROM {table}")
        connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql(f"ALTER TABLE copy_of_{table} RENAME TO {table}")
        return
    for name in connection.exec_driver_sql(CONSTRAINTS.format(table)).scalars().all():
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE")
