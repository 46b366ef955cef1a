"""One writer, readers that cannot write, refusals that leave a trace."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    delete,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from rewards_service.kit.database import (
    ATTEMPTS_MAX,
    UtcDateTime,
    db,
    is_transient,
    read_connection,
    read_engine,
    read_session,
    transact,
    unit_of_work,
)
from rewards_service.kit.errors import Refusal
from rewards_service.kit.statements import Statement

note = Table(
    "note",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime),
    CheckConstraint("id >= 0", name="ids_are_not_negative"),
)


@pytest.fixture(autouse=True)
def notes(app) -> None:
    """A table of the test's own."""
    with unit_of_work() as session:
        note.create(session.connection())


def write(session: Session, number: int) -> None:
    session.execute(insert(note).values(id=number))


def numbers() -> list[int]:
    with read_session() as session:
        return list(session.scalars(select(note.c.id).order_by(note.c.id)))


class TestUnitOfWork:
    def test_commits_at_the_end_and_undoes_everything_on_any_exception(self) -> None:
        with unit_of_work() as session:
            write(session, 1)
        with pytest.raises(IntegrityError), unit_of_work() as session:
            session.execute(insert(note), [{"id": 2}, {"id": 1}])
        assert numbers() == [1]

    def test_does_not_nest(self) -> None:
        with unit_of_work() as session:
            write(session, 1)
            with pytest.raises(AssertionError, match="does not nest"), unit_of_work():
                pass

    def test_takes_the_options_of_its_connection(self) -> None:
        with unit_of_work() as session:
            connection = session.connection(execution_options={"logging_token": "note"})
            assert connection.get_execution_options()["logging_token"] == "note"

    def test_gives_a_savepoint_that_undoes_what_follows_it(self) -> None:
        with unit_of_work() as session:
            session.connection().execute(insert(note).values(id=1))
            savepoint = session.begin_nested()
            session.connection().execute(insert(note).values(id=2))
            savepoint.rollback()
            session.connection().execute(insert(note).values(id=3))
        assert numbers() == [1, 3]


class TestReadSession:
    def test_cannot_write_and_the_next_writer_can(self) -> None:
        with pytest.raises(DBAPIError), read_session() as session:
            write(session, 1)
        with unit_of_work() as session:
            write(session, 2)
        assert numbers() == [2]

    def test_sees_one_moment_while_others_write(self, app) -> None:
        with read_session() as session:
            assert session.scalar(select(note.c.id)) is None
            with unit_of_work() as writing:
                write(writing, 1)
        assert numbers() == [1]

    def test_leaves_nothing_behind_on_a_connection_that_was_given_up(self) -> None:
        with read_engine().connect() as connection:
            connection.begin()
            connection.invalidate()
        with unit_of_work() as session:
            write(session, 1)
        assert numbers() == [1]


class TestReadConnection:
    def test_cannot_write_and_the_next_writer_can(self) -> None:
        with pytest.raises(DBAPIError), read_connection() as connection:
            connection.execute(insert(note).values(id=1))
        with pytest.raises(DBAPIError), read_connection() as connection:
            Statement(insert(note)).run(connection, {"id": 2})
        with unit_of_work() as session:
            write(session, 3)
        assert numbers() == [3]


