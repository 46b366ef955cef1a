"""Rows that are only ever added cannot be changed or removed, whoever asks, until the triggers are taken away."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from rewards_service.kit.database import unit_of_work
from rewards_service.kit.triggers import append_only, append_only_tables, create_triggers, drop_triggers
from rewards_service.programs.models import Program
from tests.ledger.stage import Stage

CHANGES = ["UPDATE entry SET kind = 'other'", "UPDATE posting SET units = units + 1", "DELETE FROM posting"]


@pytest.fixture
def books(session: Session, program: Program, now) -> Session:
    """A session on books with one entry."""
    Stage(session, program, now).award("ANA", 100)
    return session


def refused(session: Session, change: str) -> bool:
    """Tell whether the database refuses a change."""
    try:
        with session.begin_nested():
            session.execute(text(change))
    except DBAPIError as error:
        return "append-only" in str(error.orig)
    return False


class TestAppendOnly:
    @pytest.mark.parametrize("change", CHANGES)
    def test_refuses_to_change_or_remove_a_row(self, change: str, books: Session):
        assert refused(books, change)

    @pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
    def test_refuses_to_empty_a_table(self, books: Session):
        assert refused(books, "TRUNCATE lot_movement CASCADE")

    def test_lets_rows_be_added(self, books: Session, program: Program, now):
        assert Stage(books, program, now).award("BEN", 100)

    def test_knows_every_table_of_the_books_that_only_grows(self):
        assert {"entry", "posting", "lot_movement"} <= set(append_only_tables())

    def test_stands_on_tables_alone(self):
        with pytest.raises(AssertionError):
            append_only(text("SELECT 1").columns().subquery())


class TestDropTriggers:
    def test_takes_them_away_and_create_triggers_puts_them_back(self, app: Flask, program: Program, now):
        with unit_of_work() as session:
            session.add(program)
            Stage(session, program, now).award("ANA", 100)
        with unit_of_work() as session:
            connection = session.connection()
            drop_triggers(connection, ("posting",))
            assert not refused(session, "UPDATE posting SET units = units")
            create_triggers(connection, ("posting",))
            assert refused(session, "UPDATE posting SET units = units")
            drop_triggers(connection, ("posting",))
            drop_triggers(connection, ("posting",))
            create_triggers(connection, ("posting",))
