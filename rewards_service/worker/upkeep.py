"""Jobs that keep the kit's own tables small."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from rewards_service.kit.idempotency import purge_answers
from rewards_service.kit.idempotency.answers import PURGE_MAX
from rewards_service.kit.jobs import Continue, Done, JobKind, JobRun, Outcome
from rewards_service.kit.jobs.models import ScheduleSlot
from rewards_service.kit.throttle import purge_failures

SLOTS_KEPT_FOR = timedelta(days=60)
ATTEMPTS_MAX = 5


def _forget_answers(session: Session, job: JobRun, _: object, now: datetime) -> Outcome:
    """Forget one chunk of stored answers, and come back while there are more."""
    forgotten = purge_answers(session, now=now)
    done = job.done + forgotten
    return Continue(None, done) if forgotten == PURGE_MAX else Done(f"{done} answers forgotten")


def _forget_failures(session: Session, _: JobRun, __: object, now: datetime) -> Outcome:
    """Forget failures that no throttle counts any more."""
    return Done(f"{purge_failures(session, now=now)} failures forgotten")


def _forget_slots(session: Session, _: JobRun, __: object, now: datetime) -> Outcome:
    """Forget moments of the timetable that are long past; the latest of each entry is never that old."""
    session.execute(delete(ScheduleSlot).where(ScheduleSlot.taken_at <= now - SLOTS_KEPT_FOR))
    return Done()


JOB_KINDS = [
    JobKind("upkeep.purge_answers", "bulk", ATTEMPTS_MAX, _forget_answers),
    JobKind("upkeep.purge_failures", "bulk", ATTEMPTS_MAX, _forget_failures),
    JobKind("upkeep.purge_slots", "bulk", ATTEMPTS_MAX, _forget_slots),
]
