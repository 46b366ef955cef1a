"""Everything that happened, from three trails: the books, the timelines of orders, and what people and machines did.

Each trail is read backwards by its own key, so a page costs the same however long they are.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from rewards_service.codes.models import Code, CodeBatch
from rewards_service.delivery.models import Message
from rewards_service.identity.models import Member
from rewards_service.kit.audit.models import AuditEvent
from rewards_service.kit.paging import PAGE_SIZE, PAGE_SIZE_MAX, Page, decode_cursor, encode_cursor
from rewards_service.kit.signing import Signer
from rewards_service.ledger.models import Entry
from rewards_service.orders.models import Order, OrderEvent
from rewards_service.wallets.models import Award, Wallet

LISTING = "events"
FROM_THE_END = 2**62
"""Larger than any key: the first page begins here."""

OF_A_PROGRAM: Mapping[str, type[Any]] = {
    "award": Award,
    "code": Code,
    "code_batch": CodeBatch,
    "member": Member,
    "message": Message,
    "order": Order,
    "wallet": Wallet,
}
"""What the trail of deeds speaks of that belongs to one program, by the name it has there."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose events: an organization's (key and public id), or those of one of its programs."""

    organization_id: int
    organization: str
    program_id: int | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """One event.

    Attributes:
        id: stable, and nothing of the key inside.
        type: ``code.blocked``, ``order.placed``, ``ledger.award``.
        object_type, object_id: what it happened to, by public id.
    """

    id: str
    at: datetime
    type: str
    actor: str
    object_type: str
    object_id: str
    trail: int
    key: int
    reason: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def list_happenings(
    session: Session, *, scope: Scope, signer: Signer, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[Happening]:
    """Return a page of what happened, newest first.

    Raises:
        CursorInvalid: ``cursor`` is not one of this list.
    """
    size = max(1, min(limit, PAGE_SIZE_MAX))
    before = [FROM_THE_END] * len(_TRAILS)
    if cursor is not None:
        before = [int(position) for position in decode_cursor(signer, listing=LISTING, cursor=cursor)]
    trails = [read(session, scope, key, size + 1) for read, key in zip(_TRAILS, before, strict=True)]
    found = list(islice(merge(*trails, key=lambda each: each.at, reverse=True), size + 1))
    if len(found) <= size:
        return Page(items=found, next_cursor=None)
    for each in found[:size]:
        before[each.trail] = each.key
    return Page(items=found[:size], next_cursor=encode_cursor(signer, listing=LISTING, position=before))


def _entries(session: Session, scope: Scope, before: int, limit: int) -> Sequence[Happening]:
    """Return the latest entries of the books."""
    statement = select(Entry).where(Entry.organization_id == scope.organization_id, Entry.id < before)
    if scope.program_id is not None:
        statement = statement.where(Entry.program_id == scope.program_id)
    return [
        Happening(
            id=_opaque(scope, "entry", entry.id),
            at=entry.recorded_at,
            type=f"ledger.{entry.kind}",
            actor=entry.actor,
            object_type=entry.source_type,
            object_id=entry.source_ref,
            trail=0,
            key=entry.id,
            reason=entry.reason,
        )
        for entry in session.scalars(statement.order_by(Entry.id.desc()).limit(limit))
    ]


def _order_events(session: Session, scope: Scope, before: int, limit: int) -> Sequence[Happening]:
    """Return the latest events of orders."""
    statement = (
        select(OrderEvent, Order.public_id)
        .join(Order, Order.id == OrderEvent.order_id)
        .where(Order.organization_id == scope.organization_id, OrderEvent.id < before)
    )
    if scope.program_id is not None:
        statement = statement.where(Order.program_id == scope.program_id)
    return [
        Happening(
            id=_opaque(scope, "order_event", event.id),
            at=event.at,
            type=f"order.{event.event}",
            actor=event.actor,
            object_type="order",
            object_id=order_id,
            trail=1,
            key=event.id,
            detail=event.detail if event.line_number is None else {**event.detail, "line": event.line_number},
        )
        for event, order_id in session.execute(statement.order_by(OrderEvent.id.desc()).limit(limit))
    ]


def _deeds(session: Session, scope: Scope, before: int, limit: int) -> Sequence[Happening]:
    """Return what people and machines did last."""
    statement = select(AuditEvent).where(AuditEvent.organization_id == scope.organization_id, AuditEvent.id < before)
    if scope.program_id is not None:
        statement = statement.where(_is_of_program(AuditEvent.object_type, AuditEvent.object_id, scope.program_id))
    return [
        Happening(
            id=_opaque(scope, "audit", deed.id),
            at=deed.recorded_at,
            type=deed.action,
            actor=f"{deed.actor_kind}:{deed.actor_reference}",
            object_type=deed.object_type,
            object_id=deed.object_id,
            trail=2,
            key=deed.id,
            reason=deed.reason,
            detail=deed.detail,
        )
        for deed in session.scalars(statement.order_by(AuditEvent.id.desc()).limit(limit))
    ]


_TRAILS = (_entries, _order_events, _deeds)


def _is_of_program(
    object_type: InstrumentedAttribute[str], object_id: InstrumentedAttribute[str], program_id: int
) -> ColumnElement[bool]:
    """Return the condition that an object is one of the program's."""
    return or_(
        *(
            and_(
                object_type == name,
                select(model.id).where(model.public_id == object_id, model.program_id == program_id).exists(),
            )
            for name, model in OF_A_PROGRAM.items()
        )
    )


def _opaque(scope: Scope, trail: str, key: int) -> str:
    """Return the id of an event; the organization's own id keeps others from computing it."""
    digest = hashlib.sha256(f"{scope.organization}:{trail}:{key}".encode()).hexdigest()
    return f"evt_{digest[:26]}"
