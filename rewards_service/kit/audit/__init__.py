"""The audit trail: who did what to which object, when and why, in the transaction that did it.

Invariants: rows are only added; whatever is recorded stands or falls with the change it speaks of; personal data
appears by reference alone, so that erasing a person leaves the trail whole.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.kit.actor import Actor
from rewards_service.kit.audit.models import AuditEvent
from rewards_service.kit.logs import current_request_id

TRAIL_LENGTH_MAX = 500


def record_audit(
    session: Session,
    *,
    organization_id: int | None,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: str,
    now: datetime,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Record that ``actor`` did ``action`` (``code.blocked``) to the object with that public id, and return the row.

    ``detail`` says what changed, without names, addresses or secrets; ``reason`` is what the actor said.
    """
    event = AuditEvent(
        organization_id=organization_id,
        recorded_at=now,
        actor_kind=actor.kind,
        actor_reference=actor.reference,
        action=action,
        object_type=object_type,
        object_id=object_id,
        reason=reason,
        detail=detail or {},
        request_id=current_request_id(),
    )
    session.add(event)
    return event


def audit_of_object(
    session: Session, *, organization_id: int, object_type: str, object_id: str, limit: int = TRAIL_LENGTH_MAX
) -> list[AuditEvent]:
    """Return the trail of one object, oldest first: the latest ``limit`` events, at most ``TRAIL_LENGTH_MAX``."""
    newest_first = session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.organization_id == organization_id,
            AuditEvent.object_type == object_type,
            AuditEvent.object_id == object_id,
        )
        .order_by(AuditEvent.id.desc())
        .limit(min(limit, TRAIL_LENGTH_MAX))
    )
    return list(newest_first)[::-1]


def audit_of_organization(
    session: Session, *, organization_id: int, before_id: int | None = None, limit: int = TRAIL_LENGTH_MAX
) -> list[AuditEvent]:
    """Return an organization's trail, newest first and at most ``limit``; ``before_id`` begins the next page."""
    query = select(AuditEvent).where(AuditEvent.organization_id == organization_id)
    if before_id is not None:
        query = query.where(AuditEvent.id < before_id)
    return list(session.scalars(query.order_by(AuditEvent.id.desc()).limit(min(limit, TRAIL_LENGTH_MAX))))
