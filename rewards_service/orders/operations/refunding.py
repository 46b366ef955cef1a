"""What a line cost is given back, in whole or in part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import record_audit
from rewards_service.kit.errors import FieldProblem
from rewards_service.ledger.chart import Role
from rewards_service.ledger.models import Hold
from rewards_service.ledger.operations import MoneyLine, Source, refund_capture
from rewards_service.ledger.operations.holding import LINE_SOURCE
from rewards_service.orders.errors import LineNotFound, OrderInvalid, ReasonMissing, RefundTooLarge, RefundTooSmall
from rewards_service.orders.models import Order, OrderLine, OrderLineRecovery, OrderTender
from rewards_service.orders.operations.resolving import (
    LockedOrder,
    derive_order_state,
    living_of_line,
    lock_order,
    move_line,
)
from rewards_service.orders.policy import (
    REASON_LENGTH_MAX,
    LineState,
    line_reference,
    require_line_move,
    share,
)
from rewards_service.orders.timeline import Event, new_event, record_events
from rewards_service.programs.models import Program
from rewards_service.stock.operations import void_vouchers_of_line

SUPPLIERS_SIDE = frozenset({Role.PAYABLE, Role.ACCRUED})


@dataclass(frozen=True, slots=True)
class Refunded:
    """The line as it stands, and how much of its face value this refund gave back, in smallest units."""

    line: OrderLine
    face_value_minor: int


def refund_line(
    session: Session,
    *,
    program: Program,
    order: Order,
    number: int,
    reason: str,
    actor: Actor,
    now: datetime,
    face_value_minor: int | None = None,
    is_recovered: bool = True,
) -> Refunded:
    """Give back what ``face_value_minor`` of a line cost (none: all that is left), each tender its part of it.

    Points return to the lots they came from, the last taken first. What the supplier was paid is owed back by him, or
    with ``is_recovered`` false it is our goodwill. A line refunded whole can no longer be shown; its voucher is void.

    Raises:
        LineNotFound: the order has no such line.
        ReasonMissing: ``reason`` is empty or too long.
        LineNotIssued, LineUncertain, LineHasFailed, LineAlreadyCancelled, LineAlreadyRefunded: by its state.
        RefundTooLarge: more than is left of its face value.
        RefundTooSmall: a part worth less than one unit of every tender.
        OrderInvalid: ``face_value_minor`` is not above zero.
    """
    if not 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        raise ReasonMissing(problems=(FieldProblem("/reason", "reason_missing", "Say why."),))
    locked = lock_order(session, order_id=order.id)
    if not 0 < number <= len(locked.lines):
        raise LineNotFound
    line = locked.line(number)
    require_line_move(LineState(line.state), LineState.REFUNDED)
    part = _part_of(line, face_value_minor=face_value_minor)
    _post(
        session,
        program=program,
        locked=locked,
        line=line,
        part=part,
        reason=reason,
        actor=actor,
        now=now,
        is_recovered=is_recovered,
    )
    _record(session, locked=locked, line=line, part=part, reason=reason, actor=actor, now=now)
    return Refunded(line, part)


def _part_of(line: OrderLine, *, face_value_minor: int | None) -> int:
    """Return how much of the face value to give back."""
    left = line.face_value_minor - line.refunded_face_minor
    if face_value_minor is None:
        return left
    if not isinstance(face_value_minor, int) or isinstance(face_value_minor, bool) or face_value_minor <= 0:
        problem = FieldProblem("/face_value_minor", "face_value_unusable", "A whole number above zero.")
        raise OrderInvalid(problems=(problem,))
    if face_value_minor > left:
        raise RefundTooLarge("{left} are left of this line.", left=left)
    return face_value_minor


def _post(
    session: Session,
    *,
    program: Program,
    locked: LockedOrder,
    line: OrderLine,
    part: int,
    reason: str,
    actor: Actor,
    now: datetime,
    is_recovered: bool,
) -> None:
    """Post the refund: value to its bearers, money back where the capture took it."""
    units = _units_back(session, line=line, part=part)
    living = living_of_line(session, line=line)
    reference = line_reference(locked.order.public_id, line.number)
    refund_capture(
        session,
        program=program,
        line_ref=reference,
        source=Source(LINE_SOURCE, f"{reference}@{line.refunded_face_minor}", actor, reason),
        recovered=_recovered(session, line=line, part=part, is_recovered=is_recovered),
        now=now,
        units=units,
        living=living,
    )


def _units_back(session: Session, *, line: OrderLine, part: int) -> Mapping[int, int]:
    """Return what each hold gives back, in units.

    Raises:
        RefundTooSmall: nothing, of every one.
    """
    captured = session.execute(
        select(Hold.id, Hold.captured_units)
        .join(OrderTender, OrderTender.hold_id == Hold.id)
        .where(OrderTender.order_line_id == line.id)
    )
    units = {hold_id: _share_of(line, total=taken, part=part) for hold_id, taken in captured}
    if not any(units.values()):
        raise RefundTooSmall
    return units


def _recovered(session: Session, *, line: OrderLine, part: int, is_recovered: bool) -> Sequence[MoneyLine]:
    """Return the money side beside the liability."""
    rows = session.scalars(
        select(OrderLineRecovery).where(OrderLineRecovery.order_line_id == line.id).order_by(OrderLineRecovery.seq)
    )
    lines = [MoneyLine(Role(row.role), _share_of(line, total=row.amount_minor, part=part), row.owner) for row in rows]
    if is_recovered:
        return lines
    return [_as_goodwill(money) for money in lines]


def _as_goodwill(money: MoneyLine) -> MoneyLine:
    """Return the line with our own cost in the place of what a supplier would owe back."""
    return MoneyLine(Role.COST_ADJUSTMENT, money.amount_minor) if money.role in SUPPLIERS_SIDE else money


def _share_of(line: OrderLine, *, total: int, part: int) -> int:
    """Return what a part of the line's face value is of an amount of the whole line."""
    return share(total, part=part, whole=line.face_value_minor, before=line.refunded_face_minor)


def _record(
    session: Session,
    *,
    locked: LockedOrder,
    line: OrderLine,
    part: int,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Count the refund on the line, and say so in the timeline and the audit trail."""
    line.refunded_face_minor += part
    if line.refunded_face_minor == line.face_value_minor:
        move_line(line, to=LineState.REFUNDED, now=now)
        void_vouchers_of_line(session, order_line_id=line.id, now=now)
    refunded = new_event(
        Event.LINE_REFUNDED, actor=actor, now=now, line_number=line.number, face_value_minor=part, reason=reason
    )
    record_events(session, order_id=locked.order.id, events=[refunded])
    derive_order_state(session, locked=locked)
    record_audit(
        session,
        organization_id=locked.order.organization_id,
        actor=actor,
        action="order_line.refunded",
        object_type="order",
        object_id=locked.order.public_id,
        now=now,
        reason=reason,
        detail={"line": line.number, "face_value_minor": part},
    )
