"""Every revision up and down, on both databases: the tables are those that are declared, and no trigger is lost."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, inspect

from rewards_service.kit.schema import BASE, alembic_config, migrate, migrate_down, newest_revision, revision_of
from rewards_service.kit.triggers import append_only_tables
from tests.migrations.test_history import REVISIONS
from tests.support.databases import Databases
from tests.support.schema import build_schema
from tests.support.shape import shape_of, tables_of, triggers_of


def expected_triggers(engine: Engine, declared: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Return those of the declared triggers whose table is there."""
    present = tables_of(engine)
    return [trigger for trigger in declared if trigger[0] in present]


@pytest.fixture
def declared(engine: Engine, databases: Databases, tmp_path_factory: pytest.TempPathFactory):
    """What the models declare, as a database of the same kind tells it."""
    with databases.blank(engine.dialect.name, tmp_path_factory.mktemp("declared")) as url:
        build_schema(url)
        other = create_engine(url)
        yield shape_of(other)
        other.dispose()


class TestMigrate:
    def test_makes_what_the_models_declare(self, engine: Engine, declared):
        migrate(engine)

        assert shape_of(engine) == declared

    def test_makes_it_on_sqlite_also_after_postgresql(self, databases: Databases, tmp_path: Path):
        for kind in ("postgresql", "sqlite"):
            with databases.blank(kind, tmp_path) as url:
                build_schema(url)
                built = create_engine(url)
                keys = inspect(built).get_foreign_keys("unit")
                built.dispose()
            assert {key["referred_table"] for key in keys} == {"organization", "program"}, kind

    def test_leaves_nothing_for_a_new_revision(self, engine: Engine):
        migrate(engine)

        command.check(alembic_config(engine))

    def test_says_where_it_is(self, engine: Engine):
        before = revision_of(engine)
        migrate(engine)

        assert (before, revision_of(engine)) == (None, newest_revision())

    def test_changes_nothing_the_second_time(self, engine: Engine):
        migrate(engine)
        once = shape_of(engine)
        migrate(engine)

        assert shape_of(engine) == once


class TestEachRevision:
    def test_keeps_every_trigger_on_the_way_up_and_back(self, engine: Engine, declared):
        assert {trigger[0] for trigger in declared["triggers"]} == set(append_only_tables())
        shapes = [shape_of(engine)]
        for script in REVISIONS:
            migrate(engine, to=script.revision)
            assert triggers_of(engine) == expected_triggers(engine, declared["triggers"]), script.revision
            shapes.append(shape_of(engine))
        for script in reversed(REVISIONS):
            assert shape_of(engine) == shapes.pop(), script.revision
            migrate_down(engine, to=script.down_revision or BASE)
            assert triggers_of(engine) == expected_triggers(engine, declared["triggers"]), script.revision

    def test_leaves_no_table_behind(self, engine: Engine):
        migrate(engine)
        migrate_down(engine, to=BASE)

        assert tables_of(engine) == set()
        assert revision_of(engine) is None
