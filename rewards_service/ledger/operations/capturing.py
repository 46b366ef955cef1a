"""A hold is resolved: captured in full or part, or given back; and what was captured is refunded."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Row, Update, bindparam, update
from sqlalchemy.orm import Session

from rewards_service.kit.actor import Actor
from rewards_service.ledger.balances import change_balances
from rewards_service.ledger.chart import AccountKey, Role
from rewards_service.ledger.entries import MoneyLine, Source, ValueLine, post_entry
from rewards_service.ledger.errors import RefundExceedsCapture
from rewards_service.ledger.models import Hold, HoldLot
from rewards_service.ledger.operations.holding import LINE_SOURCE
from rewards_service.ledger.operations.resolving import (
    HeldPart,
    HoldRows,
    Returning,
    give_back,
    lock_holds,
    mark_resolved,
    parts_of,
    take_held,
)
from rewards_service.ledger.operations.sides import closing_line, liabilities
from rewards_service.ledger.policy import HoldState, Taking
from rewards_service.programs.models import Program

_CAPTURE_PART = (
    update(HoldLot)
    .where(HoldLot.hold_id == bindparam("of_hold"), HoldLot.seq == bindparam("at_seq"))
    .values(captured=HoldLot.captured + bindparam("taken"))
)
_REFUND_PART = (
    update(HoldLot)
    .where(HoldLot.hold_id == bindparam("of_hold"), HoldLot.seq == bindparam("at_seq"))
    .values(refunded=HoldLot.refunded + bindparam("taken"))
)
_REFUND_HOLD = (
    update(Hold)
    .where(Hold.id == bindparam("of_hold"), Hold.refunded_units + bindparam("taken") <= Hold.captured_units)
    .values(refunded_units=Hold.refunded_units + bindparam("taken"))
)


def capture_hold(
    session: Session,
    *,
    program: Program,
    line_ref: str,
    settlement: Sequence[MoneyLine],
    actor: Actor,
    now: datetime,
    captured: Mapping[int, int] | None = None,
) -> int:
    """Spend what is held for an order line and return the entry's key; what is not captured goes back.

    ``settlement`` is the money side without the liability: its sum, negated, is the face value of what was delivered
    (stock or supplier at cost, the discount, fees with their accrual). ``captured`` gives units per hold; none: all.

    Raises:
        HoldAlreadyResolved: nothing is held for the line any more.
    """
    holds = lock_holds(session, line_ref=line_ref, state=HoldState.PENDING)
    taken = {hold.id: hold.units if captured is None else captured.get(hold.id, 0) for hold in holds}
    parts = parts_of(session, hold_ids=taken)
    spent, returning = _divide(parts, holds=holds, taken=taken)
    change_balances(session, returning.units_by_account())
    effect = take_held(session, takings=[Taking(part.lot_id, units) for part, units in spent])
    effect = effect.joined(give_back(session, program=program, returning=returning, now=now))
    money = [*liabilities(program, effect=effect), *settlement]
    entry_id = post_entry(
        session,
        program=program,
        kind="capture",
        source=Source(LINE_SOURCE, line_ref, actor),
        value=_resolving_side(holds, taken=taken),
        money=[*money, closing_line(money, effect=effect)],
        now=now,
    )
    effect.write(session, entry_id=entry_id)
    mark_resolved(session, entry_id=entry_id, captured=taken, state=HoldState.CAPTURED)
    _count(session, statement=_CAPTURE_PART, parts=spent)
    return entry_id


def void_hold(session: Session, *, program: Program, line_ref: str, actor: Actor, now: datetime) -> int:
    """Give back everything that is held for an order line and return the entry's key.

    Raises:
        HoldAlreadyResolved: nothing is held for the line any more.
    """
    holds = lock_holds(session, line_ref=line_ref, state=HoldState.PENDING)
    taken = {hold.id: 0 for hold in holds}
    _, returning = _divide(parts_of(session, hold_ids=taken), holds=holds, taken=taken)
    change_balances(session, returning.units_by_account())
    effect = give_back(session, program=program, returning=returning, now=now)
    money = liabilities(program, effect=effect)
    entry_id = post_entry(
        session,
        program=program,
        kind="void",
        source=Source(LINE_SOURCE, line_ref, actor),
        value=_resolving_side(holds, taken=taken),
        money=[*money, closing_line(money, effect=effect)],
        now=now,
    )
    effect.write(session, entry_id=entry_id)
    mark_resolved(session, entry_id=entry_id, captured=taken, state=HoldState.VOIDED)
    return entry_id


def refund_capture(
    session: Session,
    *,
    program: Program,
    line_ref: str,
    source: Source,
    recovered: Sequence[MoneyLine],
    now: datetime,
    units: Mapping[int, int] | None = None,
    living: Mapping[int, int] | None = None,
) -> int:
    """Give captured value back in reverse order of capture and return the entry's key.

    ``source`` names this refund of the line; ``recovered`` is the money side without the liability: what the capture
    credited, now debited. ``units`` per hold (none: all that is left). ``living`` maps an account that is gone (its
    code was merged, passed on or reissued) to the one that took its place.

    Raises:
        HoldAlreadyResolved: nothing was captured for the line.
        RefundExceedsCapture: more was asked for than is left of the capture.
    """
    holds = lock_holds(session, line_ref=line_ref, state=HoldState.CAPTURED)
    wanted = {hold.id: _refundable(hold, units=units) for hold in holds}
    if not any(wanted.values()):
        raise RefundExceedsCapture
    parts = parts_of(session, hold_ids=wanted)
    given, returning = _divide_refund(parts, holds=holds, wanted=wanted, living=living or {})
    change_balances(session, returning.units_by_account())
    effect = give_back(session, program=program, returning=returning, now=now)
    money = [*recovered, *liabilities(program, effect=effect)]
    entry_id = post_entry(
        session,
        program=program,
        kind="refund",
        source=source,
        value=_refund_side(holds, wanted=wanted, living=living or {}),
        money=[*money, closing_line(money, effect=effect)],
        now=now,
    )
    effect.write(session, entry_id=entry_id)
    _count(session, statement=_REFUND_PART, parts=given)
    _count_refunds(session, wanted=wanted)
    return entry_id


def _divide(
    parts: Mapping[int, list[HeldPart]], *, holds: HoldRows, taken: Mapping[int, int]
) -> tuple[list[tuple[HeldPart, int]], Returning]:
    """Return what is spent of each part of the holds, and what goes back to the bearers; later lots go back first."""
    spent: list[tuple[HeldPart, int]] = []
    returning = Returning(from_held=True)
    for hold in holds:
        missing = taken[hold.id]
        for part in parts[hold.id]:
            used = min(missing, part.units)
            missing -= used
            if used:
                spent.append((part, used))
            if part.units > used:
                returning.add(hold.account_id, Taking(part.lot_id, part.units - used))
    return spent, returning


def _divide_refund(
    parts: Mapping[int, list[HeldPart]], *, holds: HoldRows, wanted: Mapping[int, int], living: Mapping[int, int]
) -> tuple[list[tuple[HeldPart, int]], Returning]:
    """Return what is given back of each part, last captured first, so that the holder gets the longest life back."""
    given: list[tuple[HeldPart, int]] = []
    returning = Returning(from_held=False)
    for hold in holds:
        missing = wanted[hold.id]
        for part in reversed(parts[hold.id]):
            back = min(missing, part.captured - part.refunded)
            missing -= back
            if back:
                given.append((part, back))
                returning.add(living.get(hold.account_id, hold.account_id), Taking(part.lot_id, back))
    return given, returning


def _refundable(hold: Row[int, int, int, int, int, int], *, units: Mapping[int, int] | None) -> int:
    """Return how much of a hold to refund.

    Raises:
        RefundExceedsCapture: more was asked for than is left.
    """
    left: int = hold.captured_units - hold.refunded_units
    wanted = left if units is None else units.get(hold.id, 0)
    if not 0 <= wanted <= left:
        raise RefundExceedsCapture
    return wanted


def _resolving_side(holds: HoldRows, *, taken: Mapping[int, int]) -> list[ValueLine]:
    """Return the value side of a capture or void: held units are redeemed, the rest goes back to its bearer."""
    lines = [ValueLine(AccountKey(Role.HELD, hold.unit_id), hold.unit_id, hold.units) for hold in holds]
    lines += [ValueLine(AccountKey(Role.REDEEMED, hold.unit_id), hold.unit_id, -taken[hold.id]) for hold in holds]
    lines += [ValueLine(hold.account_id, hold.unit_id, taken[hold.id] - hold.units) for hold in holds]
    return lines


def _refund_side(holds: HoldRows, *, wanted: Mapping[int, int], living: Mapping[int, int]) -> list[ValueLine]:
    """Return the value side of a refund: redeemed units go back to their bearers."""
    lines = [ValueLine(AccountKey(Role.REDEEMED, hold.unit_id), hold.unit_id, wanted[hold.id]) for hold in holds]
    bearers = [(living.get(hold.account_id, hold.account_id), hold) for hold in holds]
    return lines + [ValueLine(account, hold.unit_id, -wanted[hold.id]) for account, hold in bearers]


def _count(session: Session, *, statement: Update, parts: list[tuple[HeldPart, int]]) -> None:
    """Count units as captured, or as refunded, on the lots of their holds."""
    for part, units in parts:
        session.connection().execute(statement, {"of_hold": part.hold_id, "at_seq": part.seq, "taken": units})


def _count_refunds(session: Session, *, wanted: Mapping[int, int]) -> None:
    """Count units as refunded on their holds, within what was captured.

    Raises:
        RefundExceedsCapture: another refund came first.
    """
    for hold_id in sorted(wanted):
        done = session.connection().execute(_REFUND_HOLD, {"of_hold": hold_id, "taken": wanted[hold_id]})
        if done.rowcount != 1:
            raise RefundExceedsCapture
