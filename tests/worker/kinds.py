"""Kinds of jobs that leave a trace, and ends that tests choose."""

from sqlalchemy import select

from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.audit import record_audit
from rewards_service.kit.audit.models import AuditEvent
from rewards_service.kit.database import read_session
from rewards_service.kit.jobs import Done, JobKind


def leave_trace(session, name, now):
    """Leave an effect in the database that can be counted."""
    record_audit(session, organization_id=None, actor=SYSTEM, action=name, object_type="job", object_id="1", now=now)
    session.flush()


def traces():
    with read_session() as reader:
        return list(reader.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def kind(settle=None, *, name="a.b", queue="default", attempts_max=3, **more):
    def trace_and_end(session, job, _, now):
        leave_trace(session, f"{job.kind}.done", now)
        return Done("fine", 200)

    return JobKind(name, queue, attempts_max, settle or trace_and_end, **more)


def ending(*outcomes):
    """Return a ``settle`` that ends in ``outcomes`` one after another, then well; it counts its calls."""
    left = list(outcomes)

    def settle(session, job, produced, now):
        settle.calls.append((job, produced))
        outcome = left.pop(0) if left else Done()
        if isinstance(outcome, Exception):
            leave_trace(session, "undone", now)
            raise outcome
        return outcome

    settle.calls = []
    return settle
