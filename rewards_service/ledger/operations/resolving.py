"""Holds under lock, and value that goes back to its bearer: what capture, void and refund share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from rewards_service.kit.money import half_up_div
from rewards_service.ledger.errors import HoldAlreadyResolved
from rewards_service.ledger.lots import LotDelta, LotEffect, LotRow, NewLot, change_lots
from rewards_service.ledger.models import Hold, HoldLot
from rewards_service.ledger.operations.taking import LotPool
from rewards_service.ledger.policy import HoldState, Taking
from rewards_service.programs.models import Program, RateVersion
from rewards_service.programs.queries import rate_in_force

_HOLDS = (
    select(Hold.id, Hold.account_id, Hold.unit_id, Hold.units, Hold.captured_units, Hold.refunded_units)
    .where(Hold.source_ref == bindparam("line_ref"), Hold.state == bindparam("hold_state"))
    .order_by(Hold.id)
    .with_for_update()
)
_PARTS = (
    select(HoldLot.hold_id, HoldLot.seq, HoldLot.lot_id, HoldLot.units, HoldLot.captured, HoldLot.refunded)
    .where(HoldLot.hold_id.in_(bindparam("hold_ids", expanding=True)))
    .order_by(HoldLot.hold_id, HoldLot.seq)
)
_RESOLVE = (
    update(Hold)
    .where(Hold.id == bindparam("hold_id"), Hold.state == HoldState.PENDING.value)
    .values(state=bindparam("new_state"), captured_units=bindparam("captured"), resolved_entry_id=bindparam("by_entry"))
)

HoldRows = Sequence[Row[int, int, int, int, int, int]]
"""Rows of id, account_id, unit_id, units, captured_units, refunded_units."""


@dataclass(frozen=True, slots=True)
class HeldPart:
    """One lot's share of a hold."""

    hold_id: int
    seq: int
    lot_id: int
    units: int
    captured: int
    refunded: int


@dataclass(slots=True)
class Returning:
    """Units to give back, lot by lot, and the accounts they go to."""

    from_held: bool
    takings: list[tuple[int, Taking]] = field(default_factory=list)

    def add(self, account_id: int, taking: Taking) -> None:
        """Give ``taking`` back to ``account_id``."""
        self.takings.append((account_id, taking))

    def units_by_account(self) -> dict[int, int]:
        """Return how many units each account gets back."""
        units: dict[int, int] = {}
        for account_id, taking in self.takings:
            units[account_id] = units.get(account_id, 0) + taking.units
        return units


def lock_holds(session: Session, *, line_ref: str, state: HoldState) -> HoldRows:
    """Return the holds of an order line that are in ``state``, locked in ascending order.

    Raises:
        HoldAlreadyResolved: none is.
    """
    holds = session.connection().execute(_HOLDS, {"line_ref": line_ref, "hold_state": state.value}).all()
    if not holds:
        raise HoldAlreadyResolved
    return holds


def parts_of(session: Session, *, hold_ids: Iterable[int]) -> dict[int, list[HeldPart]]:
    """Return the lots of each hold in the order of taking."""
    parts: dict[int, list[HeldPart]] = {hold_id: [] for hold_id in hold_ids}
    for row in session.connection().execute(_PARTS, {"hold_ids": list(parts)}):
        parts[row.hold_id].append(HeldPart(*row))
    return parts


def mark_resolved(session: Session, *, entry_id: int, captured: Mapping[int, int], state: HoldState) -> None:
    """Resolve each hold with the units that were captured of it.

    Raises:
        HoldAlreadyResolved: one was resolved in the meantime.
    """
    for hold_id in sorted(captured):
        done = session.connection().execute(
            _RESOLVE,
            {"hold_id": hold_id, "new_state": state.value, "captured": captured[hold_id], "by_entry": entry_id},
        )
        if done.rowcount != 1:
            raise HoldAlreadyResolved


def take_held(session: Session, *, takings: Iterable[Taking]) -> LotEffect:
    """Take units out of what lots hold for good."""
    deltas: dict[int, LotDelta] = {}
    for taking in takings:
        deltas.setdefault(taking.lot_id, LotDelta()).held -= taking.units
    return LotEffect(changes=change_lots(session, deltas))


def give_back(session: Session, *, program: Program, returning: Returning, now: datetime) -> LotEffect:
    """Give units back to the lots they came from.

    Where a lot has expired, is based on a rate no longer in force, or belongs to another bearer by now, the units
    become a new lot of the same origin: at the rate in force, living at least the program's grace when the old one has
    expired (accounting model, 2.3 and ``refund_expired``).
    """
    if not returning.takings:
        return LotEffect(changes=[])
    pool = LotPool.of_lots(session, lot_ids=[taking.lot_id for _, taking in returning.takings])
    rate = rate_in_force(session, program_id=program.id, now=now)
    deltas: dict[int, LotDelta] = {}
    orphans: list[tuple[int, Taking]] = []
    for account_id, taking in returning.takings:
        delta = deltas.setdefault(taking.lot_id, LotDelta())
        delta.held -= taking.units if returning.from_held else 0
        lot = pool[taking.lot_id]
        if _takes_back(lot, account_id=account_id, rate_version_id=rate.id, now=now):
            delta.available += taking.units
        else:
            orphans.append((account_id, taking))
    changes = change_lots(session, {lot_id: delta for lot_id, delta in deltas.items() if delta.available or delta.held})
    children = [
        _child(pool, program=program, account_id=account_id, taking=taking, rate=rate, now=now)
        for account_id, taking in orphans
    ]
    is_rebased = any(child.rate_version_id != pool.origin_of(child).rate_version_id for child in children)
    return LotEffect(changes=changes, children=children, is_rebased=is_rebased)


def _takes_back(lot: LotRow, *, account_id: int, rate_version_id: int, now: datetime) -> bool:
    """Tell whether units may go back into a lot."""
    is_current = lot.rate_version_id in {None, rate_version_id}
    return is_current and lot.account_id == account_id and (lot.expires_at is None or now < lot.expires_at)


def _child(
    pool: LotPool, *, program: Program, account_id: int, taking: Taking, rate: RateVersion, now: datetime
) -> NewLot:
    """Return the lot that takes units back whose own lot cannot."""
    parent = pool[taking.lot_id]
    expires_at = parent.expires_at
    if expires_at is not None and expires_at <= now:
        expires_at = now + timedelta(days=program.grace_days)
    child = pool.child_of(
        taking.lot_id,
        account_id=account_id,
        units=taking.units,
        base_minor=half_up_div(parent.base_minor * taking.units, parent.base_units),
        expires_at=expires_at,
    )
    if parent.rate_version_id in {None, rate.id}:
        return child
    return replace(child, rate_version_id=rate.id, base_minor=half_up_div(taking.units * rate.minor, rate.units))
