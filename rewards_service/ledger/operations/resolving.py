"""Holds under lock, and what becomes of their lots: what capture, void and refund share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from rewards_service.kit.clock import has_expired
from rewards_service.ledger.errors import HoldAlreadyResolved
from rewards_service.ledger.lots import (
    LotChange,
    LotDelta,
    LotEffect,
    LotRow,
    NewLot,
    change_lots,
    child_of,
    lots_by_id,
)
from rewards_service.ledger.models import Hold, HoldLot
from rewards_service.ledger.policy import ALLOWED_MOVES, HoldState, is_stale
from rewards_service.programs.models import Program, RateVersion
from rewards_service.programs.policy import worth_minor
from rewards_service.programs.queries import rate_in_force

_HOLDS = (
    select(Hold.id, Hold.account_id, Hold.unit_id, Hold.units, Hold.captured_units, Hold.refunded_units)
    .where(
        Hold.source_ref == bindparam("line_ref"),
        Hold.organization_id == bindparam("of_organization"),
        Hold.state == bindparam("hold_state"),
    )
    .order_by(Hold.id)
    .with_for_update(key_share=True)
)
_PART_COLUMNS = (
    HoldLot.hold_id,
    HoldLot.seq,
    HoldLot.lot_id,
    HoldLot.rate_version_id,
    HoldLot.units,
    HoldLot.captured,
    HoldLot.captured_minor,
    HoldLot.refunded,
)
_PARTS = (
    select(*_PART_COLUMNS)
    .where(HoldLot.hold_id.in_(bindparam("hold_ids", expanding=True)))
    .order_by(HoldLot.hold_id, HoldLot.seq)
)
_RESOLVE = (
    update(Hold)
    .where(Hold.id == bindparam("hold_id"))
    .values(state=bindparam("new_state"), captured_units=bindparam("captured"), resolved_entry_id=bindparam("by_entry"))
)

HoldRow = Row[int, int, int, int, int, int]
"""A row of id, account_id, unit_id, units, captured_units, refunded_units."""


@dataclass(frozen=True, slots=True)
class HeldPart:
    """One lot's share of a hold."""

    hold_id: int
    seq: int
    lot_id: int
    rate_version_id: int | None
    units: int
    captured: int
    captured_minor: int
    refunded: int


@dataclass(frozen=True, slots=True)
class Share:
    """What becomes of one lot's share of a hold: units spent for good, and units that go back to an account."""

    part: HeldPart
    account_id: int
    spent: int
    returned: int


@dataclass(frozen=True, slots=True)
class Soil:
    """What decides where units that come back may grow: the lots they were in, the rate in force, the moment."""

    program: Program
    lots: Mapping[int, LotRow]
    rate: RateVersion
    now: datetime

    def takes_back(self, share: Share) -> bool:
        """Tell whether units go back into their own lot: it lives, at their rate, with the same bearer."""
        lot = self.lots[share.part.lot_id]
        lives = not has_expired(expires_at=lot.expires_at, now=self.now)
        return lives and lot.account_id == share.account_id and not self._is_stale(share)

    def child(self, share: Share, *, old_minor: int) -> NewLot:
        """Return the lot that takes units back whose own lot cannot.

        At the rate they were held at it carries what they carried (``old_minor``), at a later one what they are worth
        now. Where the old lot has expired, it lives for the program's grace.
        """
        lot = self.lots[share.part.lot_id]
        expires_at = lot.expires_at
        if has_expired(expires_at=expires_at, now=self.now):
            expires_at = self.now + timedelta(days=self.program.grace_days)
        child = child_of(
            lot, account_id=share.account_id, units=share.returned, base_minor=old_minor, expires_at=expires_at
        )
        if not self._is_stale(share):
            return replace(child, rate_version_id=share.part.rate_version_id)
        return replace(
            child, rate_version_id=self.rate.id, base_minor=worth_minor(units=share.returned, rate=self.rate)
        )

    def _is_stale(self, share: Share) -> bool:
        """Tell whether the rate has changed since the units were held."""
        return is_stale(share.part.rate_version_id, in_force_id=self.rate.id)


