"""The job that follows every order line."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from rewards_service.fulfillment.operations import fulfil_line, give_up_line
from rewards_service.kit.actor import Actor
from rewards_service.kit.jobs import Done, JobKind, JobRun, Outcome
from rewards_service.orders.operations.setting_aside import FULFIL_LINE

ATTEMPTS_MAX = 8


def settle_line(session: Session, job: JobRun, _: Any, now: datetime) -> Outcome:  # noqa: ANN401 — every kind has its own
    """Fulfil the line, or find that somebody else has settled it."""
    state = fulfil_line(session, order_line_id=job.payload["order_line_id"], actor=_actor(job), now=now)
    return Done(note=state)


def line_died(session: Session, job: JobRun, reason: str, now: datetime) -> None:
    """Give the value of a line back whose job will not be tried again: nothing had been handed over."""
    give_up_line(session, order_line_id=job.payload["order_line_id"], reason=reason, actor=_actor(job), now=now)


def _actor(job: JobRun) -> Actor:
    """Return who acts in a job."""
    return Actor("job", job.kind)


JOB_KINDS = [
    JobKind(name=FULFIL_LINE, queue="money", attempts_max=ATTEMPTS_MAX, settle=settle_line, died=line_died),
]
"""Handing out from the stock needs nobody outside, so there is nothing to perform or to look up."""
