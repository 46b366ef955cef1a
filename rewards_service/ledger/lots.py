"""Lots: reading them, changing them, and keeping account of the money they carry.

Every change is relative and returns the row as it is afterwards, so the money released is computed from what the
database holds and not from what was read before. Lots are changed in ascending key order. What a lot has available
changes only under the lock of its account.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from rewards_service.kit.bulk import BULK_ROWS_MIN, insert_mappings
from rewards_service.kit.statements import Statement
from rewards_service.ledger.models import Lot, LotMovement
from rewards_service.ledger.policy import carrying
from rewards_service.programs.models import RateVersion


@dataclass(slots=True)
class LotRow:
    """A lot as it was read; ``units_available`` is counted down while takings are planned."""

    id: int
    account_id: int
    unit_id: int
    parent_lot_id: int | None
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


@dataclass(slots=True)
class LotDelta:
    """A change to make to a lot, in units."""

    available: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class LotStep:
    """One row of a lot's history: what an entry changed of it."""

    lot_id: int
    available_delta: int
    held_delta: int
    carrying_delta_minor: int
    new_base_units: int | None = None
    new_base_minor: int | None = None


@dataclass(frozen=True, slots=True)
class LotChange:
    """A change that was made to a lot: its units, the base they are valued by, and what is left afterwards."""

    lot_id: int
    unit_id: int
    base_units: int
    base_minor: int
    available_delta: int
    held_delta: int
    units_after: int

    @property
    def carrying_delta_minor(self) -> int:
        """How much more (or, negative, less) money the lot carries now."""
        before = self.units_after - self.available_delta - self.held_delta
        return carrying(self, units=self.units_after) - carrying(self, units=before)

    @property
    def step(self) -> LotStep:
        """The change as the lot's history keeps it."""
        return LotStep(self.lot_id, self.available_delta, self.held_delta, self.carrying_delta_minor)

    def last_released_minor(self, units: int) -> int:
        """Return the money that left with the last ``units`` of those that were taken."""
        return carrying(self, units=self.units_after + units) - carrying(self, units=self.units_after)


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
    """What an operation did to lots: changes of old ones, and new ones to make.

    Attributes:
        rate_change_minor: money that a new rate freed (or, negative, cost) on what came back.
    """

    changes: list[LotChange] = field(default_factory=list)
    children: list[NewLot] = field(default_factory=list)
    rate_change_minor: int = 0

    def released_by_unit(self) -> dict[int, int]:
        """Return, per value unit, how much less money (negative: more) lots carry in all, in minor units."""
        released: dict[int, int] = {}
        for change in self.changes:
            released[change.unit_id] = released.get(change.unit_id, 0) - change.carrying_delta_minor
        for child in self.children:
            released[child.unit_id] = released.get(child.unit_id, 0) - child.base_minor
        return released

    def write(self, session: Session, *, entry_id: int) -> None:
        """Keep the effect with the entry that explains it."""
        insert_lots(session, entry_id=entry_id, lots=self.children)
        write_steps(session, entry_id=entry_id, steps=[change.step for change in self.changes])


_COLUMNS = [getattr(Lot, name) for name in LotRow.__dataclass_fields__]
_RATE_IN_FORCE = (
    select(RateVersion.id)
    .where(RateVersion.program_id == bindparam("program_id"), RateVersion.valid_from <= bindparam("now"))
    .order_by(RateVersion.valid_from.desc(), RateVersion.version.desc())
    .limit(1)
    .scalar_subquery()
)
_READ = select(*_COLUMNS)
_OPEN = Statement(
    select(_RATE_IN_FORCE, *_COLUMNS)
    .where(Lot.account_id.in_(bindparam("account_ids", expanding=True)), Lot.is_open)
    .order_by(Lot.id)
)
_CHANGE = Statement(
    update(Lot)
    .where(
        Lot.id == bindparam("lot_id"),
        Lot.units_available + bindparam("available") >= 0,
        Lot.units_held + bindparam("held") >= 0,
    )
    .values(units_available=Lot.units_available + bindparam("available"), units_held=Lot.units_held + bindparam("held"))
    .returning(Lot.unit_id, Lot.base_units, Lot.base_minor, Lot.units_available + Lot.units_held)
)
_LAST_ENTRY = select(func.max(LotMovement.entry_id)).where(LotMovement.lot_id == bindparam("lot_id"))
_STEP_COLUMNS = tuple(LotStep.__dataclass_fields__)
_INSERT = insert(Lot)
_INSERT_MOVEMENT = Statement(insert(LotMovement))


