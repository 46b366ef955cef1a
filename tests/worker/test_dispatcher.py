"""A worker in threads of its own: wakes up, waits out a database that is away, stops cleanly."""

import threading
import time
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from rewards_service.kit.database import db, read_session, transact
from rewards_service.kit.jobs import Done, JobKind, JobState, count_by_state, enqueue
from rewards_service.kit.jobs.bell import BELL
from rewards_service.kit.jobs.waking_postgresql import CHANNEL
from rewards_service.worker import patience
from rewards_service.worker.patience import Patience
from rewards_service.worker.signs import find_gone
from rewards_service.worker.timetable import TimetableEntry

SECONDS_MAX = 20


def wait_until(condition):
    """Wait for ``condition`` to hold, but not for ever."""
    give_up_at = time.monotonic() + SECONDS_MAX
    while not condition():
        assert time.monotonic() < give_up_at, "it never happened"
        time.sleep(0.02)


def succeeds(action):
    """Tell whether ``action`` brought something about; a database that is away is no reason to fail."""
    try:
        return action()
    except OperationalError:
        return False


def count(state):
    with read_session() as reader:
        return count_by_state(reader)[state]


def kind(settle=lambda *_: Done(), *, name="a.b", queue="default", **more):
    return JobKind(name, queue, 3, settle, **more)


@pytest.fixture
def running(bench, tmp_path):
    """Start workers on given kinds; all of them are stopped at the end."""

    def start(*kinds, **more):
        worker = bench.worker(*kinds, **more)
        worker.start(signs=tmp_path / "workers")
        return worker

    yield start
    for worker in bench.workers:
        worker.stop()


class TestWorker:
    def test_runs_what_is_filed_while_it_waits(self, bench, running):
        running(kind(), kind(name="c.d", queue="money", perform=lambda *_: None))
        ids = [bench.file("a.b"), bench.file("c.d")]
        wait_until(lambda: all(bench.job(job_id).state == "done" for job_id in ids))

    def test_wakes_when_a_job_is_filed_and_does_not_only_look_now_and_then(self, bench, running, monkeypatch):
        monkeypatch.setattr("rewards_service.worker.dispatcher.poll_seconds", lambda _: 60.0)
        running(kind())
        time.sleep(0.5)
        job_id = bench.file()
        wait_until(lambda: bench.job(job_id).state == "done")

    def test_hears_what_another_process_files(self, bench, running, monkeypatch):
        if db.engine.dialect.name != "postgresql":
            return
        rang = threading.Event()
        monkeypatch.setattr(BELL, "ring", rang.set)
        running(kind())
        arguments, options = db.engine.dialect.create_connect_args(db.engine.url)
        with psycopg.connect(*arguments, **{**options, "autocommit": True}) as other:
            wait_until(lambda: other.execute(f"NOTIFY {CHANNEL}") and rang.wait(0.2))

    def test_looks_by_itself_when_nobody_rings(self, bench, running, monkeypatch):
        monkeypatch.setattr(BELL, "ring", lambda: None)
        running(kind())
        job_id = bench.file()
        wait_until(lambda: bench.job(job_id).state == "done")

    def test_does_not_write_while_nothing_is_due(self, bench, running, monkeypatch):
        written = []
        monkeypatch.setattr("rewards_service.worker.dispatcher.transact", written.append)
        worker = bench.worker(kind())
        for _ in range(3):
            worker.tick()
        assert written == []

    def test_finishes_what_it_began_and_gives_back_the_rest_when_it_stops(self, bench, running):
        begun, go_on = threading.Event(), threading.Event()

        def dawdle(*_):
            begun.set()
            go_on.wait(SECONDS_MAX)

        worker = running(kind(queue="mail", perform=dawdle))
        ids = transact(lambda session: [enqueue(session, kind="a.b", payload={}, now=bench.clock.now()) for _ in "ab"])
        assert begun.wait(SECONDS_MAX)
        stopping = threading.Thread(target=worker.stop)
        stopping.start()
        wait_until(worker._stop.is_set)
        go_on.set()
        stopping.join(SECONDS_MAX)
        assert sorted(bench.job(job_id).state for job_id in ids) == ["done", "pending"]

    def test_is_not_gone_for_others_while_it_is_in_the_middle_of_something(self, bench, running, monkeypatch, tmp_path):
        monkeypatch.setattr("rewards_service.worker.dispatcher.STOP_SECONDS_MAX", 0.1)
        begun, go_on = threading.Event(), threading.Event()

        def dawdle(*_):
            begun.set()
            go_on.wait(SECONDS_MAX)

        worker = running(kind(queue="mail", perform=dawdle))
        bench.file()
        assert begun.wait(SECONDS_MAX)
        worker.stop()
        assert find_gone(tmp_path / "workers") == set()
        go_on.set()
        wait_until(lambda: not any(thread.is_alive() for thread in worker._threads))
        worker.stop()
        assert find_gone(tmp_path / "workers") == {worker.name}

    def test_leaves_no_connection_in_use(self, bench, running):
        worker = running(kind())
        job_id = bench.file()
        wait_until(lambda: bench.job(job_id).state == "done")
        worker.stop()
        assert db.engine.pool.checkedout() == 0


