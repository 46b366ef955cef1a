"""Filing jobs, asking for another try, cancelling."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import audit_of_object
from rewards_service.kit.database import read_session, transact, unit_of_work
from rewards_service.kit.jobs import (
    Done,
    JobKind,
    JobNotCancellable,
    JobNotFound,
    JobNotRetryable,
    JobRegistry,
    JobState,
    UnknownJobKindError,
    cancel_job,
    count_by_state,
    enqueue,
    install_registry,
    job_by_id,
    jobs_by_state,
    progress_of,
    retry_job,
)
from rewards_service.kit.jobs import registry as registry_module
from rewards_service.kit.jobs.bell import BELL
from rewards_service.kit.jobs.models import Job, JobAttempt
from rewards_service.kit.jobs.operations import take_slot
from rewards_service.kit.jobs.queries import kinds_in_use, latest_slot

STAFF = Actor(kind="staff", reference="stf_1")


@pytest.fixture(autouse=True)
def no_registry(monkeypatch):
    monkeypatch.setattr(registry_module, "_installed", [])
    BELL.wait(0)


def file_one(now, **more):
    with unit_of_work() as session:
        return enqueue(session, kind="orders.ship", payload={"order": "ord_1"}, now=now, **more)


def set_state(job_id, **values):
    with unit_of_work() as session:
        job = job_by_id(session, job_id=job_id)
        for name, value in values.items():
            setattr(job, name, value)


def kind_named(name, **more):
    return JobKind(name, "default", 3, lambda *_: Done(), **more)


class TestEnqueue:
    def test_files_a_pending_job_that_is_due_at_once(self, app: Flask, now):
        job_id = file_one(now, organization_id=7, total=12)
        with read_session() as reader:
            job = job_by_id(reader, job_id=job_id)
            assert (job.state, job.kind, job.run_at, job.organization_id) == ("pending", "orders.ship", now, 7)
            assert (job.payload, job.attempts, job.priority) == ({"order": "ord_1"}, 0, 50)
            progress = progress_of(reader, job_id=job_id)
            assert (progress.done, progress.total) == (0, 12)

    def test_waits_until_the_moment_asked_for(self, app: Flask, now):
        job_id = file_one(now, run_at=now + timedelta(days=2))
        with read_session() as reader:
            assert job_by_id(reader, job_id=job_id).run_at == now + timedelta(days=2)

    def test_goes_away_with_the_transaction_it_was_filed_in(self, app: Flask, now):
        def file_and_fail(session):
            enqueue(session, kind="orders.ship", payload={}, now=now)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            transact(file_and_fail)
        with read_session() as reader:
            assert reader.scalar(select(func.count()).select_from(Job)) == 0
        assert not BELL.wait(0)

    def test_rings_when_its_transaction_commits_and_not_before(self, app: Flask, now):
        with unit_of_work() as session:
            with session.begin_nested():
                enqueue(session, kind="orders.ship", payload={}, now=now)
            assert not BELL.wait(0)
        assert BELL.wait(0)

    def test_files_one_job_for_one_fact(self, app: Flask, now):
        first = file_one(now, dedupe_key="ord_1:1")
        assert file_one(now, dedupe_key="ord_1:1") == first
        assert file_one(now, dedupe_key="ord_1:2") != first

    def test_files_the_fact_again_once_the_first_job_has_ended(self, app: Flask, now):
        first = file_one(now, dedupe_key="ord_1:1")
        with unit_of_work() as session:
            cancel_job(session, job_id=first, actor=STAFF, now=now)
        assert file_one(now, dedupe_key="ord_1:1") != first

    def test_files_one_job_when_many_ask_at_once(self, app: Flask, now):
        gate, found = threading.Barrier(6), []

        def ask():
            with app.app_context():
                gate.wait()
                found.append(transact(lambda s: enqueue(s, kind="a.b", payload={}, now=now, dedupe_key="one")))

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(found) == 6
        assert len(set(found)) == 1

    def test_finds_the_twin_that_committed_while_it_was_filing(self, app: Flask, now, monkeypatch):
        first = file_one(now, dedupe_key="one")

        def file_blindly(session):
            monkeypatch.setattr(session, "scalar", lambda _: None)
            return enqueue(session, kind="orders.ship", payload={}, now=now, dedupe_key="one")

        assert transact(file_blindly) == first

    def test_knows_the_queue_of_a_registered_kind(self, app: Flask, now):
        install_registry(JobRegistry([JobKind("orders.ship", "money", 3, lambda *_: Done())]))
        with read_session() as reader:
            assert job_by_id(reader, job_id=file_one(now)).queue == "money"

    def test_refuses_a_kind_that_nobody_registered(self, app: Flask, now):
        install_registry(JobRegistry([kind_named("orders.shop")]))
        with pytest.raises(UnknownJobKindError):
            file_one(now)


class TestRetryJob:
    def test_gives_a_dead_job_all_its_tries_anew(self, app: Flask, now):
        job_id = file_one(now, dedupe_key="k")
        set_state(job_id, state="dead", attempts=3, live_key=None, ended_at=now, run_at=None)
        with unit_of_work() as session:
            job = retry_job(session, job_id=job_id, actor=STAFF, now=now)
            assert (job.state, job.run_at, job.attempts_base, job.ended_at) == ("pending", now, 3, None)
            assert job.live_key == "orders.ship:k"
        assert BELL.wait(0)

    def test_has_an_unknown_outcome_looked_up_first(self, app: Flask, now):
        job_id = file_one(now)
        set_state(job_id, state="unknown", run_at=None)
        with unit_of_work() as session:
            assert retry_job(session, job_id=job_id, actor=STAFF, now=now).is_unresolved

    def test_does_not_wait_for_the_backoff(self, app: Flask, now):
        job_id = file_one(now, run_at=now + timedelta(hours=1))
        with unit_of_work() as session:
            assert retry_job(session, job_id=job_id, actor=STAFF, now=now).run_at == now

    def test_is_audited(self, app: Flask, now):
        job_id = file_one(now, organization_id=7)
        with unit_of_work() as session:
            retry_job(session, job_id=job_id, actor=STAFF, now=now)
        with read_session() as reader:
            trail = audit_of_object(reader, organization_id=7, object_type="job", object_id=str(job_id))
            assert [(event.action, event.actor_reference) for event in trail] == [("job.retried", "stf_1")]

    @pytest.mark.parametrize("state", ["done", "cancelled"])
    def test_refuses_what_is_over(self, app: Flask, now, state):
        job_id = file_one(now)
        set_state(job_id, state=state)
        with pytest.raises(JobNotRetryable), unit_of_work() as session:
            retry_job(session, job_id=job_id, actor=STAFF, now=now)

    def test_refuses_a_dead_job_whose_work_another_one_does(self, app: Flask, now):
        dead = file_one(now, dedupe_key="k")
        set_state(dead, state="dead", live_key=None)
        file_one(now, dedupe_key="k")
        with pytest.raises(JobNotRetryable), unit_of_work() as session:
            retry_job(session, job_id=dead, actor=STAFF, now=now)

    def test_refuses_a_number_that_no_job_has(self, app: Flask, now):
        with pytest.raises(JobNotFound), unit_of_work() as session:
            retry_job(session, job_id=99, actor=STAFF, now=now)


class TestCancelJob:
    def test_takes_a_waiting_job_off_the_list_and_tells_its_kind(self, app: Flask, now):
        told = []
        install_registry(JobRegistry([kind_named("orders.ship", died=lambda *told_of: told.append(told_of[2]))]))
        job_id = file_one(now)
        with unit_of_work() as session:
            assert cancel_job(session, job_id=job_id, actor=STAFF, now=now).state == JobState.CANCELLED
        assert told == ["cancelled"]

    def test_stops_a_running_job_that_talks_to_nobody(self, app: Flask, now):
        install_registry(JobRegistry([kind_named("orders.ship")]))
        job_id = file_one(now)
        set_state(job_id, state="running", lease_token="t")
        with unit_of_work() as session:
            assert cancel_job(session, job_id=job_id, actor=STAFF, now=now).lease_token is None

    def test_leaves_a_job_alone_that_talks_to_a_vendor_right_now(self, app: Flask, now):
        install_registry(JobRegistry([kind_named("orders.ship", perform=lambda *_: None)]))
        job_id = file_one(now)
        set_state(job_id, state="running", lease_token="t")
        with pytest.raises(JobNotCancellable), unit_of_work() as session:
            cancel_job(session, job_id=job_id, actor=STAFF, now=now)

    def test_refuses_what_is_over(self, app: Flask, now):
        job_id = file_one(now)
        set_state(job_id, state="done")
        with pytest.raises(JobNotCancellable), unit_of_work() as session:
            cancel_job(session, job_id=job_id, actor=STAFF, now=now)


class TestTakeSlot:
    def test_gives_each_moment_to_one_ticker(self, app: Flask, now):
        with unit_of_work() as session:
            assert take_slot(session, name="daily", slot=now, now=now)
            assert not take_slot(session, name="daily", slot=now, now=now)
            assert take_slot(session, name="other", slot=now, now=now)
            assert latest_slot(session, name="daily") == now


class TestLists:
    def test_show_the_newest_first_page_by_page(self, app: Flask, now):
        ids = [file_one(now, organization_id=number % 2) for number in range(4)]
        with read_session() as reader:
            pending = [JobState.PENDING]
            assert [job.id for job in jobs_by_state(reader, states=pending, limit=3)] == ids[:0:-1]
            assert [job.id for job in jobs_by_state(reader, states=pending, before_id=ids[1])] == ids[:1]
            assert [job.id for job in jobs_by_state(reader, states=pending, organization_id=1)] == [ids[3], ids[1]]
            assert jobs_by_state(reader, states=pending, kind="x") == []
            assert count_by_state(reader)[JobState.PENDING] == 4
            assert kinds_in_use(reader) == ["orders.ship"]


class TestJobById:
    def test_refuses_a_number_that_no_job_has(self, reader):
        with pytest.raises(JobNotFound):
            job_by_id(reader, job_id=99)


class TestAttempts:
    def test_are_only_ever_added(self, app: Flask, now):
        job_id = file_one(now)
        attempt = {"job_id": job_id, "attempt": 1, "outcome": "done", "started_at": now, "duration_ms": 1}
        with unit_of_work() as session:
            session.add(JobAttempt(**attempt))
        with pytest.raises(DBAPIError), unit_of_work() as session:
            session.execute(text("DELETE FROM job_attempt"))


class TestJobRegistry:
    @pytest.mark.parametrize(
        ("kinds", "complaint"),
        [
            ([kind_named("a.b"), kind_named("a.b")], "two job kinds"),
            ([JobKind("a.b", "nowhere", 1, lambda *_: Done())], "no queue"),
            ([JobKind("a.b", "default", 0, lambda *_: Done())], "at least once"),
            ([kind_named("a.b", look_up=lambda *_: None)], "never performed"),
        ],
    )
    def test_refuses_a_kind_that_could_not_run(self, kinds, complaint):
        with pytest.raises(ValueError, match=complaint):
            JobRegistry(kinds)

    def test_knows_its_kinds_by_name_and_queue(self):
        registry = JobRegistry([kind_named("b.c"), kind_named("a.b")])
        assert registry.names(queue="default") == ["a.b", "b.c"]
        assert [kind.name for kind in registry] == ["b.c", "a.b"]
        with pytest.raises(UnknownJobKindError):
            registry.kind("c.d")
