"""Changing the schema: numbered migrations, run in one transaction that keeps every trigger.

Alembic is configured here, in code; there is no ini file. The revisions are the package ``migrations`` beside this
one, in a checkout and in a wheel alike.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from rewards_service.kit import schema_postgresql, schema_sqlite
from rewards_service.kit.database import reader_of
from rewards_service.kit.triggers import append_only_tables, create_triggers

HEAD = "head"
BASE = "base"

_DIALECTS = {"sqlite": schema_sqlite, "postgresql": schema_postgresql}


def migrate(engine: Engine, *, to: str = HEAD) -> None:
    """Bring the database up to the revision ``to``; where it is there already, nothing is written.

    One transaction for all steps: a migration that fails leaves the database as it was.
    """
    command.upgrade(alembic_config(engine), to)


def migrate_down(engine: Engine, *, to: str) -> None:
    """Bring the database back to the revision ``to`` (``BASE``: no table at all); rows of dropped tables are lost."""
    command.downgrade(alembic_config(engine), to)


def revision_of(engine: Engine) -> str | None:
    """Return the revision that the database is at, ``None`` before the first."""
    with reader_of(engine).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """Return the revision that this version of the product needs."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert head is not None, "the product comes with migrations"
    return head


def alembic_config(engine: Engine | None = None) -> Config:
    """Return Alembic's settings for the database of ``engine``."""
    config = Config()
    config.set_main_option("script_location", str(_migrations()).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s")
    config.attributes["engine"] = engine
    return config


@contextmanager
def schema_change(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in the one transaction in which the schema changes, and put every trigger back at its end.

    ``engine`` begins transactions the way ``kit.database`` prepares it. On SQLite foreign keys are not enforced on
    the way, because a table is rebuilt by dropping it; they are checked, all of them, before the commit.
    """
    dialect = _DIALECTS[engine.dialect.name]
    with engine.connect() as connection:
        dialect.before_begin(connection)
        try:
            with connection.begin():
                dialect.after_begin(connection)
                yield connection
                _restore_triggers(connection, dialect.tables_with_triggers(connection))
                dialect.before_commit(connection)
        finally:
            dialect.after_end(connection)


def _restore_triggers(connection: Connection, whole: frozenset[str]) -> None:
    """Give every append-only table that is new, or has lost its triggers, its triggers."""
    bare = set(inspect(connection).get_table_names()) - whole
    create_triggers(connection, tuple(name for name in append_only_tables() if name in bare))


def _migrations() -> Path:
    """Return the folder of the revisions."""
    with as_file(files("migrations")) as folder:
        return folder
