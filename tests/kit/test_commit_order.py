"""Up to where entries are complete, while others are still writing theirs."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.kit.commit_order import order_column, read_horizon, wait_for_writers
from rewards_service.kit.database import read_session, unit_of_work
from rewards_service.ledger.models import Entry
from rewards_service.programs.models import Program
from tests.ledger.stage import Stage


@contextmanager
def writing(app: Flask, program: Program, now) -> Iterator[None]:
    """Another transaction that has added an entry and is not over yet."""
    has_written, may_end = Event(), Event()

    def write() -> None:
        with app.app_context(), unit_of_work() as session:
            Stage(session, session.merge(program, load=False), now).award("LATE", 100)
            has_written.set()
            may_end.wait(10)

    thread = Thread(target=write)
    thread.start()
    has_written.wait(10)
    try:
        yield
    finally:
        may_end.set()
        thread.join()


def complete(session: Session) -> list[int]:
    """The entries below the horizon."""
    order = order_column(session, key=Entry.id, mark=Entry.commit_mark)
    return list(session.scalars(select(Entry.id).where(order < read_horizon(session, key=Entry.id).below)))


@pytest.fixture
def first(app: Flask, program: Program, now) -> int:
    """An entry that is committed."""
    with unit_of_work() as session:
        session.add(program)
        return Stage(session, program, now).award("FIRST", 100)


class TestHorizon:
    def test_is_past_what_is_committed(self, first: int):
        with read_session() as session:
            assert complete(session) == [first]

    def test_is_not_past_what_may_still_be(self, app: Flask, program: Program, first: int, now):
        with writing(app, program, now), read_session() as session:
            assert complete(session) == [first]
        with read_session() as session:
            assert len(complete(session)) == 2

    def test_says_whose_marks_it_counts(self, first: int):
        with read_session() as session:
            one, other = (read_horizon(session, key=Entry.id) for _ in range(2))
        assert one.cluster == other.cluster

    def test_is_one_in_a_table_without_rows(self, app: Flask):
        with read_session() as session:
            assert read_horizon(session, key=Entry.id).below >= 1
            assert complete(session) == []


class TestWaitForWriters:
    def test_comes_back_when_nobody_writes_any_more(self, app: Flask, program: Program, first: int, now):
        with writing(app, program, now):
            pass
        with unit_of_work() as session:
            wait_for_writers(session, table="entry")
            assert len(complete(session)) == 2
