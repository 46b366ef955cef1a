"""Lots: reading them, changing them, and keeping account of the money they carry.

Every change is relative and returns the row as it is afterwards, so the money released is computed from what the
database holds and not from what was read before. Lots are changed in ascending key order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from rewards_service.ledger.models import Lot, LotMovement
from rewards_service.ledger.policy import carrying


@dataclass(slots=True)
class LotRow:
    """A lot as it was read; ``units_available`` is counted down while takings are planned."""

    id: int
    account_id: int
    unit_id: int
    award_ref: str
    incentive_type: str
    budget_id: int | None
    earned_on: datetime
    expires_at: datetime | None
    rate_version_id: int | None
    base_units: int
    base_minor: int
    units_available: int
    units_held: int


@dataclass(frozen=True, slots=True)
class LotChange:
    """A change that was made to a lot: units, and the money it now carries more (or, negative, less)."""

    lot_id: int
    unit_id: int
    available_delta: int
    held_delta: int
    carrying_delta_minor: int


@dataclass(slots=True)
class LotDelta:
    """A change to make to a lot, in units."""

    available: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class NewLot:
    """A lot to make: units and money, and where they come from."""

    account_id: int
    unit_id: int
    units: int
    base_minor: int
    award_ref: str
    incentive_type: str
    earned_on: datetime
    expires_at: datetime | None
    rate_version_id: int | None
    budget_id: int | None = None
    parent_lot_id: int | None = None


@dataclass(slots=True)
class LotEffect:
    """What an operation did to lots: changes of old ones, and new ones to make."""

    changes: list[LotChange]
    children: list[NewLot] = field(default_factory=list)
    is_rebased: bool = False

    def released_by_unit(self) -> dict[int, int]:
        """Return, per value unit, how much less money (negative: more) lots carry in all, in minor units."""
        released: dict[int, int] = {}
        for change in self.changes:
            released[change.unit_id] = released.get(change.unit_id, 0) - change.carrying_delta_minor
        for child in self.children:
            released[child.unit_id] = released.get(child.unit_id, 0) - child.base_minor
        return released

    def joined(self, other: "LotEffect") -> "LotEffect":
        """Return both effects as one."""
        return LotEffect(
            self.changes + other.changes, self.children + other.children, self.is_rebased or other.is_rebased
        )

    def write(self, session: Session, *, entry_id: int) -> None:
        """Keep the effect with the entry that explains it."""
        if self.children:
            insert_lots(session, entry_id=entry_id, lots=self.children)
        write_movements(session, entry_id=entry_id, changes=self.changes)


_COLUMNS = [getattr(Lot, name) for name in LotRow.__dataclass_fields__]
_OF_ACCOUNTS = (
    select(*_COLUMNS)
    .where(Lot.account_id.in_(bindparam("account_ids", expanding=True)), Lot.units_available > 0)
    .order_by(Lot.id)
)
_BY_ID = select(*_COLUMNS).where(Lot.id.in_(bindparam("lot_ids", expanding=True))).order_by(Lot.id)
_CHANGE = (
    update(Lot)
    .where(
        Lot.id == bindparam("lot_id"),
        Lot.units_available + bindparam("available") >= 0,
        Lot.units_held + bindparam("held") >= 0,
    )
    .values(units_available=Lot.units_available + bindparam("available"), units_held=Lot.units_held + bindparam("held"))
    .returning(Lot.unit_id, Lot.base_minor, Lot.base_units, Lot.units_available + Lot.units_held)
)
_INSERT = insert(Lot)
_INSERT_MOVEMENT = insert(LotMovement)


def open_lots(session: Session, *, account_ids: Iterable[int]) -> list[LotRow]:
    """Return the lots of these accounts that have units available; the accounts are locked by their guard."""
    rows = session.connection().execute(_OF_ACCOUNTS, {"account_ids": list(account_ids)})
    return [LotRow(*row) for row in rows]


def lots_by_id(session: Session, *, lot_ids: Iterable[int]) -> dict[int, LotRow]:
    """Return these lots by key."""
    rows = session.connection().execute(_BY_ID, {"lot_ids": sorted(set(lot_ids))})
    return {row.id: LotRow(*row) for row in rows}


def change_lots(session: Session, deltas: Mapping[int, LotDelta]) -> list[LotChange]:
    """Make each change and return what it did to units and money; the lots have enough, their guards said so."""
    return [_change_lot(session, lot_id=lot_id, delta=deltas[lot_id]) for lot_id in sorted(deltas)]


def insert_lots(session: Session, *, entry_id: int, lots: list[NewLot]) -> None:
    """Make lots; their units are available at once."""
    if lots:
        session.connection().execute(_INSERT, [_new_row(lot, entry_id=entry_id) for lot in lots])


def write_movements(session: Session, *, entry_id: int, changes: Iterable[LotChange]) -> None:
    """Keep what an entry did to lots that existed before."""
    rows = [
        {
            "entry_id": entry_id,
            "lot_id": change.lot_id,
            "available_delta": change.available_delta,
            "held_delta": change.held_delta,
            "carrying_delta_minor": change.carrying_delta_minor,
        }
        for change in changes
    ]
    if rows:
        session.connection().execute(_INSERT_MOVEMENT, rows)


def _change_lot(session: Session, *, lot_id: int, delta: LotDelta) -> LotChange:
    """Change one lot relative to what the database holds."""
    row = (
        session.connection()
        .execute(_CHANGE, {"lot_id": lot_id, "available": delta.available, "held": delta.held})
        .one_or_none()
    )
    assert row is not None, "a lot is changed only within what its guard left it"
    unit_id, base_minor, base_units, units_after = row
    units_before = units_after - delta.available - delta.held
    return LotChange(
        lot_id=lot_id,
        unit_id=unit_id,
        available_delta=delta.available,
        held_delta=delta.held,
        carrying_delta_minor=carrying(base_minor=base_minor, base_units=base_units, units=units_after)
        - carrying(base_minor=base_minor, base_units=base_units, units=units_before),
    )


def _new_row(lot: NewLot, *, entry_id: int) -> dict[str, object]:
    """Return the columns of a lot that is made now."""
    return {
        "entry_id": entry_id,
        "account_id": lot.account_id,
        "unit_id": lot.unit_id,
        "parent_lot_id": lot.parent_lot_id,
        "award_ref": lot.award_ref,
        "incentive_type": lot.incentive_type,
        "budget_id": lot.budget_id,
        "earned_on": lot.earned_on,
        "expires_at": lot.expires_at,
        "rate_version_id": lot.rate_version_id,
        "base_units": lot.units,
        "base_minor": lot.base_minor,
        "units_available": lot.units,
        "units_held": 0,
    }
