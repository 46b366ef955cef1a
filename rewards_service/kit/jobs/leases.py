"""What a worker does with jobs: claim some, keep them, give them back, take over what another worker lost.

A claim hands out a lease token. Whoever settles must still hold it: a worker that was thought dead and comes back
finds its token gone, and does nothing.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, and_, func, or_, select, update
from sqlalchemy.orm import Session

from rewards_service.kit.jobs.kinds import JobRun, run_of
from rewards_service.kit.jobs.models import Job
from rewards_service.kit.jobs.policy import QUEUES, JobState, Queue
from rewards_service.kit.jobs.registry import JobRegistry

RECOVER_MAX = 200
"""How many lost jobs one transaction takes over."""
TOKEN_BYTES = 16

_JOB = cast("Table", Job.__table__)
_C = _JOB.c
_CLAIM_ORDER = attrgetter("priority", "run_at", "id")


class LeaseLost(Exception):
    """Another worker, or a person, has taken the job meanwhile: whatever was done for it must not count."""


def claim_jobs(
    session: Session,
    *,
    registry: JobRegistry,
    queue: Queue,
    worker: str,
    gateways: object,
    now: datetime,
    limit: int | None = None,
) -> list[JobRun]:
    """Claim the most urgent due jobs of ``queue``: its batch, or ``limit``, and never more than may be in flight.

    Kinds that this process does not know stay where they are, for a worker of another release.
    """
    room = min(limit or queue.batch, queue.in_flight_max - _in_flight(session, queue))
    if room <= 0:
        return []
    claimed = session.execute(
        update(_JOB)
        .where(_C.id.in_(_picked(registry, queue, now, room)), _C.state == JobState.PENDING)
        .values(
            state=JobState.RUNNING,
            lease_token=secrets.token_hex(TOKEN_BYTES),
            lease_expires_at=now + queue.lease,
            claimed_at=now,
            worker=worker,
            attempts=_C.attempts + 1,
        )
        .returning(*_C)
    ).all()
    in_order = sorted(claimed, key=_CLAIM_ORDER)
    runs = [run_of(row, kind=registry.kind(row.kind), gateways=gateways) for row in in_order]
    _tell_kinds(session, registry, runs, now)
    return runs


def keep_leases(session: Session, *, runs: Sequence[JobRun], queue: Queue, now: datetime) -> list[JobRun]:
    """Renew the leases of ``runs``, all of one claim, and return those that are still held."""
    renewed = update(_JOB).where(_held_by(runs)).values(lease_expires_at=now + queue.lease).returning(_C.id)
    kept = set(session.scalars(renewed))
    return [run for run in runs if run.id in kept]


def require_leases(session: Session, *, runs: Sequence[JobRun]) -> None:
    """Lock the jobs of ``runs``, all of one claim, until this transaction ends.

    Raises:
        LeaseLost: at least one of them is no longer held.
    """
    held = session.scalars(select(_C.id).where(_held_by(runs)).order_by(_C.id).with_for_update()).all()
    if len(held) != len(runs):
        raise LeaseLost


def give_back(session: Session, *, runs: Sequence[JobRun], now: datetime) -> None:
    """Return jobs of one claim that were not begun; the claim does not count as a try."""
    session.execute(
        update(_JOB)
        .where(_held_by(runs))
        .values(state=JobState.PENDING, lease_token=None, lease_expires_at=None, run_at=now, attempts=_C.attempts - 1)
    )


def lost_jobs(session: Session, *, now: datetime, gone_workers: Sequence[str] = ()) -> list[Job]:
    """Lock and return jobs whose lease has run out or whose worker is known to be gone, at most ``RECOVER_MAX``."""
    return list(
        session.scalars(
            select(Job)
            .where(Job.queue.in_(QUEUES), Job.state == JobState.RUNNING)
            .where(or_(Job.lease_expires_at <= now, Job.worker.in_(gone_workers)))
            .order_by(Job.id)
            .limit(RECOVER_MAX)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
    )


def release_lookups(session: Session, *, now: datetime) -> int:
    """Let jobs whose look-up is due be claimed, and return how many; they stay marked as unresolved."""
    due = and_(_C.queue.in_(QUEUES), _C.state == JobState.UNKNOWN, _C.run_at <= now)
    released = session.scalars(update(_JOB).where(due).values(state=JobState.PENDING).returning(_C.id)).all()
    return len(released)


def file_by_registry(session: Session, *, registry: JobRegistry) -> None:
    """Put waiting jobs into the queue that their kind has now: a release may have moved it."""
    for kind in registry:
        session.execute(
            update(_JOB)
            .where(_C.queue.in_(QUEUES), _C.state == JobState.PENDING, _C.kind == kind.name, _C.queue != kind.queue)
            .values(queue=kind.queue)
        )


def workers_at_work(session: Session) -> list[str]:
    """Return the names of all workers that hold a job."""
    at_work = select(Job.worker).where(Job.queue.in_(QUEUES), Job.state == JobState.RUNNING).distinct()
    return [worker for worker in session.scalars(at_work) if worker is not None]


def _picked(registry: JobRegistry, queue: Queue, now: datetime, room: int) -> Select[Any]:
    """Return the ids to claim.

    As a CTE, because a locking one is evaluated once whatever the plan; a sub-select may be run again for each row
    and lock more than ``room``. SQLite, where one writer is alone anyway, leaves the locking clause out.
    """
    picked = (
        select(_C.id)
        .where(_C.queue == queue.name, _C.state == JobState.PENDING, _C.run_at <= now)
        .where(_C.kind.in_(registry.names(queue=queue.name)))
        .order_by(_C.priority, _C.run_at, _C.id)
        .limit(room)
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    return select(picked.c.id)


def _tell_kinds(session: Session, registry: JobRegistry, runs: Sequence[JobRun], now: datetime) -> None:
    """Let each kind that wants to know see which of its jobs were claimed."""
    for name, of_kind in groupby(sorted(runs, key=attrgetter("kind")), key=attrgetter("kind")):
        told = registry.kind(name).claimed
        if told is not None:
            told(session, list(of_kind), now)


def _in_flight(session: Session, queue: Queue) -> int:
    """Return how many jobs of ``queue`` are under way everywhere; two claims at once may overshoot by one batch."""
    running = select(func.count()).select_from(_JOB).where(_C.queue == queue.name, _C.state == JobState.RUNNING)
    return session.scalar(running) or 0


def _held_by(runs: Sequence[JobRun]) -> ColumnElement[bool]:
    """Return the condition that a row is one of ``runs`` and still under their lease."""
    tokens = {run.lease_token for run in runs}
    return and_(_C.id.in_([run.id for run in runs]), _C.lease_token.in_(tokens), _C.state == JobState.RUNNING)
