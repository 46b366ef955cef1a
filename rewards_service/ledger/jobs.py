"""Jobs of the books: a new rate reaches all lots, and entries are added up by day."""

from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.kit.jobs import Continue, Done, JobKind, JobRun, Outcome
from rewards_service.ledger.operations.rating import REBASE_LOTS
from rewards_service.ledger.operations.rebasing import CHUNK, rebase_chunk
from rewards_service.ledger.operations.rolling import roll_days
from rewards_service.programs.queries import program_by_id

ROLL_DAYS = "ledger.roll_days"
PASSES_MAX = 50
"""Chunks that one run of the roller adds up before it lets others have the worker."""


def _rebase(session: Session, job: JobRun, _: object, now: datetime) -> Outcome:
    """Re-base one chunk, and come back while there is more."""
    program = program_by_id(session, program_id=job.payload["program_id"])
    last = rebase_chunk(session, program=program, after_lot_id=job.cursor or 0, now=now)
    return Done() if last is None else Continue(cursor=last, done=job.done + CHUNK)


def _roll(session: Session, job: JobRun, _: object, __: datetime) -> Outcome:
    """Add up one chunk of entries, and come back while there is more."""
    has_more = roll_days(session)
    return Continue(cursor=None, done=job.done + 1) if has_more and job.done < PASSES_MAX else Done()


JOB_KINDS = [
    JobKind(name=REBASE_LOTS, queue="bulk", attempts_max=8, settle=_rebase),
    JobKind(name=ROLL_DAYS, queue="bulk", attempts_max=8, settle=_roll),
]
