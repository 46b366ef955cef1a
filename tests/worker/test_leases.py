"""Jobs are claimed once, kept while somebody works on them, and taken over when he is gone."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from rewards_service.kit.database import transact
from rewards_service.kit.jobs.leases import claim_jobs
from rewards_service.kit.jobs.models import Job
from rewards_service.kit.jobs.policy import QUEUES
from tests.worker.kinds import kind, traces

HOUR = timedelta(hours=1)


class TestClaim:
    @pytest.fixture
    def claim(self, bench, clock):
        def claiming(worker, queue="default", **more):
            return transact(
                partial(
                    claim_jobs,
                    registry=worker._registry,
                    queue=QUEUES[queue],
                    worker=worker.name,
                    gateways=bench.gateways,
                    now=clock.now(),
                    **more,
                )
            )

        return claiming

    def test_takes_the_most_urgent_first_then_the_oldest(self, bench, clock, claim):
        worker = bench.worker(kind())
        earlier = clock.now() - HOUR
        late, urgent, early = bench.file(), bench.file(priority=10), bench.file(run_at=earlier)
        assert [run.id for run in claim(worker)] == [urgent, early, late]

    def test_leaves_what_is_not_due_yet(self, bench, clock, claim):
        worker = bench.worker(kind())
        bench.file(run_at=clock.now() + timedelta(seconds=1))
        assert claim(worker) == []

    def test_leaves_kinds_of_another_release_alone(self, bench, claim):
        bench.file("new.kind")
        worker = bench.worker(kind())
        assert claim(worker) == []
        assert worker.tick() == []

    def test_takes_no_more_than_may_be_in_flight(self, bench, claim):
        worker = bench.worker(kind(queue="bulk"))
        for _ in range(6):
            bench.file()
        assert [len(claim(worker, "bulk", limit=3)) for _ in range(3)] == [3, 1, 0]

    def test_gives_no_job_to_two_workers(self, bench, claim):
        worker = bench.worker(kind())
        for _ in range(4):
            bench.file()
        first, second = claim(worker, limit=2), claim(worker, limit=9)
        assert len({run.id for run in first + second}) == 4
        assert {run.attempt for run in first + second} == {1}

    def test_shows_the_kind_what_was_claimed(self, bench, claim):
        told = []
        worker = bench.worker(kind(claimed=lambda _, runs, __: told.append([run.kind for run in runs])))
        bench.file()
        bench.file()
        claim(worker)
        assert told == [["a.b", "a.b"]]

    def test_finds_jobs_that_were_filed_before_their_queue_was_known(self, bench, tmp_path):
        job_id = bench.file()
        worker = bench.worker(kind(queue="money"))
        worker.take_over(signs=tmp_path / "workers")
        assert bench.job(job_id).queue == "money"
        assert worker.drain() == 1


class TestLease:
    def test_that_was_lost_lets_no_effect_through(self, bench):
        job_id = bench.worker(kind(perform=lambda *_: steal(job_id))) and bench.file()

        def steal(stolen):
            transact(lambda session: session.get_one(Job, stolen).__setattr__("lease_token", "another"))

        bench.workers[0].drain()
        assert (bench.job(job_id).state, bench.attempts(job_id), traces()) == ("running", [], [])

    def test_that_was_lost_lets_no_failure_through(self, bench):
        def steal_and_fail(*_):
            transact(lambda session: session.get_one(Job, job_id).__setattr__("lease_token", "another"))
            raise ConnectionError

        worker = bench.worker(kind(perform=steal_and_fail))
        job_id = bench.file()
        worker.drain()
        assert (bench.job(job_id).state, bench.attempts(job_id)) == ("running", [])

    def test_is_renewed_for_those_who_wait_their_turn(self, bench, clock):
        lease, expiries = QUEUES["mail"].lease, []

        def dawdle(*_):
            expiries.append(bench.job(second).lease_expires_at - clock.now())
            clock.advance(lease * 3 / 4)

        worker = bench.worker(kind(queue="mail", perform=dawdle))
        bench.file()
        second = bench.file()
        bench.file()
        assert worker.drain() == 3
        assert expiries[:2] == [lease, lease]

    def test_is_given_back_unused_when_the_worker_stops(self, bench):
        stops = iter([False, True])
        worker = bench.worker(kind(queue="mail", perform=lambda *_: None))
        ids = [bench.file(), bench.file()]
        worker._runner.run_batch(QUEUES["mail"], is_stopping=lambda: next(stops))
        assert [(bench.job(job_id).state, bench.job(job_id).attempts) for job_id in ids] == [
            ("done", 1),
            ("pending", 0),
        ]

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_lets_a_database_error_pass_that_is_nobodys_fault(self, bench, jobs):
        def away(*_):
            raise OperationalError("x", {}, Exception("gone"))

        worker, job_id = bench.worker(kind(away)), bench.file()
        for _ in range(jobs - 1):
            bench.file()
        with pytest.raises(DBAPIError):
            worker.drain()
        assert bench.job(job_id).state == "running"

    def test_tries_again_soon_what_the_database_gave_up_on(self, bench):
        deadlock = Exception("deadlock detected")
        deadlock.sqlstate = "40P01"

        def give_up(*_):
            raise OperationalError("x", {}, deadlock)

        worker, job_id = bench.worker(kind(give_up)), bench.file()
        worker.drain()
        assert (bench.job(job_id).state, bench.job(job_id).attempts) == ("pending", 1)


class TestRecovery:
    def abandon(self, bench, worker, clock):
        """Claim everything and vanish."""
        transact(
            partial(
                claim_jobs,
                registry=worker._registry,
                queue=QUEUES["default"],
                worker="elsewhere/1/x",
                gateways=None,
                now=clock.now(),
            )
        )

    def test_waits_for_the_lease_to_end(self, bench, clock):
        worker, job_id = bench.worker(kind()), bench.file()
        self.abandon(bench, worker, clock)
        clock.advance(QUEUES["default"].lease - timedelta(seconds=1))
        worker.tick()
        assert bench.job(job_id).state == "running"
        clock.advance(timedelta(seconds=1))
        worker.tick()
        assert bench.job(job_id).state == "pending"
        assert [(a.outcome, a.worker) for a in bench.attempts(job_id)] == [("lost", "elsewhere/1/x")]

    def test_comes_also_after_months_of_rest(self, bench, clock):
        worker, job_id = bench.worker(kind()), bench.file()
        self.abandon(bench, worker, clock)
        clock.advance(timedelta(days=100))
        worker.tick()
        assert bench.job(job_id).state == "pending"
        assert [attempt.duration_ms for attempt in bench.attempts(job_id)] == [2**31 - 1]

    def test_has_the_outcome_looked_up_where_it_must_not_happen_twice(self, bench, clock):
        acts = []
        worker = bench.worker(
            kind(perform=lambda *_: acts.append("perform"), look_up=lambda *_: acts.append("look up"))
        )
        bench.file()
        self.abandon(bench, worker, clock)
        clock.advance(HOUR)
        worker.tick()
        clock.advance(HOUR)
        worker.drain()
        assert acts == ["look up"]

    def test_needs_nobody_to_be_told(self, bench, clock):
        worker, job_id = bench.worker(kind(attempts_max=1)), bench.file()
        self.abandon(bench, worker, clock)
        clock.advance(HOUR)
        worker.tick()
        assert bench.job(job_id).state == "dead"

    @pytest.mark.parametrize(("looks_up", "state"), [(False, "dead"), (True, "unknown")])
    def test_leaves_to_a_person_what_took_every_worker_down(self, bench, clock, looks_up, state):
        told = []
        more = {"look_up": lambda *_: 1} if looks_up else {}
        worker = bench.worker(
            kind(attempts_max=1, perform=lambda *_: 1, died=lambda *given: told.append(given[2]), **more)
        )
        job_id = bench.file()
        self.abandon(bench, worker, clock)
        clock.advance(HOUR)
        worker.tick()
        assert (bench.job(job_id).state, told) == (state, [] if looks_up else ["its worker vanished"])

    def test_does_not_touch_kinds_of_another_release(self, bench, clock):
        worker, job_id = bench.worker(kind()), bench.file()
        self.abandon(bench, worker, clock)
        clock.advance(HOUR)
        bench.worker(kind(name="c.d")).tick()
        assert bench.job(job_id).state == "running"
