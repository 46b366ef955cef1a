"""Why a writing transaction begins as it does: the same story with our rules and without them."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Column, Engine, Integer, MetaData, Table, create_engine, event, insert, select, update

from rewards_service.kit.database import connect_database, db
from rewards_service.kit.database_sqlite import DatabaseBusy, WriterLock

START = 100
PATIENCE_SECONDS = 0.5
account = Table("purse", MetaData(), Column("id", Integer, primary_key=True), Column("units", Integer))


class TestReadThenWrite:
    def test_loses_nothing_by_our_rules(self, ours: Engine) -> None:
        spend_twice(ours)
        assert left(ours) == START - 2

    def test_loses_a_spend_when_the_rules_are_taken_away(self, path: Path) -> None:
        bare = create_engine(f"sqlite:///{path}")
        spend_twice(bare)
        assert left(bare) == START - 1
        bare.dispose()

    def test_fails_with_a_deferred_begin(self, path: Path) -> None:
        deferred = create_engine(f"sqlite:///{path}")
        event.listen(deferred, "connect", begin_ourselves)
        event.listen(deferred, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        assert spend_twice(deferred) == ["OperationalError"]
        deferred.dispose()


class TestWriterLock:
    def test_is_one_at_a_time_and_fair_to_whoever_waits(self, tmp_path: Path) -> None:
        lock, order = WriterLock(tmp_path / "lock"), []
        lock.acquire()
        waiting = threading.Thread(target=lambda: (lock.acquire(), order.append("second"), lock.release()))
        waiting.start()
        order.append("first")
        lock.release()
        waiting.join()
        assert order == ["first", "second"]

    def test_refuses_at_once_to_wait_for_itself(self, tmp_path: Path) -> None:
        lock = WriterLock(tmp_path / "lock")
        lock.acquire()
        with pytest.raises(AssertionError, match="does not nest"):
            lock.acquire()
        lock.release()

    def test_gives_up_after_a_limit(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("rewards_service.kit.database_sqlite.WRITER_WAIT_SECONDS_MAX", 0.05)
        lock, said = WriterLock(tmp_path / "lock"), []
        lock.acquire()

        def wait() -> None:
            try:
                lock.acquire()
            except DatabaseBusy as busy:
                said.append(busy.status)

        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join()
        lock.release()
        assert said == [503]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with one purse."""
    file = tmp_path / "race.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        account.create(connection)
        connection.execute(insert(account).values(id=1, units=START))
    engine.dispose()
    return file


@pytest.fixture
def ours(path: Path) -> Iterator[Engine]:
    """The engine as the product builds it."""
    app = Flask("race")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{path}"
    connect_database(app)
    with app.app_context():
        yield db.engine
        db.engine.dispose()


def spend_twice(engine: Engine) -> list[str]:
    """Two threads read the purse and write one less; neither writes before both have read, if both can.

    Returns the names of the errors that they met.
    """
    has_read = [threading.Event(), threading.Event()]
    errors: list[str] = []

    def spend(me: int) -> None:
        try:
            with engine.begin() as connection:
                units = connection.scalar(select(account.c.units))
                has_read[me].set()
                has_read[1 - me].wait(PATIENCE_SECONDS)
                connection.execute(update(account).values(units=units - 1))
        except Exception as error:  # noqa: BLE001 — its name is what the test asks for
            errors.append(type(error).__name__)

    threads = [threading.Thread(target=spend, args=(me,)) for me in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def left(engine: Engine) -> int:
    """What the purse holds."""
    with engine.connect() as connection:
        return connection.scalar(select(account.c.units))


def begin_ourselves(dbapi_connection, _) -> None:
    """Take the transactions of a connection over from the driver."""
    dbapi_connection.isolation_level = None