class TestTransact:
    def test_returns_what_the_operation_returns(self) -> None:
        assert transact(lambda session: session.scalar(text("SELECT 7"))) == 7

    def test_undoes_a_refusal_and_keeps_the_trace_that_it_leaves(self) -> None:
        def refuse(session: Session) -> None:
            write(session, 1)
            raise Refusal("No {what}.", what="way")

        with pytest.raises(Refusal, match="No way"):
            transact(refuse, refused=lambda session, _: write(session, 99))
        assert numbers() == [99]

    def test_undoes_all_of_a_refusal_that_leaves_no_trace(self) -> None:
        def refuse(session: Session) -> None:
            write(session, 1)
            raise Refusal

        with pytest.raises(Refusal):
            transact(refuse)
        assert numbers() == []

    def test_stores_nothing_of_what_is_no_refusal(self) -> None:
        def fail(session: Session) -> None:
            write(session, 1)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            transact(fail, refused=lambda session, _: write(session, 99))
        assert numbers() == []

    def test_tries_again_what_the_database_gave_up_on(self) -> None:
        tries = []

        def lose_twice(session: Session) -> str:
            tries.append(1)
            write(session, len(tries))
            if len(tries) < ATTEMPTS_MAX:
                raise DBAPIError("UPDATE", {}, deadlock())
            return "done"

        assert transact(lose_twice) == "done"
        assert numbers() == [ATTEMPTS_MAX]

    def test_gives_up_after_its_tries(self) -> None:
        def lose(_: Session) -> None:
            raise DBAPIError("UPDATE", {}, deadlock())

        with pytest.raises(DBAPIError):
            transact(lose)

    def test_does_not_try_again_what_will_fail_again(self) -> None:
        tries = []

        def break_a_rule(session: Session) -> None:
            tries.append(1)
            session.execute(insert(note).values(id=-1))

        with pytest.raises(IntegrityError) as broken:
            transact(break_a_rule)
        assert not is_transient(broken.value)
        assert len(tries) == 1

    def test_hides_no_row_that_is_twice_by_its_own_fault(self) -> None:
        def make_twice(session: Session) -> None:
            write(session, 1)
            write(session, 1)

        with pytest.raises(IntegrityError):
            transact(make_twice)
        assert numbers() == []


class TestUtcDateTime:
    def test_brings_a_moment_back_in_utc_whatever_its_zone(self) -> None:
        told = datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
        with unit_of_work() as session:
            session.execute(insert(note).values(id=1, at=told))
        with read_session() as session:
            kept = session.scalars(select(note.c.at)).one()
        assert kept == told
        assert kept.tzinfo is UTC or kept.utcoffset() == timedelta(0)

    def test_refuses_a_moment_without_a_zone(self) -> None:
        with pytest.raises(Exception, match="without a time zone"), unit_of_work() as session:
            session.execute(insert(note).values(id=1, at=datetime(2026, 11, 21)))  # noqa: DTZ001 — what is refused

    def test_keeps_nothing_as_nothing(self) -> None:
        with unit_of_work() as session:
            write(session, 1)
        with read_session() as session:
            assert session.scalars(select(note.c.at)).one() is None


class TestConnections:
    def test_go_back_without_a_trace_of_who_had_them(self) -> None:
        for number in range(3):
            with read_session() as session:
                session.scalar(text("SELECT 1"))
            with unit_of_work() as session:
                write(session, number)
        with unit_of_work() as session:
            session.execute(delete(note))
        assert numbers() == []

    def test_that_are_thrown_away_let_the_next_writer_in(self) -> None:
        with unit_of_work() as session:
            write(session, 1)
            session.connection().invalidate()
            session.rollback()
        with unit_of_work() as session:
            write(session, 2)
        assert numbers() == [2]

    def test_begin_as_the_engine_says_whoever_opens_them(self) -> None:
        begun: list[Connection] = []
        event.listen(db.engine, "begin", begun.append)
        with unit_of_work() as session:
            write(session, 1)
        assert len(begun) == 1


def deadlock() -> Exception:
    """What psycopg raises when PostgreSQL ends a transaction for the sake of another."""
    error = Exception("deadlock detected")
    error.sqlstate = "40P01"
    return error


class TestOvertaken:
    """Another transaction makes the same row between a look and an insert; on SQLite there is nobody else then."""

    @pytest.fixture
    def database_url(self, databases, tmp_path):
        """The database on which several write at once."""
        with databases.filled("postgresql", tmp_path) as url:
            yield url

    def test_decides_anew_once_it_sees_what_the_other_made(self) -> None:
        seen: list[list[int]] = []

        def make_once(session: Session) -> str:
            seen.append(list(session.scalars(select(note.c.id))))
            if seen[-1]:
                return "there already"
            with db.engine.begin() as other:
                other.execute(insert(note).values(id=1))
            write(session, 1)
            return "made"

        assert transact(make_once) == "there already"
        assert seen == [[], [1]]

    def test_is_still_refused_what_is_refused_in_sequence(self) -> None:
        def make_once(session: Session) -> None:
            if session.scalar(select(note.c.id)) is not None:
                raise Refusal("Made with other content.")
            with db.engine.begin() as other:
                other.execute(insert(note).values(id=1))
            write(session, 1)

        with pytest.raises(Refusal, match="other content"):
            transact(make_once)
        assert numbers() == [1]