class TestDrain:
    def test_does_not_go_on_for_ever(self, bench, monkeypatch):
        monkeypatch.setattr("rewards_service.worker.dispatcher.DRAIN_ROUNDS_MAX", 1)
        worker = bench.worker(kind(queue="money"))
        bench.file()
        bench.file()
        assert worker.drain() == 1


class TestVanishedDatabase:
    def test_is_waited_for_and_said(self, bench, running, monkeypatch, logs, tmp_path):
        monkeypatch.setattr(patience, "FIRST_SECONDS", 0.05)
        worker = bench.worker(kind())
        run_batch, failures = worker._runner.run_batch, iter([True, True, False])

        def away_for_a_while(*args, **kwargs):
            if next(failures, False):
                raise OperationalError("SELECT", {}, Exception("the server closed the connection"))
            return run_batch(*args, **kwargs)

        monkeypatch.setattr(worker._runner, "run_batch", away_for_a_while)
        worker.start(signs=tmp_path / "workers")
        job_id = bench.file()
        wait_until(lambda: bench.job(job_id).state == "done")
        assert [entry["seconds"] for entry in logs if entry["event"] == "worker_waits"][:1] == [0.05]

    def test_is_used_again_when_it_is_back(self, bench, running, monkeypatch):
        if db.engine.dialect.name != "postgresql":
            return
        monkeypatch.setattr(patience, "FIRST_SECONDS", 0.05)
        running(kind())
        first = bench.file()
        wait_until(lambda: bench.job(first).state == "done")
        with db.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        wait_until(lambda: succeeds(bench.file))
        wait_until(lambda: succeeds(lambda: count(JobState.DONE) == 2))


class TestPatience:
    def test_waits_longer_each_time_but_not_for_ever(self, monkeypatch):
        waits, stop = [], threading.Event()
        monkeypatch.setattr(stop, "wait", waits.append)
        waiting = Patience(stop)
        for _ in range(9):
            with waiting:
                raise ZeroDivisionError
        assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]

    def test_begins_anew_after_a_good_while(self, monkeypatch):
        waits, stop = [], threading.Event()
        monkeypatch.setattr(stop, "wait", waits.append)
        monkeypatch.setattr(patience, "WELL_AGAIN_SECONDS", -1)
        waiting = Patience(stop)
        for _ in range(2):
            with waiting:
                raise ZeroDivisionError
        assert waits == [0.5, 0.5]

    def test_lets_the_end_of_the_process_pass(self):
        with pytest.raises(SystemExit), Patience(threading.Event()):
            raise SystemExit


class TestTimetable:
    ENTRY = TimetableEntry("a.b", every=timedelta(hours=1), after=timedelta(minutes=10))

    def test_files_a_job_once_in_each_period(self, bench, clock):
        worker, other = (bench.worker(kind(), timetable=(self.ENTRY,)) for _ in range(2))
        counts = []
        for minutes in (0, 5, 10, 50, 10):
            clock.advance(timedelta(minutes=minutes))
            worker.tick()
            other.tick()
            counts.append(worker.drain())
        assert counts == [1, 0, 1, 0, 1]

    def test_makes_up_once_for_what_was_missed(self, bench, clock):
        worker = bench.worker(kind(), timetable=(self.ENTRY,))
        worker.tick()
        clock.advance(timedelta(days=3))
        worker.tick()
        assert count(JobState.PENDING) == 1

    def test_is_looked_at_now_and_then_and_when_the_clock_was_set_back(self, bench, clock, monkeypatch):
        looks = []
        monkeypatch.setattr("rewards_service.worker.dispatcher.due_entries", lambda *_, now, **__: looks.append(now))
        worker = bench.worker(kind(), timetable=(self.ENTRY,))
        for seconds in (0, 14, 1, 1, -5):
            clock.advance(timedelta(seconds=seconds))
            worker.tick()
        assert [(look - looks[0]).total_seconds() for look in looks] == [0, 15, 11]

    def test_leaves_out_kinds_of_another_release(self, bench):
        worker = bench.worker(kind(name="c.d"), timetable=(self.ENTRY,))
        assert worker.tick() == []

    def test_counts_its_moments_from_midnight(self, now):
        daily = TimetableEntry("a.b", every=timedelta(days=1), after=timedelta(hours=2))
        assert daily.moment_before(now) == now.replace(hour=2, minute=0)
        assert daily.moment_before(now.replace(hour=1)) == now.replace(hour=2, minute=0) - timedelta(days=1)
