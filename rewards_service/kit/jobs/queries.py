"""Reads of jobs: what waits, what is under way, what died, and how far a bulk job has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from rewards_service.kit.errors import NotFound
from rewards_service.kit.jobs.models import Job, JobAttempt, ScheduleSlot
from rewards_service.kit.jobs.policy import QUEUES, JobState
from rewards_service.kit.jobs.registry import JobRegistry

LIST_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come, in whatever its kind counts; ``total`` is ``None`` where nobody knows."""

    state: JobState
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Situation:
    """Which queues hold something to be claimed, and whether a lease has run out or a look-up is due."""

    due_queues: list[str]
    needs_recovery: bool


class JobNotFound(NotFound):
    """No job has that number."""

    title = "There is no such job"


def job_by_id(session: Session, *, job_id: int) -> Job:
    """Return the job of that number.

    Raises:
        JobNotFound: there is none.
    """
    found = session.get(Job, job_id)
    if found is None:
        raise JobNotFound
    return found


def jobs_by_state(
    session: Session,
    *,
    states: Sequence[JobState],
    kind: str | None = None,
    organization_id: int | None = None,
    before_id: int | None = None,
    limit: int = LIST_LENGTH_MAX,
) -> list[Job]:
    """Return the newest jobs in one of ``states``, at most ``LIST_LENGTH_MAX``; ``before_id`` begins the next page."""
    query = select(Job).where(Job.queue.in_(QUEUES), Job.state.in_(states))
    for column, value in ((Job.kind, kind), (Job.organization_id, organization_id)):
        if value is not None:
            query = query.where(column == value)
    if before_id is not None:
        query = query.where(Job.id < before_id)
    return list(session.scalars(query.order_by(Job.id.desc()).limit(min(limit, LIST_LENGTH_MAX))))


def attempts_of(session: Session, *, job_id: int) -> list[JobAttempt]:
    """Return what the tries of a job came to, oldest first."""
    return list(session.scalars(select(JobAttempt).where(JobAttempt.job_id == job_id).order_by(JobAttempt.id)))


def progress_of(session: Session, *, job_id: int) -> Progress:
    """Return how far a job has come.

    Raises:
        JobNotFound: there is none of that number.
    """
    job = job_by_id(session, job_id=job_id)
    return Progress(state=JobState(job.state), done=job.done, total=job.total)


def count_by_state(session: Session) -> dict[JobState, int]:
    """Return how many jobs there are in each state, zeros included."""
    counts: dict[JobState, int] = dict.fromkeys(JobState, 0)
    for state, count in session.execute(select(Job.state, func.count()).group_by(Job.state)):
        counts[JobState(state)] = count
    return counts


def look_around(session: Session, *, registry: JobRegistry, now: datetime) -> Situation:
    """Return what there is to do for a worker that knows ``registry``: a few index probes in one statement."""
    questions = [exists(_due_in(queue, registry, now)) for queue in QUEUES]
    questions += [exists(_lost(now)), exists(_to_look_up(now))]
    *due, is_lost, is_to_look_up = session.execute(select(*questions)).one()
    queues = [queue for queue, is_due in zip(QUEUES, due, strict=True) if is_due]
    return Situation(due_queues=queues, needs_recovery=bool(is_lost or is_to_look_up))


def kinds_in_use(session: Session) -> list[str]:
    """Return, sorted, the kinds of all jobs that have not ended: what a release must be able to run."""
    live = (JobState.PENDING, JobState.RUNNING, JobState.UNKNOWN)
    return sorted(session.scalars(select(Job.kind).where(Job.queue.in_(QUEUES), Job.state.in_(live)).distinct()))


def latest_slot(session: Session, *, name: str) -> datetime | None:
    """Return the newest moment of the timetable that was taken under ``name``."""
    return session.scalar(select(func.max(ScheduleSlot.slot)).where(ScheduleSlot.name == name))


def _due_in(queue: str, registry: JobRegistry, now: datetime) -> Select[int]:
    """Return the statement for jobs of ``queue`` to be claimed."""
    return select(Job.id).where(
        Job.queue == queue,
        Job.state == JobState.PENDING,
        Job.run_at <= now,
        Job.kind.in_(registry.names(queue=queue)),
    )


def _lost(now: datetime) -> Select[int]:
    """Return the statement for jobs whose lease has run out."""
    return select(Job.id).where(Job.queue.in_(QUEUES), Job.state == JobState.RUNNING, Job.lease_expires_at <= now)


def _to_look_up(now: datetime) -> Select[int]:
    """Return the statement for jobs whose outcome is to be looked up now."""
    return select(Job.id).where(Job.queue.in_(QUEUES), Job.state == JobState.UNKNOWN, Job.run_at <= now)
