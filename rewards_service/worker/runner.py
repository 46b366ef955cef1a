"""Runs the jobs of one claim: prepare, perform, settle."""

from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from rewards_service.gateways import Gateways
from rewards_service.kit.clock import Clock
from rewards_service.kit.database import is_transient, transact
from rewards_service.kit.failpoints import pass_failpoint
from rewards_service.kit.jobs import Continue, JobRegistry, JobRun
from rewards_service.kit.jobs.leases import LeaseLost, claim_jobs, give_back, keep_leases, require_leases
from rewards_service.kit.jobs.policy import Queue
from rewards_service.kit.jobs.settlement import Try, record_chunk, settle_tries
from rewards_service.kit.logs import logger_of
from rewards_service.worker.attempt import Attempt

STEPS_PER_CLAIM_MAX = 1000
"""How many chunks of a bulk job run before it goes back to the end of its queue."""
DATABASE_AWAY = (OperationalError, InterfaceError)
"""What is not the job's fault: its lease runs out, and it is taken over when the database is back."""

log = logger_of(__name__)


def _raise_if_away(error: Exception) -> None:
    """Raise ``error`` again when the database is away; one that gave a transaction up (a deadlock) is there."""
    if isinstance(error, DATABASE_AWAY) and not is_transient(error):
        raise error


def never() -> bool:
    """Say that there is no reason to stop."""
    return False


class JobRunner:
    """Runs batches of jobs under one worker's name."""

    def __init__(self, *, registry: JobRegistry, gateways: Gateways, clock: Clock, worker: str) -> None:
        self._registry = registry
        self._gateways = gateways
        self._clock = clock
        self._worker = worker

    def run_batch(self, queue: Queue, *, limit: int | None = None, is_stopping: Callable[[], bool] = never) -> int:
        """Claim what is due in ``queue``, at most its batch or ``limit``, run it, and return how many jobs that were.

        Raises:
            OperationalError: the database is away.
        """
        claim = partial(claim_jobs, registry=self._registry, queue=queue, worker=self._worker, limit=limit)
        runs = transact(partial(claim, gateways=self._gateways, now=self._clock.now()))
        for kind in sorted({run.kind for run in runs}):
            pass_failpoint("after_claim", kind)
        is_outside = {run.id: self._registry.kind(run.kind).reaches_out for run in runs}
        self._run_together([run for run in runs if not is_outside[run.id]], is_stopping)
        self._run_in_turn([run for run in runs if is_outside[run.id]], queue, is_stopping)
        return len(runs)

    def _run_together(self, runs: Sequence[JobRun], is_stopping: Callable[[], bool]) -> None:
        """Settle jobs that talk to nobody in one transaction; if one of them fails, each in its own."""
        is_plain = not any(self._registry.kind(run.kind).prepare for run in runs)
        for run in self._settle_batch(runs) if is_plain and len(runs) > 1 else runs:
            self._run_alone(run, is_stopping)

    def _settle_batch(self, runs: Sequence[JobRun]) -> Sequence[JobRun]:
        """Settle jobs in one transaction and return those that go on; all of them when that failed."""
        for kind in sorted({run.kind for run in runs}):
            pass_failpoint("before_settle", kind)
        try:
            return transact(partial(self._settle, [(self._begin(run), None) for run in runs]))
        except Exception as error:  # noqa: BLE001 — whichever it was, each job now answers for itself
            _raise_if_away(error)
            log.info("batch_taken_apart", error=type(error).__name__, jobs=len(runs))
            return runs

    def _run_in_turn(self, runs: Sequence[JobRun], queue: Queue, is_stopping: Callable[[], bool]) -> None:
        """Run jobs that talk to the outside one after another; renew their leases while they wait."""
        waiting, renewed_at = list(runs), self._clock.now()
        while waiting:
            if is_stopping():
                transact(partial(give_back, runs=waiting, now=self._clock.now()))
                return
            if self._clock.now() - renewed_at > queue.lease / 2:
                renewed_at = self._clock.now()
                waiting = transact(partial(keep_leases, runs=waiting, queue=queue, now=renewed_at))
            else:
                self._run_alone(waiting.pop(0), is_stopping)

    def _run_alone(self, run: JobRun, is_stopping: Callable[[], bool]) -> None:
        """Run one job, a bulk job chunk by chunk until it ends, its share is used up, or the worker stops."""
        for _ in range(STEPS_PER_CLAIM_MAX):
            going_on = self._step(run)
            if going_on is None:
                return
            run = going_on
            if is_stopping():
                break
        transact(partial(give_back, runs=[run], now=self._clock.now()))

    def _step(self, run: JobRun) -> JobRun | None:
        """Make one try, or one chunk, and return the job as it goes on, or ``None`` when it has ended or waits."""
        attempt = self._begin(run)
        try:
            produced = attempt.produce(self._gateways)
            pass_failpoint("before_settle", run.kind)
            going_on = transact(partial(self._settle, [(attempt, produced)]))
        except LeaseLost:
            log.info("lease_lost", job_id=run.id, kind=run.kind)
            return None
        except Exception as error:  # noqa: BLE001 — whatever a kind does wrong is recorded with its job
            _raise_if_away(error)
            self._record_failure(attempt, error)
            return None
        pass_failpoint("after_settle", run.kind)
        return going_on[0] if going_on else None

    def _begin(self, run: JobRun) -> Attempt:
        """Return a fresh try of ``run``."""
        return Attempt(run, self._registry.kind(run.kind), self._worker, self._clock.now(), monotonic())

    def _settle(self, produced: Sequence[tuple[Attempt, Any]], session: Session) -> list[JobRun]:
        """Let kinds write their effects and settle their jobs with them; return the jobs that go on."""
        now = self._clock.now()
        require_leases(session, runs=[attempt.run for attempt, _ in produced])
        outcomes = [(attempt, attempt.kind.settle(session, attempt.run, given, now)) for attempt, given in produced]
        going_on = [
            record_chunk(session, run=attempt.run, kind=attempt.kind, chunk=outcome, now=now)
            for attempt, outcome in outcomes
            if isinstance(outcome, Continue)
        ]
        ended = [attempt.as_try(outcome) for attempt, outcome in outcomes if not isinstance(outcome, Continue)]
        settle_tries(session, tries=ended, now=now)
        return going_on

    def _record_failure(self, attempt: Attempt, error: Exception) -> None:
        """Record a try that failed, in a transaction of its own: the failed one was rolled back."""
        log.warning("job_failed", job_id=attempt.run.id, kind=attempt.run.kind, error=repr(error), exc_info=error)
        outcome = attempt.outcome_of(error)
        try:
            transact(partial(self._settle_failure, attempt.as_try(outcome, is_told=False)))
        except LeaseLost:
            log.info("lease_lost", job_id=attempt.run.id, kind=attempt.run.kind)

    def _settle_failure(self, failed: Try, session: Session) -> None:
        """Settle a try that failed."""
        require_leases(session, runs=[failed.run])
        settle_tries(session, tries=[failed], now=self._clock.now())
