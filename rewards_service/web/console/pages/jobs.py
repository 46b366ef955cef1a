"""Jobs: those in one state, and one with every try."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from rewards_service.kit.errors import NotFound
from rewards_service.kit.jobs import JobState, attempts_of, job_by_id, jobs_by_state
from rewards_service.kit.jobs.models import Job, JobAttempt
from rewards_service.web.console.pages.rows import JobRow, job_rows
from rewards_service.web.console.words import JOBS
from rewards_service.web.console.workers import Worker

STATES = (JobState.DEAD, JobState.UNKNOWN, JobState.PENDING, JobState.RUNNING, JobState.DONE, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Filter:
    """One chip over a list."""

    label: str
    url: str
    is_on: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class JobsPage:
    """Jobs of one state."""

    filters: list[Filter]
    jobs: list[JobRow]


@dataclass(frozen=True, slots=True)
class JobPage:
    """One job with every try."""

    job: JobRow
    attempts: Sequence[JobAttempt]


def jobs_page(session: Session, *, worker: Worker, state: JobState) -> JobsPage:
    """Return the organization's jobs in ``state``, newest first."""
    organization_id = worker.organization_id
    counts = {each: len(jobs_by_state(session, states=[each], organization_id=organization_id)) for each in STATES}
    filters = [
        Filter(str(JOBS[each].name), url_for("console.jobs", state=each.value), each == state, counts[each])
        for each in STATES
    ]
    found = jobs_by_state(session, states=[state], organization_id=organization_id)
    return JobsPage(filters, job_rows(found, may_manage=worker.grant.may("jobs.manage")))


def job_page(session: Session, *, worker: Worker, job_id: int) -> JobPage:
    """Return one job of the worker's organization. Raises ``NotFound``."""
    job = own_job(session, worker=worker, job_id=job_id)
    (row,) = job_rows([job], may_manage=worker.grant.may("jobs.manage"))
    return JobPage(row, attempts_of(session, job_id=job.id))


def own_job(session: Session, *, worker: Worker, job_id: int) -> Job:
    """Return a job of the worker's organization. Raises ``NotFound`` for any other, as if it did not exist."""
    job = job_by_id(session, job_id=job_id)
    if job.organization_id != worker.organization_id:
        raise NotFound
    return job
