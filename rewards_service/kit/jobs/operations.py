"""What features and people do with jobs: file, ask for another try, cancel, act on the timetable once."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import record_audit
from rewards_service.kit.errors import Conflict
from rewards_service.kit.jobs.bell import remember_filed
from rewards_service.kit.jobs.kinds import run_of
from rewards_service.kit.jobs.models import Job, ScheduleSlot
from rewards_service.kit.jobs.policy import PRIORITY_DEFAULT, JobState, may_move
from rewards_service.kit.jobs.queries import JobNotFound
from rewards_service.kit.jobs.registry import installed_kind, queue_of
from rewards_service.kit.statements import Statement

RETRYABLE = frozenset({JobState.DEAD, JobState.UNKNOWN, JobState.PENDING})

_INSERT_JOB = Statement(insert(cast("Table", Job.__table__)).returning(Job.__table__.c.id))


class JobNotRetryable(Conflict):
    """The job is under way, has ended well, was cancelled, or another one does the same already."""

    code = "job_not_retryable"
    title = "This job cannot be tried again"


class JobNotCancellable(Conflict):
    """The job has ended, or is talking to somebody outside at this moment."""

    code = "job_not_cancellable"
    title = "This job cannot be cancelled now"


def enqueue(
    session: Session,
    *,
    kind: str,
    payload: dict[str, Any],
    now: datetime,
    organization_id: int | None = None,
    run_at: datetime | None = None,
    priority: int = PRIORITY_DEFAULT,
    dedupe_key: str | None = None,
    total: int | None = None,
) -> int:
    """File a job in the caller's transaction and return its id; workers wake when that commits.

    ``payload`` holds references alone, never a secret or an address. ``dedupe_key`` names the fact that the job brings
    about (``ord_…:1``): while a job of this kind and key has not ended, its id is returned and nothing is filed.
    ``total`` is what a bulk job counts up to.

    Raises:
        UnknownJobKindError: the application has no such kind.
    """
    row = {
        "organization_id": organization_id,
        "kind": kind,
        "queue": queue_of(kind),
        "state": JobState.PENDING.value,
        "priority": priority,
        "run_at": run_at or now,
        "payload": payload,
        "done": 0,
        "total": total,
        "attempts": 0,
        "attempts_base": 0,
        "is_unresolved": False,
        "dedupe_key": dedupe_key,
        "live_key": _live_key(kind, dedupe_key),
        "created_at": now,
    }
    remember_filed(session, kind)
    if dedupe_key is None:
        return int(_INSERT_JOB.scalar(session.connection(), row))
    return _file_once(session, row)


def retry_job(session: Session, *, job_id: int, actor: Actor, now: datetime) -> Job:
    """Let a job run as soon as possible, with all its tries anew; an unknown outcome is still looked up first.

    Raises:
        JobNotFound: there is none of that number.
        JobNotRetryable: it is under way or over, or another job of its key is.
    """
    job = _locked(session, job_id)
    if job.state not in RETRYABLE:
        raise JobNotRetryable("This job is {state}.", state=job.state)
    if job.state == JobState.DEAD:
        _revive(session, job)
    elif job.state == JobState.UNKNOWN:
        job.is_unresolved = True
    job.state, job.run_at, job.ended_at = JobState.PENDING, now, None
    job.attempts_base = job.attempts
    session.flush()
    remember_filed(session, job.kind)
    _audit(session, job, actor=actor, action="job.retried", now=now)
    return job


def cancel_job(session: Session, *, job_id: int, actor: Actor, now: datetime) -> Job:
    """Take a job off the list for good; a bulk job stops before its next chunk and keeps what it has done.

    Its kind is told by ``died``, so that what waits for the job does not wait for ever.

    Raises:
        JobNotFound: there is none of that number.
        JobNotCancellable: it is over, or talks to somebody outside right now.
    """
    job = _locked(session, job_id)
    kind = installed_kind(job.kind)
    outside = job.state == JobState.RUNNING and (kind is None or kind.reaches_out)
    if outside or not may_move(JobState(job.state), JobState.CANCELLED):
        raise JobNotCancellable("This job is {state}.", state=job.state)
    job.state, job.lease_token, job.lease_expires_at = JobState.CANCELLED, None, None
    job.live_key, job.ended_at, job.reason = None, now, "cancelled"
    session.flush()
    if kind is not None and kind.died is not None:
        kind.died(session, run_of(job, kind=kind), "cancelled", now)
    _audit(session, job, actor=actor, action="job.cancelled", now=now)
    return job


def take_slot(session: Session, *, name: str, slot: datetime, now: datetime) -> bool:
    """Take one moment of the timetable and tell whether it was still free; the caller then files its job."""
    try:
        with session.begin_nested():
            session.execute(insert(ScheduleSlot).values(name=name, slot=slot, taken_at=now))
    except IntegrityError:
        return False
    return True


def _file_once(session: Session, row: dict[str, Any]) -> int:
    """Insert ``row`` unless a job of its key lives; a twin that commits first wins."""
    living = select(Job.id).where(Job.live_key == row["live_key"])
    found = session.scalar(living)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            return int(_INSERT_JOB.scalar(session.connection(), row))
    except IntegrityError:
        return session.scalars(living).one()


def _revive(session: Session, job: Job) -> None:
    """Give a dead job its key back."""
    live_key = _live_key(job.kind, job.dedupe_key)
    if live_key and session.scalar(select(Job.id).where(Job.live_key == live_key)) is not None:
        raise JobNotRetryable("Another job does the same already.")
    job.live_key = live_key


def _locked(session: Session, job_id: int) -> Job:
    """Return a job that nobody else can settle or change until this transaction ends."""
    found = session.scalar(
        select(Job).where(Job.id == job_id).with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        raise JobNotFound
    return found


def _live_key(kind: str, dedupe_key: str | None) -> str | None:
    """Return the key that is unique among jobs that have not ended."""
    return None if dedupe_key is None else f"{kind}:{dedupe_key}"


def _audit(session: Session, job: Job, *, actor: Actor, action: str, now: datetime) -> None:
    """Record what a person did with a job."""
    record_audit(
        session,
        organization_id=job.organization_id,
        actor=actor,
        action=action,
        object_type="job",
        object_id=str(job.id),
        now=now,
        detail={"kind": job.kind, "attempts": job.attempts},
    )
