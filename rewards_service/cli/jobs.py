"""``rewards jobs``: what waits, what died, and what a person does about it."""

import click

from rewards_service.cli.context import emit, json_option, with_services
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.jobs import JobState, attempts_of, cancel_job, jobs_by_state, retry_job
from rewards_service.kit.jobs.models import Job
from rewards_service.kit.services import Services

STATES = [state.value for state in JobState]
OPEN_STATES = (JobState.PENDING, JobState.RUNNING, JobState.UNKNOWN, JobState.DEAD)


@click.group()
def jobs() -> None:
    """List, retry and cancel background jobs."""


@jobs.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only jobs in this state.")
@click.option("--kind", help="Only jobs of this kind.")
@json_option
@with_services
def list_jobs(_: Services, *, state: str | None, kind: str | None, as_json: bool) -> None:
    """Show jobs that have not ended, or those in one state; the newest first."""
    states = [JobState(state)] if state else list(OPEN_STATES)
    with read_session() as session:
        found = jobs_by_state(session, states=states, kind=kind)
        for job in found:
            emit(_as_json(job), as_json=as_json, text=_as_line(job))
        if not (found or as_json):
            click.echo("No such jobs." if state or kind else "Nothing waits, nothing runs, nothing died.")


@jobs.command("retry")
@click.argument("job_id", type=int)
@json_option
@with_services
def retry(services: Services, *, job_id: int, as_json: bool) -> None:
    """Run a dead or waiting job as soon as possible, with all its tries anew."""
    now = services.clock.now()
    job = transact(lambda session: retry_job(session, job_id=job_id, actor=SYSTEM, now=now))
    emit(_as_json(job), as_json=as_json, text=_as_line(job))


@jobs.command("cancel")
@click.argument("job_id", type=int)
@json_option
@with_services
def cancel(services: Services, *, job_id: int, as_json: bool) -> None:
    """Take a job off the list for good; a bulk job keeps what it has done."""
    now = services.clock.now()
    job = transact(lambda session: cancel_job(session, job_id=job_id, actor=SYSTEM, now=now))
    emit(_as_json(job), as_json=as_json, text=_as_line(job))


@jobs.command("attempts")
@click.argument("job_id", type=int)
@json_option
@with_services
def attempts(_: Services, *, job_id: int, as_json: bool) -> None:
    """Show what each try of a job came to."""
    with read_session() as session:
        for row in attempts_of(session, job_id=job_id):
            result = {"attempt": row.attempt, "outcome": row.outcome, "reason": row.reason, "at": row.started_at}
            text = f"{row.attempt}  {row.started_at:%Y-%m-%d %H:%M:%S}  {row.outcome}  {row.reason or ''}"
            emit(result, as_json=as_json, text=text)


def _as_json(job: Job) -> dict[str, object]:
    """Return a job for programs."""
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "attempts": job.attempts,
        "run_at": job.run_at,
        "done": job.done,
        "total": job.total,
        "reason": job.reason,
    }


def _as_line(job: Job) -> str:
    """Return a job for a person."""
    progress = "" if job.total is None else f"  {job.done} of {job.total}"
    return f"{job.id}  {job.kind}  {job.state}  tries {job.attempts}{progress}  {job.reason or ''}".rstrip()