@dataclass(frozen=True, slots=True)
class Released:
    """What happened to lots whose held units were let go, and the money that each lot's spent units carried."""

    effect: LotEffect
    spent_minor: Mapping[int, int]


def lock_holds(session: Session, *, program: Program, line_ref: str, state: HoldState) -> Sequence[HoldRow]:
    """Return the holds of an order line that are in ``state``, locked in ascending order.

    Raises:
        HoldAlreadyResolved: none is.
    """
    parameters = {"line_ref": line_ref, "of_organization": program.organization_id, "hold_state": state.value}
    holds = session.connection().execute(_HOLDS, parameters).all()
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
    """Resolve each hold, which is locked, with the units that were captured of it."""
    assert state in ALLOWED_MOVES[HoldState.PENDING], "a hold is captured or given back"
    rows = [
        {"hold_id": hold_id, "new_state": state.value, "captured": units, "by_entry": entry_id}
        for hold_id, units in sorted(captured.items())
    ]
    session.connection().execute(_RESOLVE, rows)


def units_by_account(shares: Iterable[Share]) -> dict[int, int]:
    """Return how many units each account gets back."""
    units: dict[int, int] = {}
    for share in shares:
        units[share.account_id] = units.get(share.account_id, 0) + share.returned
    return units


def release_held(session: Session, *, program: Program, shares: Sequence[Share], now: datetime) -> Released:
    """Take shares out of what their lots hold: what is spent for good, what returns back where it may."""
    returning = [share for share in shares if share.returned]
    if not returning:
        return _released(change_lots(session, {share.part.lot_id: LotDelta(held=-share.spent) for share in shares}))
    soil = _soil(session, program=program, shares=returning, now=now)
    orphans = {share.part.lot_id: share for share in returning if not soil.takes_back(share)}
    deltas = {
        share.part.lot_id: LotDelta(
            available=0 if share.part.lot_id in orphans else share.returned, held=-share.spent - share.returned
        )
        for share in shares
    }
    changes = change_lots(session, deltas)
    old_minor = {
        change.lot_id: change.last_released_minor(orphans[change.lot_id].returned)
        for change in changes
        if change.lot_id in orphans
    }
    released = _released(changes, left_minor=old_minor)
    _add_children(released.effect, soil=soil, orphans=orphans.values(), old_minor=old_minor)
    return released


def give_back(
    session: Session, *, program: Program, shares: Sequence[Share], old_minor: Mapping[int, int], now: datetime
) -> LotEffect:
    """Give captured units back to the lots they came from, or to new ones of the same origin.

    ``old_minor`` is the money that each lot's units carried when they were captured.
    """
    soil = _soil(session, program=program, shares=shares, now=now)
    orphans = [share for share in shares if not soil.takes_back(share)]
    returning = {share.part.lot_id: LotDelta(available=share.returned) for share in shares if share not in orphans}
    effect = LotEffect(change_lots(session, returning))
    _add_children(effect, soil=soil, orphans=orphans, old_minor=old_minor)
    return effect


def _soil(session: Session, *, program: Program, shares: Sequence[Share], now: datetime) -> Soil:
    """Read what decides where units that come back go."""
    lots = lots_by_id(session, lot_ids=[share.part.lot_id for share in shares])
    return Soil(program, lots, rate_in_force(session, program_id=program.id, now=now), now)


def _released(changes: list[LotChange], *, left_minor: Mapping[int, int] | None = None) -> Released:
    """Return changes of held units as an effect; ``left_minor`` is, per lot, money that left with what returns."""
    left = left_minor or {}
    spent_minor = {change.lot_id: -change.carrying_delta_minor - left.get(change.lot_id, 0) for change in changes}
    return Released(LotEffect(changes), spent_minor)


def _add_children(effect: LotEffect, *, soil: Soil, orphans: Iterable[Share], old_minor: Mapping[int, int]) -> None:
    """Make new lots for units whose own lots cannot take them back, and count what a new rate does to their money."""
    for share in orphans:
        child = soil.child(share, old_minor=old_minor[share.part.lot_id])
        effect.children.append(child)
        effect.rate_change_minor += old_minor[share.part.lot_id] - child.base_minor
