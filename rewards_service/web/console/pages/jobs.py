"""Jobs: those in one state, and one with every try."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from rewards_service.kit.errors import NotFound
from rewards_service.kit.jobs import JobState, attempts_of, job_by_id, jobs_by_state
from rewards_service.kit.jobs.models import Job, JobAttempt
from rewards_service.kit.jobs.queries import LIST_LENGTH_MAX
from rewards_service.web.console.pages.rows import JobRow, job_rows
from rewards_service.web.console.words import JOBS
from rewards_service.web.console.workers import Worker

JOBS_SHOWN = 50
NUMBER_MAX = 2**63 - 1
"""Beyond it no database has a number for a job."""
STATES = (JobState.DEAD, JobState.UNKNOWN, JobState.PENDING, JobState.RUNNING, JobState.DONE, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Filter:
    """One chip over a list; ``has_more`` where only so many were counted."""

    label: str
    url: str
    is_on: bool
    count: int | None = None
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class JobsPage:
    """Some jobs of one state."""

    filters: list[Filter]
    jobs: list[JobRow]
    next_url: str


@dataclass(frozen=True, slots=True)
class JobPage:
    """One job with every try."""

    job: JobRow
    attempts: Sequence[JobAttempt]


def jobs_page(session: Session, *, worker: Worker, state: JobState, before_id: int | None = None) -> JobsPage:
    """Return ``JOBS_SHOWN`` of the organization's jobs in ``state``, newest first, those before ``before_id``."""
    organization_id = worker.organization_id
    filters = [_filter(session, organization_id, each, is_on=each == state) for each in STATES]
    found = jobs_by_state(
        session, states=[state], organization_id=organization_id, before_id=before_id, limit=JOBS_SHOWN + 1
    )
    shown = found[:JOBS_SHOWN]
    has_older = len(found) > JOBS_SHOWN
    next_url = url_for("console.jobs", state=state.value, before=shown[-1].id) if has_older else ""
    return JobsPage(filters, job_rows(shown, may_manage=worker.grant.may("jobs.manage")), next_url)


def job_number(text: str) -> int:
    """Return the number of a job that may exist. Raises ``ValueError`` for anything else."""
    number = int(text)
    if number > NUMBER_MAX:
        raise ValueError(text)
    return number


def job_page(session: Session, *, worker: Worker, job_id: int) -> JobPage:
    """Return one job of the worker's organization. Raises ``NotFound``."""
    job = own_job(session, worker=worker, job_id=job_id)
    (row,) = job_rows([job], may_manage=worker.grant.may("jobs.manage"))
    return JobPage(row, attempts_of(session, job_id=job.id))


def own_job(session: Session, *, worker: Worker, job_id: int) -> Job:
    """Return a job of the worker's organization. Raises ``NotFound`` for any other, as if it did not exist."""
    if job_id > NUMBER_MAX:
        raise NotFound
    job = job_by_id(session, job_id=job_id)
    if job.organization_id != worker.organization_id:
        raise NotFound
    return job


def _filter(session: Session, organization_id: int, state: JobState, *, is_on: bool) -> Filter:
    """Return the chip of one state with how many jobs are in it, as far as they are counted."""
    count = len(jobs_by_state(session, states=[state], organization_id=organization_id))
    url = url_for("console.jobs", state=state.value)
    return Filter(str(JOBS[state].name), url, is_on, count, has_more=count >= LIST_LENGTH_MAX)
