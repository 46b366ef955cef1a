"""The one transaction in which a schema changes: filled tables are rebuilt, triggers stay, nothing is half done."""

import subprocess
import sys

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Engine, Integer, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from rewards_service.kit.schema import migrate, migrate_down, newest_revision, revision_of, schema_change
from rewards_service.kit.schema_sqlite import ForeignKeysBroken
from tests.migrations.test_history import REVISIONS
from tests.support.shape import shape_of, triggers_of
from tests.support.source import ROOT

FILL = (
    "INSERT INTO organization VALUES (1, 'org_1', 'demo', 'Demo', 'EUR', 'UTC', '2026-11-21 09:00:00')",
    """
    INSERT INTO entry (id, organization_id, kind, source_type, source_ref, booked_on, effective_on, recorded_at, actor)
    VALUES (1, 1, 'award', 'award', 'a', '2026-11-21', '2026-11-21', '2026-11-21 09:00:00', 'system')
    """,
    "INSERT INTO unit (id, organization_id, symbol, kind, currency, exponent) VALUES (1, 1, 'EUR', 'money', 'EUR', 2)",
)
STARTING = """
import sys
from flask import Flask
from rewards_service.kit.database import connect_database, db
from rewards_service.kit.schema import migrate
from tests.support.schema import import_all_models

import_all_models()
application = Flask("starting")
application.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[1]
connect_database(application)
with application.app_context():
    migrate(db.engine)
"""


def fill(engine: Engine) -> None:
    """Put a row into a table that others point to, and one into an append-only table that points to it."""
    with engine.begin() as connection:
        for statement in FILL:
            connection.exec_driver_sql(statement)


def rebuild_entry(connection) -> None:
    """Change ``entry`` in the way in which SQLite has to rebuild it."""
    with Operations(MigrationContext.configure(connection)).batch_alter_table("entry") as batch:
        batch.add_column(Column("weight", Integer(), server_default="0", nullable=False))
        batch.create_check_constraint("kind_is_short", "length(kind) < 20")


class TestSchemaChange:
    def test_keeps_rows_and_triggers_of_a_filled_table_that_is_rebuilt(self, engine: Engine):
        migrate(engine)
        fill(engine)
        triggers = triggers_of(engine)

        with schema_change(engine) as connection:
            rebuild_entry(connection)

        assert triggers_of(engine) == triggers
        with engine.connect() as connection:
            assert connection.execute(text("SELECT id, weight FROM entry")).all() == [(1, 0)]

    @pytest.mark.parametrize("statement", ["UPDATE entry SET kind = 'x'", "DELETE FROM entry"])
    def test_leaves_append_only_tables_append_only(self, engine: Engine, statement: str):
        migrate(engine)
        fill(engine)
        with schema_change(engine) as connection:
            rebuild_entry(connection)

        with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
            connection.exec_driver_sql(statement)

    def test_undoes_everything_when_a_step_fails(self, engine: Engine):
        migrate(engine)
        fill(engine)
        before = shape_of(engine)

        with pytest.raises(OperationalError if engine.dialect.name == "sqlite" else ProgrammingError):
            self.rebuild_and_fail(engine)

        assert shape_of(engine) == before

    def rebuild_and_fail(self, engine: Engine) -> None:
        with schema_change(engine) as connection:
            rebuild_entry(connection)
            connection.exec_driver_sql("SELECT nothing FROM nowhere")

    def test_enforces_foreign_keys_again_afterwards(self, engine: Engine):
        migrate(engine)

        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.exec_driver_sql(FILL[2])

    def test_is_not_committed_with_rows_that_point_to_nothing(self, engine: Engine):
        migrate(engine)
        fill(engine)

        with pytest.raises((ForeignKeysBroken, IntegrityError)), schema_change(engine) as connection:
            connection.exec_driver_sql("DELETE FROM organization")

        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM organization").scalar() == 1


class TestMigrateFilled:
    def test_leaves_rows_of_older_tables_alone_on_the_way_down_and_up(self, engine: Engine):
        migrate(engine)
        fill(engine)
        rows = ("SELECT * FROM organization", "SELECT * FROM unit")
        before = [self.read(engine, sql) for sql in rows]

        for script in reversed(REVISIONS[2:]):
            migrate_down(engine, to=script.down_revision)
        kept = [self.read(engine, sql) for sql in rows]
        migrate(engine)

        assert [before, before] == [kept, [self.read(engine, sql) for sql in rows]]
        assert revision_of(engine) == newest_revision()

    def read(self, engine: Engine, sql: str) -> list[tuple[object, ...]]:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql)]


class TestMigrateTogether:
    def test_lets_several_starting_processes_wait_for_each_other(self, engine: Engine):
        url = engine.url.render_as_string(hide_password=False)
        starting = [
            subprocess.Popen([sys.executable, "-c", STARTING, url], cwd=ROOT, stderr=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        said = [process.communicate(timeout=60)[1] for process in starting]

        assert [(process.returncode, text) for process, text in zip(starting, said, strict=True)] == [(0, "")] * 3
        assert revision_of(engine) == newest_revision()
