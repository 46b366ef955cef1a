"""What becomes of a line: issued or failed, with what the books and the timeline say about it.

Whoever changes a line locks its order first, so that two lines of one order never judge its state past each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from rewards_service.codes.queries import living_accounts
from rewards_service.kit.actor import Actor
from rewards_service.ledger.operations import MoneyLine, capture_hold, void_hold
from rewards_service.orders.models import Order, OrderLine, OrderLineRecovery, OrderTender
from rewards_service.orders.policy import (
    ORDER_MOVES,
    LineState,
    OrderState,
    line_reference,
    order_state,
    require_line_move,
)
from rewards_service.orders.timeline import Event, new_event, record_events
from rewards_service.programs.models import Program


@dataclass(frozen=True, slots=True)
class LockedOrder:
    """An order that nobody else changes until this transaction ends, with its lines in order."""

    order: Order
    lines: Sequence[OrderLine]

    def line(self, number: int) -> OrderLine:
        """Return the line of that number, which exists."""
        return self.lines[number - 1]


def lock_order(session: Session, *, order_id: int) -> LockedOrder:
    """Lock an order and return it as it stands now."""
    order = session.scalars(
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    lines = session.scalars(
        select(OrderLine)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.number)
        .execution_options(populate_existing=True)
    ).all()
    return LockedOrder(order, lines)


def lock_order_of_line(session: Session, *, order_line_id: int) -> tuple[LockedOrder, OrderLine]:
    """Lock the order of a line, which exists; return both as they stand now."""
    order_id = session.scalars(select(OrderLine.order_id).where(OrderLine.id == order_line_id)).one()
    locked = lock_order(session, order_id=order_id)
    return locked, next(line for line in locked.lines if line.id == order_line_id)


def issue_line(
    session: Session,
    *,
    program: Program,
    locked: LockedOrder,
    line: OrderLine,
    settlement: Sequence[MoneyLine],
    recovery: Sequence[MoneyLine],
    actor: Actor,
    now: datetime,
) -> None:
    """Spend what was held for a line that was handed over.

    ``settlement`` is the money side without the liability (stock or supplier at cost, the discount, tax), which adds up
    to the face value; ``recovery`` is what a refund of the whole line posts in its place, kept for then.

    Raises:
        Refusal: the one of ``policy.LINE_REFUSALS`` for a line that is not open.
    """
    require_line_move(LineState(line.state), LineState.ISSUED)
    reference = line_reference(locked.order.public_id, line.number)
    capture_hold(session, program=program, line_ref=reference, settlement=settlement, actor=actor, now=now)
    rows = [
        {
            "order_line_id": line.id,
            "seq": seq,
            "role": money.role.value,
            "owner": money.owner,
            "amount_minor": money.amount_minor,
        }
        for seq, money in enumerate(recovery)
        if money.amount_minor
    ]
    session.connection().execute(insert(OrderLineRecovery), rows)
    move_line(line, to=LineState.ISSUED, now=now)
    issued = new_event(Event.LINE_ISSUED, actor=actor, now=now, line_number=line.number)
    record_events(session, order_id=locked.order.id, events=[issued])
    derive_order_state(session, locked=locked)


def fail_line(
    session: Session,
    *,
    program: Program,
    locked: LockedOrder,
    line: OrderLine,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Give back everything that was held for a line that cannot be issued; ``reason`` is a stable code.

    Raises:
        Refusal: the one of ``policy.LINE_REFUSALS`` for a line that is not open.
    """
    give_line_back(session, program=program, locked=locked, line=line, to=LineState.FAILED, actor=actor, now=now)
    line.state_reason = reason
    failed = new_event(Event.LINE_FAILED, actor=actor, now=now, line_number=line.number, reason=reason)
    record_events(session, order_id=locked.order.id, events=[failed])
    derive_order_state(session, locked=locked)


def mark_revealed(session: Session, *, line: OrderLine, actor: Actor, now: datetime) -> bool:
    """Put into the timeline that the secrets of a line were shown, the first time; tell whether this was it."""
    first = update(OrderLine).where(OrderLine.id == line.id, OrderLine.revealed_at.is_(None)).values(revealed_at=now)
    if session.connection().execute(first).rowcount != 1:
        return False
    revealed = new_event(Event.LINE_REVEALED, actor=actor, now=now, line_number=line.number)
    record_events(session, order_id=line.order_id, events=[revealed])
    return True


def give_line_back(
    session: Session,
    *,
    program: Program,
    locked: LockedOrder,
    line: OrderLine,
    to: LineState,
    actor: Actor,
    now: datetime,
) -> None:
    """Void what is held for a line: each tender gets exactly its share; a code that is gone, whoever took its place.

    Raises:
        Refusal: the one of ``policy.LINE_REFUSALS`` for a line that may not move there.
    """
    require_line_move(LineState(line.state), to)
    living = living_of_line(session, line=line)
    reference = line_reference(locked.order.public_id, line.number)
    void_hold(session, program=program, line_ref=reference, actor=actor, now=now, living=living)
    move_line(line, to=to, now=now)


def living_of_line(session: Session, *, line: OrderLine) -> dict[int, int]:
    """Return, for codes and wallets that paid and have moved on since, the account that took their place."""
    paid = select(OrderTender.account_id).where(OrderTender.order_line_id == line.id)
    account_ids = session.scalars(paid).all()
    return living_accounts(session, account_ids=account_ids) if account_ids else {}


def move_line(line: OrderLine, *, to: LineState, now: datetime) -> None:
    """Set the state of a line whose move was allowed."""
    line.state, line.state_changed_at = to.value, now


def derive_order_state(session: Session, *, locked: LockedOrder) -> None:
    """Set the state of an order to what its lines make of it, and write all of them."""
    order = locked.order
    before = OrderState(order.state)
    after = order_state([LineState(line.state) for line in locked.lines], awaits_approval=order.awaits_approval)
    assert after == before or after in ORDER_MOVES[before], "an order moves as its table says"
    order.state = after.value
    session.flush()
