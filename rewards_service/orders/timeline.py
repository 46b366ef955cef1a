"""What happens to an order, in words that stay: the names of its timeline's events, and writing them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from rewards_service.kit.actor import Actor
from rewards_service.kit.statements import Statement
from rewards_service.orders.models import OrderEvent

_INSERT = Statement(insert(OrderEvent))


class Event(StrEnum):
    """What the timeline says."""

    PLACED = "placed"
    CANCELLED = "cancelled"
    LINE_ISSUED = "line_issued"
    LINE_FAILED = "line_failed"
    LINE_REFUNDED = "line_refunded"
    LINE_REVEALED = "line_revealed"
    MESSAGE_QUEUED = "message_queued"
    MESSAGE_REFUSED = "message_refused"


@dataclass(frozen=True, slots=True)
class EventView:
    """One event as it is shown; ``detail`` holds counts, codes and reasons."""

    at: datetime
    actor: str
    event: str
    line_number: int | None
    detail: Mapping[str, Any] = field(default_factory=dict)


def record_events(session: Session, *, order_id: int, events: Sequence[EventView]) -> None:
    """Add to an order's timeline, in the transaction of what the events speak of."""
    _INSERT.run_each(
        session.connection(),
        [
            {
                "order_id": order_id,
                "at": event.at,
                "actor": event.actor,
                "event": event.event,
                "line_number": event.line_number,
                "detail": dict(event.detail),
            }
            for event in events
        ],
    )


def new_event(
    event: Event, *, actor: Actor, now: datetime, line_number: int | None = None, **detail: str | int | None
) -> EventView:
    """Return an event of ``now``; ``detail`` holds no personal data and no secret."""
    return EventView(now, f"{actor.kind}:{actor.reference}", event.value, line_number, detail)
