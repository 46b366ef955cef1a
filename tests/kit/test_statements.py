"""Statements past SQLAlchemy's execution: the same rows, the same types, the same errors, on both databases."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Column, Integer, MetaData, Table, bindparam, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from rewards_service.kit.database import UtcDateTime, db, read_connection, read_session
from rewards_service.kit.jobs.models import Job, ScheduleSlot
from rewards_service.kit.statements import LIST_KEPT_MAX, Statement
from tests.conftest import NOW
from tests.support.databases import KINDS

INSERT_SLOT = Statement(insert(ScheduleSlot))
SLOTS = Statement(
    select(ScheduleSlot.name, ScheduleSlot.slot)
    .where(ScheduleSlot.name.in_(bindparam("names", expanding=True)), ScheduleSlot.slot >= bindparam("since"))
    .order_by(ScheduleSlot.name)
)
PAYLOAD = {"order_line_id": 7, "quoted": "it's 100 %", "none": None}
JOB = {
    "organization_id": None,
    "kind": "test.kind",
    "queue": "bulk",
    "state": "pending",
    "priority": 5,
    "run_at": NOW,
    "payload": PAYLOAD,
    "done": 0,
    "attempts": 0,
    "attempts_base": 0,
    "is_unresolved": False,
    "created_at": NOW,
}


def slot(name: str, minutes: int = 0) -> dict[str, object]:
    """The columns of a row."""
    return {"name": name, "slot": NOW + timedelta(minutes=minutes), "taken_at": NOW}


class TestStatement:
    def test_passes_and_returns_values_as_their_types_say(self, session: Session):
        added = Statement(insert(Job).returning(Job.id, Job.run_at, Job.payload, Job.is_unresolved))
        ((key, run_at, payload, is_unresolved),) = added.rows(session.connection(), JOB)
        assert (run_at, payload, is_unresolved) == (NOW, PAYLOAD, False)
        assert session.get_one(Job, key).payload == PAYLOAD

    def test_tells_how_many_rows_it_changed(self, session: Session):
        INSERT_SLOT.run_each(session.connection(), [slot("a"), slot("b"), slot("c")])
        moved = Statement(
            update(ScheduleSlot).where(ScheduleSlot.name != bindparam("but")).values(taken_at=bindparam("then"))
        )
        later = NOW + timedelta(hours=1)
        assert moved.run(session.connection(), {"but": "b", "then": later}) == 2
        assert moved.run(session.connection(), {"but": "b", "then": later}) == 2
        assert sorted(session.scalars(select(ScheduleSlot.taken_at))) == [NOW, later, later]

    def test_takes_a_naive_moment_for_a_mistake(self, session: Session):
        with pytest.raises(AssertionError, match="time zone"):
            INSERT_SLOT.run(session.connection(), slot("a") | {"slot": NOW.replace(tzinfo=None)})

    def test_of_text_returns_what_the_driver_gives(self, session: Session):
        numbers = Statement(text("SELECT 1, 'a:b' WHERE :more > 0").bindparams(bindparam("more")))
        assert numbers.rows(session.connection(), {"more": 1}) == [(1, "a:b")]
        assert numbers.scalar(session.connection(), {"more": 1}) == 1
        assert numbers.scalar(session.connection(), {"more": 0}) is None

    def test_of_text_passes_values_as_it_was_told(self, session: Session):
        added = Statement(
            text("INSERT INTO schedule_slot (name, slot, taken_at) VALUES (:name, :slot, :slot)").bindparams(
                bindparam("slot", type_=UtcDateTime)
            )
        )
        added.run(session.connection(), {"name": "a", "slot": NOW})
        assert session.scalars(select(ScheduleSlot.taken_at)).all() == [NOW]

    @pytest.mark.parametrize("count", [0, 1, 2, LIST_KEPT_MAX + 1])
    def test_has_a_place_for_each_value_of_a_list(self, session: Session, count: int):
        names = [f"{number:02}" for number in range(count)]
        if count:
            INSERT_SLOT.run_each(session.connection(), [slot(name) for name in names])
        INSERT_SLOT.run(session.connection(), slot("other"))
        for _ in range(2):
            found = SLOTS.rows(session.connection(), {"names": names, "since": NOW})
            assert found == [(name, NOW) for name in names]
        assert SLOTS.rows(session.connection(), {"names": names, "since": NOW + timedelta(seconds=1)}) == []

    def test_is_part_of_the_transaction(self, session: Session):
        INSERT_SLOT.run(session.connection(), slot("a"))
        session.rollback()
        assert session.scalar(select(func.count()).select_from(ScheduleSlot)) == 0

    def test_is_passed_every_parameter_every_time(self, session: Session):
        added = Statement(text("INSERT INTO schedule_slot (name, slot, taken_at) VALUES (:name, :slot, :taken_at)"))
        with pytest.raises(AssertionError, match="every parameter"):
            added.run(session.connection(), {"name": "a", "slot": NOW})
        INSERT_SLOT.run(session.connection(), slot("a"))
        for row in ({"name": "b"}, slot("b") | {"more": 1}):
            with pytest.raises(AssertionError, match="same names"):
                INSERT_SLOT.run(session.connection(), row)

    def test_is_run_by_nobody_without_a_transaction(self, app: Flask):
        with db.engine.connect() as connection, pytest.raises(AssertionError, match="transaction"):
            INSERT_SLOT.run(connection, slot("a"))

    def test_refuses_as_sqlalchemy_does_and_names_no_value(self, session: Session):
        INSERT_SLOT.run(session.connection(), slot("secret"))
        with pytest.raises(IntegrityError) as refusal, session.begin_nested():
            INSERT_SLOT.run(session.connection(), slot("secret"))
        assert "INSERT INTO schedule_slot" in str(refusal.value)
        assert refusal.value.params is None
        assert session.scalar(select(func.count()).select_from(ScheduleSlot)) == 1

    def test_leaves_defaults_of_python_to_whoever_inserts(self, session: Session):
        table = Table("t", MetaData(), Column("a", Integer), Column("b", Integer, default=1))
        with pytest.raises(AssertionError, match="defaults"):
            Statement(insert(table)).run(session.connection(), {"a": 1})


@pytest.mark.skipif("postgresql" not in KINDS, reason="SQLite has no connection that could be lost")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestConnection:
    def test_that_is_gone_is_given_up(self, session: Session):
        own = Statement(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        connection = session.connection()
        with db.engine.connect(), db.engine.connect():
            pass
        assert db.engine.pool.checkedin() > 0
        with pytest.raises(DBAPIError) as lost:
            own.run(connection, {})
        assert lost.value.connection_invalidated
        assert connection.invalidated
        assert db.engine.pool.checkedin() == 0
        session.rollback()
        assert session.scalar(select(1)) == 1

    def test_that_the_driver_closed_is_told_of_alike(self, session: Session):
        connection = session.connection()
        connection.connection.driver_connection.close()
        with pytest.raises(OperationalError, match="the connection is closed"):
            INSERT_SLOT.run(connection, slot("a"))
        assert connection.invalidated
        session.rollback()

    def test_keeps_what_was_prepared_when_a_read_ends(self, app: Flask):
        every = Statement(select(ScheduleSlot.name).order_by(ScheduleSlot.taken_at))
        for _ in range(5):
            with read_connection() as connection:
                every.rows(connection, {})
            with read_session() as session:
                session.execute(select(ScheduleSlot.name).order_by(ScheduleSlot.slot))
        with read_session() as session:
            prepared = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
        for order in ("taken_at", "slot"):
            assert [each for each in prepared if f"ORDER BY schedule_slot.{order}" in each]
