"""Jobs of codes: batches are issued, and old readable copies wiped, chunk by chunk, each chunk one transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.codes.models import CodeBatch
from rewards_service.codes.operations.issuing import BATCH_JOB, issue_chunk
from rewards_service.codes.operations.wiping import wipe_copies
from rewards_service.kit.actor import Actor
from rewards_service.kit.jobs import Continue, Done, JobKind, JobRun, Outcome

ATTEMPTS_MAX = 8


def _issue_next(session: Session, job: JobRun, _: object, now: datetime) -> Outcome:
    """Issue one chunk; the cursor is the number of the last one."""
    batch = session.get_one(CodeBatch, job.payload["batch_id"])
    chunk = (job.cursor or 0) + 1
    actor_kind, actor_reference = job.payload["actor"]
    issued = issue_chunk(
        session,
        batch=batch,
        chunk=chunk,
        issued=job.done,
        vault=job.gateways.vault,
        actor=Actor(actor_kind, actor_reference),
        now=now,
    )
    if job.done + issued < batch.count:
        return Continue(cursor=chunk, done=job.done + issued)
    return Done(note=f"{batch.count} codes issued")


def _wipe_next(session: Session, job: JobRun, _: object, now: datetime) -> Outcome:
    """Look at one chunk; the cursor is the last code looked at."""
    chunk = wipe_copies(session, after_id=job.cursor or 0, now=now)
    done = job.done + chunk.wiped
    return Continue(cursor=chunk.last_id, done=done) if chunk.last_id else Done(note=f"{done} copies wiped")


JOB_KINDS = [
    JobKind(name=BATCH_JOB, queue="bulk", attempts_max=ATTEMPTS_MAX, settle=_issue_next),
    JobKind(name="codes.wipe_copies", queue="bulk", attempts_max=ATTEMPTS_MAX, settle=_wipe_next),
]
