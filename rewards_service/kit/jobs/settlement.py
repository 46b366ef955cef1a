"""How a try ends: what its outcome makes of the job, and the rows that say so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, func, insert, update
from sqlalchemy.orm import Session

from rewards_service.kit.jobs.kinds import JobKind, JobRun, run_of
from rewards_service.kit.jobs.leases import lost_jobs
from rewards_service.kit.jobs.models import Job, JobAttempt
from rewards_service.kit.jobs.outcomes import Continue, Dead, Done, Outcome, RetryAt, Unknown
from rewards_service.kit.jobs.policy import QUEUES, JobState, backoff, shorten
from rewards_service.kit.jobs.registry import JobRegistry

LOST = "lost"
WORKER_VANISHED = "its worker vanished"
DURATION_MS_MAX = 2**31 - 1
"""What the column holds, not quite 25 days: a service that rested for longer still takes over what it was at."""

_JOB = cast("Table", Job.__table__)
_C = _JOB.c
_INSERT_ATTEMPT = insert(cast("Table", JobAttempt.__table__))


@dataclass(frozen=True, slots=True)
class Try:
    """One try of one job: who made it, from when, for how long, and what it came to.

    ``is_told`` says that the kind's ``settle`` returned the outcome, so the kind knows.
    """

    run: JobRun
    kind: JobKind
    outcome: Outcome
    worker: str
    started_at: datetime
    duration_ms: int
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an outcome makes of a job; ``run_at`` ``None`` means that nothing more happens by itself."""

    state: JobState
    run_at: datetime | None
    reason: str
    status: int | None


def judge(outcome: Outcome, *, run: JobRun, kind: JobKind, now: datetime) -> Verdict:
    """Return what ``outcome``, which is no ``Continue``, makes of the job."""
    if isinstance(outcome, Done):
        return Verdict(JobState.DONE, None, outcome.note, outcome.status)
    assert not isinstance(outcome, Continue), "a chunk is recorded, not judged"
    state, run_at = JobState.DEAD, None
    if isinstance(outcome, Unknown):
        asks_again = kind.look_up is not None and not run.is_last_attempt
        state, run_at = JobState.UNKNOWN, now + backoff(run.attempt) if asks_again else None
    elif isinstance(outcome, RetryAt) and not run.is_last_attempt:
        state, run_at = JobState.PENDING, max(outcome.run_at or now, now + backoff(run.attempt))
    return Verdict(state, run_at, outcome.reason, outcome.status)


def settle_tries(session: Session, *, tries: Sequence[Try], now: datetime) -> None:
    """Record what ``tries`` came to; their leases are locked by ``require_leases`` in this transaction.

    A kind is told by ``died`` when a job dies though its ``settle`` asked for another try.
    """
    verdicts = [(one, judge(one.outcome, run=one.run, kind=one.kind, now=now)) for one in tries]
    done = [one.run.id for one, verdict in verdicts if verdict.state == JobState.DONE]
    if done:
        ended = update(_JOB).where(_C.id.in_(done)).values(**_ended(JobState.DONE, now))
        session.execute(ended.values(done=func.coalesce(_C.total, _C.done)))
    for one, verdict in verdicts:
        if verdict.state != JobState.DONE:
            _settle_undone(session, one, verdict, now)
    if verdicts:
        session.execute(_INSERT_ATTEMPT, [_attempt_row(one, verdict) for one, verdict in verdicts])


def record_chunk(session: Session, *, run: JobRun, kind: JobKind, chunk: Continue, now: datetime) -> JobRun:
    """Keep how far a bulk job has come, renew its lease, and return it as it stands at its next chunk.

    A chunk done makes the next failure the first again.
    """
    session.execute(
        update(_JOB)
        .where(_C.id == run.id)
        .values(
            cursor=chunk.cursor,
            done=chunk.done,
            lease_expires_at=now + QUEUES[kind.queue].lease,
            attempts_base=run.attempt - 1,
        )
    )
    return replace(run, cursor=chunk.cursor, done=chunk.done, is_last_attempt=kind.attempts_max == 1)


def recover_lost(session: Session, *, registry: JobRegistry, now: datetime, gone_workers: Sequence[str] = ()) -> int:
    """Take over jobs whose worker vanished and return how many.

    A kind that looks up is marked as unresolved; any other simply runs again. Jobs that took their workers down with
    every try they had are left to a person.
    """
    lost = [job for job in lost_jobs(session, now=now, gone_workers=gone_workers) if job.kind in registry]
    for job in lost:
        _recover(session, job, registry.kind(job.kind), now)
    session.flush()
    return len(lost)


def _settle_undone(session: Session, one: Try, verdict: Verdict, now: datetime) -> None:
    """Write what becomes of a job that did not end well."""
    values = _ended(verdict.state, now) if verdict.state == JobState.DEAD else _waiting(verdict)
    values["reason"] = shorten(verdict.reason)
    session.execute(update(_JOB).where(_C.id == one.run.id).values(**values))
    knows = one.is_told and isinstance(one.outcome, Dead)
    if verdict.state == JobState.DEAD and not knows and one.kind.died is not None:
        one.kind.died(session, one.run, verdict.reason, now)


def _ended(state: JobState, now: datetime) -> dict[str, Any]:
    """Return the columns of a job that is over."""
    return {
        "state": state,
        "run_at": None,
        "lease_token": None,
        "lease_expires_at": None,
        "is_unresolved": False,
        "live_key": None,
        "ended_at": now,
        "reason": None,
    }


def _waiting(verdict: Verdict) -> dict[str, Any]:
    """Return the columns of a job that waits for another try, a look-up or a person."""
    return {
        "state": verdict.state,
        "run_at": verdict.run_at,
        "lease_token": None,
        "lease_expires_at": None,
        "is_unresolved": verdict.state == JobState.UNKNOWN,
    }


def _attempt_row(one: Try, verdict: Verdict) -> dict[str, Any]:
    """Return the row that keeps what a try came to."""
    return {
        "job_id": one.run.id,
        "attempt": one.run.attempt,
        "outcome": verdict.state.value,
        "reason": shorten(verdict.reason) or None,
        "status": verdict.status,
        "worker": one.worker,
        "started_at": one.started_at,
        "duration_ms": one.duration_ms,
    }


def _recover(session: Session, job: Job, kind: JobKind, now: datetime) -> None:
    """Decide what becomes of one job whose worker vanished."""
    run = run_of(job, kind=kind)
    session.execute(
        _INSERT_ATTEMPT,
        {
            "job_id": job.id,
            "attempt": job.attempts,
            "outcome": LOST,
            "reason": WORKER_VANISHED,
            "status": None,
            "worker": job.worker,
            "started_at": run.claimed_at,
            "duration_ms": min(int((now - run.claimed_at).total_seconds() * 1000), DURATION_MS_MAX),
        },
    )
    job.lease_token = job.lease_expires_at = None
    job.reason = WORKER_VANISHED
    if kind.look_up is not None:
        job.is_unresolved = True
        job.state = JobState.UNKNOWN if run.is_last_attempt else JobState.PENDING
        job.run_at = None if run.is_last_attempt else now
    elif run.is_last_attempt:
        _bury(session, job, kind, run, now)
    else:
        job.state, job.run_at = JobState.PENDING, now + backoff(job.attempts)


def _bury(session: Session, job: Job, kind: JobKind, run: JobRun, now: datetime) -> None:
    """Let a job die that took every worker down with it."""
    job.state, job.run_at, job.live_key, job.ended_at = JobState.DEAD, None, None, now
    if kind.died is not None:
        session.flush()
        kind.died(session, run, WORKER_VANISHED, now)
