"""An order is taken back before anything was issued."""

from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import record_audit
from rewards_service.orders.errors import OrderAlreadyCancelled, OrderNotCancellable
from rewards_service.orders.models import Order, OrderLine
from rewards_service.orders.operations.resolving import LockedOrder, derive_order_state, give_line_back, lock_order
from rewards_service.orders.policy import LineState, OrderState
from rewards_service.orders.timeline import Event, new_event, record_events
from rewards_service.programs.models import Program

UNTOUCHED = frozenset({LineState.HELD, LineState.FAILED, LineState.CANCELLED})
"""States that say: nothing of this line was handed over, nor ever will be without its value."""


def cancel_order(
    session: Session, *, program: Program, order: Order, actor: Actor, now: datetime, reason: str | None = None
) -> Order:
    """Give back exactly what came from each tender and end the order, which is returned.

    Raises:
        OrderAlreadyCancelled: it was cancelled before.
        OrderNotCancellable: a line was issued, may have been, or is about to be; or every line has failed.
    """
    locked = lock_order(session, order_id=order.id)
    for line in _require_cancellable(locked):
        give_line_back(session, program=program, locked=locked, line=line, to=LineState.CANCELLED, actor=actor, now=now)
    locked.order.awaits_approval = False
    record_events(session, order_id=order.id, events=[new_event(Event.CANCELLED, actor=actor, now=now, reason=reason)])
    derive_order_state(session, locked=locked)
    record_audit(
        session,
        organization_id=order.organization_id,
        actor=actor,
        action="order.cancelled",
        object_type="order",
        object_id=order.public_id,
        now=now,
        reason=reason,
    )
    return locked.order


def _require_cancellable(locked: LockedOrder) -> list[OrderLine]:
    """Return the lines whose value goes back.

    Raises:
        OrderAlreadyCancelled, OrderNotCancellable: as ``cancel_order``.
    """
    if locked.order.state == OrderState.CANCELLED:
        raise OrderAlreadyCancelled
    touched = next((line for line in locked.lines if LineState(line.state) not in UNTOUCHED), None)
    if touched is not None:
        raise OrderNotCancellable("Line {line} is {state}.", line=touched.number, state=touched.state)
    held = [line for line in locked.lines if line.state == LineState.HELD]
    if not held:
        raise OrderNotCancellable("Nothing is set aside for this order any more.")
    return held
