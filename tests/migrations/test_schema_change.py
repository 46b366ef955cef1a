"""The one transaction in which a schema changes: filled tables are rebuilt, triggers stay, nothing is half done."""

import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Engine, Integer, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from rewards_service.codes.errors import BatchConflicts
from rewards_service.codes.operations import CodeTerms, create_batch
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.database import unit_of_work
from rewards_service.kit.schema import migrate, migrate_down, newest_revision, revision_of, schema_change
from rewards_service.kit.schema_sqlite import ForeignKeysBroken
from rewards_service.programs.models import Program
from rewards_service.programs.queries import value_unit
from rewards_service.wallets.operations import AwardTerms, Recipient, award_value
from tests.conftest import NOW
from tests.migrations.test_history import REVISIONS
from tests.support.made_up import make_program
from tests.support.shape import shape_of, tables_of, triggers_of
from tests.support.source import ROOT

STRAY = """
    INSERT INTO partner (id, public_id, organization_id, external_id, name, created_at)
    VALUES (1, 'par_1', 999, 'H1', 'Nobody', '2026-11-21 09:00:00')
"""
STARTING_SECONDS_MAX = 240
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


def fill() -> None:
    """Let a program award something: rows in tables that others point to, and in append-only ones."""
    with unit_of_work() as session:
        program = make_program(session, external_id="demo", now=NOW)
        terms = AwardTerms(100, value_unit(program, name=None), "Launch")
        recipient = Recipient(address="ana@example.com")
        award_value(
            session, program=program, recipient=recipient, terms=terms, external_id="A-1", actor=SYSTEM, now=NOW
        )


def rows_of(engine: Engine) -> dict[str, list[str]]:
    """Return every row of every table that is there."""
    with engine.connect() as connection:
        return {
            table: sorted(map(repr, connection.exec_driver_sql(f"SELECT * FROM {table}").all()))
            for table in tables_of(engine)
        }


def rebuild_entry(connection) -> None:
    """Change ``entry`` in the way in which SQLite has to rebuild it."""
    with Operations(MigrationContext.configure(connection)).batch_alter_table("entry") as batch:
        batch.add_column(Column("weight", Integer(), server_default="0", nullable=False))
        batch.create_check_constraint("kind_is_short", "length(kind) < 20")


class TestSchemaChange:
    def test_keeps_rows_and_triggers_of_a_filled_table_that_is_rebuilt(self, engine: Engine):
        migrate(engine)
        fill()
        triggers = triggers_of(engine)

        with schema_change(engine) as connection:
            rebuild_entry(connection)

        assert triggers_of(engine) == triggers
        with engine.connect() as connection:
            assert connection.execute(text("SELECT kind, weight FROM entry")).all() == [("award", 0)]

    @pytest.mark.parametrize("statement", ["UPDATE entry SET kind = 'x'", "DELETE FROM entry"])
    def test_leaves_append_only_tables_append_only(self, engine: Engine, statement: str):
        migrate(engine)
        fill()
        with schema_change(engine) as connection:
            rebuild_entry(connection)

        with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
            connection.exec_driver_sql(statement)

    def test_undoes_everything_when_a_step_fails(self, engine: Engine):
        migrate(engine)
        fill()
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
            connection.exec_driver_sql(STRAY)

    def test_is_not_committed_with_rows_that_point_to_nothing(self, engine: Engine):
        migrate(engine)
        fill()

        with pytest.raises((ForeignKeysBroken, IntegrityError)), schema_change(engine) as connection:
            connection.exec_driver_sql("DELETE FROM organization")

        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM organization").scalar() == 1


class TestMigrateFilled:
    def test_leaves_the_rows_of_older_tables_alone_on_the_way_down_and_up(self, engine: Engine):
        migrate(engine)
        fill()
        before = rows_of(engine)

        for script in reversed(REVISIONS[1:]):
            migrate_down(engine, to=script.down_revision)
            kept = rows_of(engine)
            assert kept == {table: before[table] for table in kept}, script.down_revision
        migrate(engine)

        assert rows_of(engine).keys() == before.keys()
        assert revision_of(engine) == newest_revision()


class TestAskedEnds:
    @pytest.fixture(autouse=True)
    def filled(self, engine: Engine) -> None:
        migrate(engine)
        fill()

    def give(self, days: int | None) -> None:
        """Let the program give its codes so many days."""
        with unit_of_work() as session:
            session.scalars(select(Program)).one().code_days = days

    def ask(self, *, expires_at: datetime | None = None) -> int:
        """Ask for a batch, and return its key."""
        with unit_of_work() as session:
            program = session.scalars(select(Program)).one()
            terms = CodeTerms(100, value_unit(program, name=None), expires_at)
            batch = create_batch(
                session, program=program, external_id="B-1", count=1, terms=terms, actor=SYSTEM, now=NOW
            )
            return batch.id

    @pytest.mark.parametrize(("days", "days_later"), [(None, 30), (30, None)])
    @pytest.mark.parametrize("expires_at", [None, NOW + timedelta(days=7)])
    def test_of_batches_that_were_there_before_are_known_again(
        self, engine: Engine, days: int | None, days_later: int | None, expires_at: datetime | None
    ):
        self.give(days)
        batch_id = self.ask(expires_at=expires_at)
        self.give(days_later)
        migrate_down(engine, to="0011_throttle_alarm")
        migrate(engine)
        assert self.ask(expires_at=expires_at) == batch_id
        with pytest.raises(BatchConflicts):
            self.ask(expires_at=NOW + timedelta(days=8))


class TestMigrateTogether:
    def test_lets_several_starting_processes_wait_for_each_other(self, engine: Engine):
        url = engine.url.render_as_string(hide_password=False)
        starting = [
            subprocess.Popen([sys.executable, "-c", STARTING, url], cwd=ROOT, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        said = [process.communicate(timeout=STARTING_SECONDS_MAX)[1] for process in starting]

        assert [(process.returncode, text) for process, text in zip(starting, said, strict=True)] == [(0, "")] * 2
        assert revision_of(engine) == newest_revision()