def open_lots(
    session: Session, *, program_id: int, account_ids: Iterable[int], now: datetime
) -> tuple[list[LotRow], int | None]:
    """Return the lots of these accounts that have units available, and the key of the program's rate in force.

    The accounts are locked by their guard. Both come from one statement, so that a spend notices for nothing that
    a lot is based on an old rate. No lots, no rate.
    """
    parameters = {"program_id": program_id, "account_ids": list(account_ids), "now": now}
    rows = _OPEN.rows(session.connection(), parameters)
    return [LotRow(*row[1:]) for row in rows], rows[0][0] if rows else None


def lots_by_id(session: Session, *, lot_ids: Iterable[int]) -> dict[int, LotRow]:
    """Return these lots by key."""
    return {lot.id: lot for lot in read_lots(session, Lot.id.in_(set(lot_ids)))}


def read_lots(session: Session, *conditions: ColumnElement[bool]) -> list[LotRow]:
    """Return the lots that meet all conditions, oldest first."""
    return [LotRow(*row) for row in session.connection().execute(_READ.where(*conditions).order_by(Lot.id))]


def last_entry_of(session: Session, *, lot_id: int) -> int:
    """Return the key of the last entry that changed a lot, 0 when it is as it was made.

    Under the lock of the lot's account this names what comes next for good: after that entry it is another.
    """
    return session.connection().execute(_LAST_ENTRY, {"lot_id": lot_id}).scalar_one() or 0


def child_of(
    parent: LotRow, *, account_id: int, units: int, base_minor: int, expires_at: datetime | None = None
) -> NewLot:
    """Return a new lot of the same origin; ``expires_at`` only where it outlives its parent."""
    return NewLot(
        account_id=account_id,
        unit_id=parent.unit_id,
        units=units,
        base_minor=base_minor,
        award_ref=parent.award_ref,
        incentive_type=parent.incentive_type,
        earned_on=parent.earned_on,
        expires_at=expires_at or parent.expires_at,
        rate_version_id=parent.rate_version_id,
        budget_id=parent.budget_id,
        parent_lot_id=parent.id,
    )


def change_lots(session: Session, deltas: Mapping[int, LotDelta]) -> list[LotChange]:
    """Make each change and return what it did to units and money; the lots have enough, their guards said so."""
    return [_change_lot(session, lot_id=lot_id, delta=deltas[lot_id]) for lot_id in sorted(deltas)]


def insert_lots(session: Session, *, entry_id: int, lots: Iterable[NewLot]) -> None:
    """Make lots; their units are available at once."""
    rows = [_new_row(lot, entry_id=entry_id) for lot in lots]
    if len(rows) >= BULK_ROWS_MIN:
        insert_mappings(session, Lot, rows)
    elif rows:
        session.connection().execute(_INSERT, rows)


def write_steps(session: Session, *, entry_id: int, steps: Iterable[LotStep]) -> None:
    """Keep what an entry did to lots that existed before."""
    rows = [{"entry_id": entry_id, **{name: getattr(step, name) for name in _STEP_COLUMNS}} for step in steps]
    if rows:
        _INSERT_MOVEMENT.run_each(session.connection(), rows)


def _change_lot(session: Session, *, lot_id: int, delta: LotDelta) -> LotChange:
    """Change one lot relative to what the database holds."""
    parameters = {"lot_id": lot_id, "available": delta.available, "held": delta.held}
    changed = _CHANGE.rows(session.connection(), parameters)
    assert changed, "a lot is changed only within what its guard left it"
    unit_id, base_units, base_minor, units_after = changed[0]
    return LotChange(lot_id, unit_id, base_units, base_minor, delta.available, delta.held, units_after)


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
        "units_made": lot.units,
        "minor_made": lot.base_minor,
        "base_units": lot.units,
        "base_minor": lot.base_minor,
        "units_available": lot.units,
        "units_held": 0,
    }
