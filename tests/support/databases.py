"""Fresh databases for tests: the schema is built once per run, then copied, or emptied and used again."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine

from tests.support.postgresql import NoPostgresql, PostgresqlServer, start_server

KINDS = tuple(os.environ.get("REWARDS_TEST_DATABASES", "sqlite,postgresql").split(","))
KEPT_TABLES = ("alembic_version",)
SHAPE = """
    SELECT (SELECT count(*) FROM pg_class), (SELECT max(oid) FROM pg_class), (SELECT count(*) FROM pg_trigger),
           (SELECT max(oid) FROM pg_trigger), (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_constraint)
"""
EMPTY = """
    DO $$ DECLARE statement text; BEGIN
        SET LOCAL session_replication_role = replica;
        FOR statement IN SELECT format('DELETE FROM %I', tablename) FROM pg_tables
            WHERE schemaname = 'public' AND tablename <> ALL ({kept}) LOOP EXECUTE statement; END LOOP;
        FOR statement IN SELECT format('ALTER SEQUENCE %I RESTART', sequencename) FROM pg_sequences
            WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP EXECUTE statement; END LOOP;
    END $$
""".format(kept=f"ARRAY{list(KEPT_TABLES)}::name[]")


@dataclass
class Databases:
    """Hands out databases of either kind; one per test process.

    ``build_schema`` fills an empty database, given its URL. SQLite files are copied from one that it filled. A
    PostgreSQL database is emptied after a test and handed to the next, because a copy of a template takes a tenth of
    a second; where a test changed the schema, a new one is made from the template.
    """

    directory: Path
    build_schema: Callable[[str], None]
    servers: list[PostgresqlServer] = field(default_factory=list)
    ready: list[str] = field(default_factory=list)
    made: int = 0

    @contextmanager
    def filled(self, kind: str, directory: Path) -> Iterator[str]:
        """Give the URL of a database that has every table and no row."""
        if kind == "sqlite":
            yield self._sqlite_copy(directory / "rewards.sqlite")
            return
        name = self.ready.pop() if self.ready else self._copy_of_template()
        shape = self._shape(name)
        yield self._server().url(name)
        self._disconnect_others(name)
        if self._shape(name) == shape:
            self._execute(name, EMPTY)
            self.ready.append(name)
        else:
            self._execute("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def blank(self, kind: str, directory: Path) -> Iterator[str]:
        """Give the URL of a database without any table."""
        if kind == "sqlite":
            yield f"sqlite:///{directory / 'blank.sqlite'}"
            return
        name = self._new_name()
        self._execute("postgres", f"CREATE DATABASE {name}")
        yield self._server().url(name)
        self._execute("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Stop the server, if one was needed."""
        while self.servers:
            self.servers.pop().stop()

    def _sqlite_copy(self, target: Path) -> str:
        """Copy the filled file, made on the first call, to ``target`` and return the copy's URL."""
        template = self.directory / "template.sqlite"
        if not template.exists():
            building = self.directory / "building.sqlite"
            self.build_schema(f"sqlite:///{building}")
            engine = create_engine(f"sqlite:///{building}")
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            engine.dispose()
            building.rename(template)
        shutil.copyfile(template, target)
        return f"sqlite:///{target}"

    def _server(self) -> PostgresqlServer:
        """Return the running server; the first call starts it and builds the template."""
        if not self.servers:
            self.servers.append(_start_or_skip())
            self._execute("postgres", "CREATE DATABASE template_rewards")
            self.build_schema(self.servers[0].url("template_rewards"))
        return self.servers[0]

    def _copy_of_template(self) -> str:
        """Create a database from the template and return its name."""
        self._server()
        name = self._new_name()
        self._execute("postgres", f"CREATE DATABASE {name} TEMPLATE template_rewards STRATEGY file_copy")
        return name

    def _new_name(self) -> str:
        """Return a database name not used before."""
        self.made += 1
        return f"test_{self.made}"

    def _shape(self, name: str) -> tuple[int, ...]:
        """Return figures that change when somebody creates or drops anything in the schema of ``name``."""
        with self._connect(name) as connection:
            return tuple(connection.execute(SHAPE).fetchone() or ())

    def _disconnect_others(self, name: str) -> None:
        """End connections that a test left behind, so that their locks do not stand in the next one's way."""
        self._execute("postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def _execute(self, database: str, statement: str) -> None:
        """Run one statement outside any transaction."""
        with self._connect(database) as connection:
            connection.execute(statement)

    def _connect(self, database: str) -> psycopg.Connection:
        """Connect to ``database`` of the running server."""
        return psycopg.connect(f"host={self._server().directory} user=rewards dbname={database}", autocommit=True)


def _start_or_skip() -> PostgresqlServer:
    """Start a server, or skip the test with a line that says what to install."""
    try:
        return start_server()
    except NoPostgresql as missing:
        pytest.skip(str(missing))
