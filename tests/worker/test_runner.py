"""What becomes of jobs: done, tried again, looked up, dead, and never twice."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.database import db, transact
from rewards_service.kit.errors import Conflict, RateLimited
from rewards_service.kit.jobs import Continue, Dead, Done, RetryAt, Unknown, cancel_job, retry_job
from rewards_service.kit.jobs.policy import BACKOFF_LONGEST, QUEUES
from rewards_service.worker import runner as runner_module
from tests.worker.kinds import ending, kind, leave_trace, traces

HOUR = timedelta(hours=1)


class TestDone:
    def test_keeps_the_effect_and_the_attempt(self, bench, clock):
        worker, job_id = bench.worker(kind()), bench.file(dedupe_key="k")
        assert worker.drain() == 1
        job = bench.job(job_id)
        assert (job.state, job.ended_at, job.live_key, job.lease_token) == ("done", clock.now(), None, None)
        (attempt,) = bench.attempts(job_id)
        assert (attempt.outcome, attempt.attempt, attempt.reason, attempt.status) == ("done", 1, "fine", 200)
        assert (attempt.worker, attempt.started_at) == (worker.name, clock.now())
        assert traces() == ["a.b.done"]

    def test_settles_a_batch_in_one_transaction(self, bench):
        worker, ids = bench.worker(kind()), [bench.file() for _ in range(5)]
        assert worker.drain() == 5
        assert [bench.job(job_id).state for job_id in ids] == ["done"] * 5
        assert traces() == ["a.b.done"] * 5


class TestPerform:
    def test_runs_outside_of_any_transaction_between_prepare_and_settle(self, bench):
        seen = []

        def perform(work, gateways):
            seen.append((work, gateways, db.session().in_transaction()))
            return "answer"

        settle = ending()
        worker = bench.worker(kind(settle, prepare=lambda _, job: job.payload["to"], perform=perform))
        bench.file(payload={"to": "ada"})
        worker.drain()
        assert seen == [("ada", bench.gateways, False)]
        assert settle.calls[0][1] == "answer"

    def test_cannot_write_while_it_prepares(self, bench):
        def prepare(session, _):
            with pytest.raises(DBAPIError):
                session.execute(text("DELETE FROM job"))

        worker, job_id = bench.worker(kind(prepare=prepare)), bench.file()
        worker.drain()
        assert bench.job(job_id).state == "done"

    def test_may_be_left_out_after_prepare(self, bench):
        settle = ending()
        worker, job_id = bench.worker(kind(settle, prepare=lambda *_: "ready")), bench.file()
        bench.file()
        worker.drain()
        assert [produced for _, produced in settle.calls] == ["ready", "ready"]
        assert bench.job(job_id).state == "done"


class TestRetryAt:
    def test_waits_as_long_as_the_vendor_asks(self, bench, clock):
        worker = bench.worker(kind(ending(RetryAt(clock.now() + HOUR, "busy", 429))))
        job_id = bench.file()
        worker.drain()
        job = bench.job(job_id)
        assert (job.state, job.reason, job.run_at) == ("pending", "busy", clock.now() + HOUR)
        assert bench.attempts(job_id)[0].status == 429
        assert worker.drain() == 0
        clock.advance(HOUR)
        assert worker.drain() == 1
        assert bench.job(job_id).state == "done"

    def test_waits_for_a_while_of_its_own_otherwise(self, bench, clock):
        worker, job_id = bench.worker(kind(ending(RetryAt(None, "busy")))), bench.file()
        worker.drain()
        assert clock.now() <= bench.job(job_id).run_at <= clock.now() + BACKOFF_LONGEST

    def test_dies_when_its_tries_are_used_up_and_tells_its_kind(self, bench, clock):
        told = []
        busy = ending(*[RetryAt(None, "busy")] * 3)
        worker = bench.worker(kind(busy, died=lambda _, job, reason, __: told.append((job.attempt, reason))))
        job_id = bench.file()
        for _ in range(3):
            worker.drain()
            clock.advance(HOUR)
        assert [run.is_last_attempt for run, _ in busy.calls] == [False, False, True]
        assert (bench.job(job_id).state, told) == ("dead", [(3, "busy")])

    def test_gets_all_its_tries_again_from_a_person(self, bench, clock):
        worker = bench.worker(kind(ending(*[RetryAt(None, "busy")] * 2), attempts_max=1))
        job_id = bench.file()
        worker.drain()
        transact(lambda session: retry_job(session, job_id=job_id, actor=SYSTEM, now=clock.now()))
        worker.drain()
        assert bench.job(job_id).state == "dead"
        transact(lambda session: retry_job(session, job_id=job_id, actor=SYSTEM, now=clock.now()))
        worker.drain()
        assert bench.job(job_id).state == "done"
        assert [attempt.attempt for attempt in bench.attempts(job_id)] == [1, 2, 3]


class TestDead:
    def test_is_left_to_a_person_and_the_kind_knows(self, bench):
        told = []
        worker = bench.worker(kind(ending(Dead("no such card")), died=lambda *_: told.append("died")))
        job_id = bench.file()
        worker.drain()
        assert (bench.job(job_id).state, bench.job(job_id).reason, told) == ("dead", "no such card", [])


class TestFailure:
    def test_undoes_the_effect_and_tries_again(self, bench, clock):
        worker, job_id = bench.worker(kind(ending(ZeroDivisionError("oh")))), bench.file()
        worker.drain()
        assert (bench.job(job_id).reason, traces()) == ("ZeroDivisionError: oh", [])
        clock.advance(HOUR)
        worker.drain()
        assert bench.job(job_id).state == "done"

    def test_says_nothing_secret_or_personal(self, bench):
        worker = bench.worker(kind(ending(ValueError("ada@example.org holds 7K3Q-H2M9-XW4T-RBN3"))))
        job_id = bench.file()
        worker.drain()
        assert "ada" not in bench.job(job_id).reason
        assert "7K3Q" not in bench.attempts(job_id)[0].reason

    def test_of_one_in_a_batch_leaves_the_others_alone(self, bench):
        def settle(session, job, _, now):
            leave_trace(session, str(job.payload["number"]), now)
            if job.payload["number"] == 1:
                raise ZeroDivisionError
            return Done()

        worker = bench.worker(kind(settle))
        ids = [bench.file(payload={"number": number}) for number in range(3)]
        worker.drain()
        assert [bench.job(job_id).state for job_id in ids] == ["done", "pending", "done"]
        assert traces() == ["0", "2"]

    @pytest.mark.parametrize(("refusal", "state"), [(Conflict(), "dead"), (RateLimited(retry_after=9), "pending")])
    def test_by_refusal_is_final_unless_it_speaks_of_load(self, bench, refusal, state):
        told = []
        worker = bench.worker(kind(ending(refusal), died=lambda *given: told.append(given[2])))
        job_id = bench.file()
        worker.drain()
        assert bench.job(job_id).state == state
        assert told == (["conflict: This does not fit the present state"] if state == "dead" else [])


class TestUnknown:
    def test_is_looked_up_and_never_performed_again(self, bench, clock):
        acts = []
        worker = bench.worker(
            kind(
                ending(Unknown("time-out"), Unknown("still nothing")),
                attempts_max=5,
                perform=lambda *_: acts.append("perform"),
                look_up=lambda *_: acts.append("look up"),
            )
        )
        job_id = bench.file()
        worker.drain()
        assert (bench.job(job_id).state, bench.job(job_id).is_unresolved) == ("unknown", True)
        for _ in range(2):
            clock.advance(HOUR)
            worker.tick()
            worker.drain()
        assert acts == ["perform", "look up", "look up"]
        assert bench.job(job_id).state == "done"

    def test_may_turn_out_not_to_have_happened(self, bench, clock):
        acts = []
        worker = bench.worker(
            kind(
                ending(Unknown("time-out"), RetryAt(None, "they do not know it")),
                attempts_max=5,
                perform=lambda *_: acts.append("perform"),
                look_up=lambda *_: acts.append("look up"),
            )
        )
        bench.file()
        for _ in range(3):
            worker.tick()
            worker.drain()
            clock.advance(HOUR)
        assert acts == ["perform", "look up", "perform"]

    @pytest.mark.parametrize("stage", ["perform", "settle", "prepare"])
    def test_is_what_an_error_means_once_somebody_outside_may_have_acted(self, bench, stage):
        def fail(*_):
            raise ConnectionError

        stages = {"perform": lambda *_: None, "look_up": lambda *_: None, stage: fail}
        worker, job_id = bench.worker(kind(**stages)), bench.file()
        worker.drain()
        assert bench.job(job_id).state == ("pending" if stage == "prepare" else "unknown")

    def test_stays_unknown_when_the_look_up_cannot_be_prepared(self, bench, clock):
        def prepare(_, job):
            if job.is_lookup:
                raise Conflict

        worker = bench.worker(kind(ending(Unknown("?")), prepare=prepare, perform=lambda *_: 1, look_up=lambda *_: 1))
        job_id = bench.file()
        worker.drain()
        clock.advance(HOUR)
        worker.tick()
        worker.drain()
        assert bench.job(job_id).state == "unknown"

    def test_waits_for_a_person_where_nothing_can_be_looked_up_or_no_try_is_left(self, bench, clock):
        looked_up = kind(ending(Unknown("?")), name="a.b", attempts_max=1, perform=lambda *_: 1, look_up=lambda *_: 1)
        worker = bench.worker(looked_up, kind(ending(Unknown("?")), name="c.d"))
        ids = [bench.file("a.b"), bench.file("c.d")]
        worker.drain()
        clock.advance(timedelta(days=9))
        worker.tick()
        assert worker.drain() == 0
        assert [(bench.job(job_id).state, bench.job(job_id).run_at) for job_id in ids] == [("unknown", None)] * 2


class TestContinue:
    @pytest.fixture
    def counting(self, clock):
        """A bulk kind that counts to its total, one at a time."""

        def settle(session, job, _, now):
            at = (job.cursor or 0) + 1
            leave_trace(session, f"chunk {at}", now)
            settle.at(at)
            return Done() if at == job.total else Continue(at, job.done + 1)

        settle.at = lambda _: None
        return settle

    def test_keeps_cursor_and_progress_chunk_by_chunk(self, bench, counting):
        job_id = bench.worker(kind(counting, queue="bulk")) and bench.file(total=4)
        seen = []
        counting.at = lambda at: seen.append((at, bench.job(job_id).done))
        bench.workers[0].drain()
        assert seen == [(1, 0), (2, 1), (3, 2), (4, 3)]
        assert (bench.job(job_id).state, bench.job(job_id).done) == ("done", 4)
        assert len(bench.attempts(job_id)) == 1

    def test_goes_on_where_it_failed_with_all_its_tries(self, bench, clock, counting):
        failures = iter([False, True, False, True, False, True, False, False])

        def fail_now_and_then(_):
            if next(failures):
                raise ZeroDivisionError

        counting.at = fail_now_and_then
        worker, job_id = bench.worker(kind(counting, queue="bulk", attempts_max=2)), bench.file(total=4)
        for _ in range(4):
            worker.drain()
            clock.advance(HOUR)
        assert bench.job(job_id).state == "done"
        assert traces() == ["chunk 1", "chunk 2", "chunk 3", "chunk 4"]

    def test_stops_before_the_next_chunk_when_it_is_cancelled(self, bench, clock, counting):
        worker, job_id = bench.worker(kind(counting, queue="bulk")), bench.file(total=4)
        cancel = partial(cancel_job, job_id=job_id, actor=SYSTEM, now=clock.now())
        begin = worker._runner._begin

        def cancel_before_the_third(run):
            if run.cursor == 2:
                transact(cancel)
            return begin(run)

        worker._runner._begin = cancel_before_the_third
        worker.drain()
        assert (bench.job(job_id).state, bench.job(job_id).done) == ("cancelled", 2)
        assert traces()[:2] == ["chunk 1", "chunk 2"]
        assert "chunk 3" not in traces()

    def test_is_given_back_between_chunks_when_the_worker_stops(self, bench, counting):
        worker, job_id = bench.worker(kind(counting, queue="bulk")), bench.file(total=4)
        worker._runner.run_batch(QUEUES["bulk"], is_stopping=lambda: True)
        job = bench.job(job_id)
        assert (job.state, job.cursor, job.attempts, job.lease_token) == ("pending", 1, 0, None)

    def test_lets_others_have_a_turn(self, bench, counting, monkeypatch):
        monkeypatch.setattr(runner_module, "STEPS_PER_CLAIM_MAX", 2)
        worker, job_id = bench.worker(kind(counting, queue="bulk")), bench.file(total=4)
        worker._runner.run_batch(QUEUES["bulk"])
        assert (bench.job(job_id).state, bench.job(job_id).done) == ("pending", 2)
