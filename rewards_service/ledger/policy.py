"""Pure rules of the ledger: what lots carry, in which order they are taken, how an entry's sides are paired."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

_NEVER = datetime.max.replace(tzinfo=UTC)


class HoldState(StrEnum):
    """Where a hold stands."""

    PENDING = "pending"
    CAPTURED = "captured"
    VOIDED = "voided"


ALLOWED_MOVES: dict[HoldState, frozenset[HoldState]] = {
    HoldState.PENDING: frozenset({HoldState.CAPTURED, HoldState.VOIDED}),
    HoldState.CAPTURED: frozenset(),
    HoldState.VOIDED: frozenset(),
}
"""A hold is resolved once. A refund leaves it captured: it is an entry of its own."""


class IncentiveType(StrEnum):
    """Why value was issued; the component of the issued and cost accounts."""

    POINTS = "Points"
    SPIFF = "Spiff"
    REBATE = "Rebate"
    MDF = "Mdf"
    COOP = "Coop"
    POOL = "Pool"
    OPENING = "Opening"
    ADJUSTMENT = "Adjustment"


class CarriesMoney(Protocol):
    """The part of a lot that says what it carries."""

    base_units: int
    base_minor: int
    units_available: int
    units_held: int


class Spendable(Protocol):
    """The part of a lot that decides when it is taken."""

    id: int
    units_available: int
    expires_at: datetime | None
    earned_on: datetime


@dataclass(frozen=True, slots=True)
class Taking:
    """``units`` taken from, or given back to, one lot."""

    lot_id: int
    units: int


@dataclass(frozen=True, slots=True)
class Movement:
    """One posting: ``units`` (> 0) of a unit move from the credited to the debited side."""

    debit_account_id: int
    credit_account_id: int
    unit_id: int
    units: int


def carrying(*, base_minor: int, base_units: int, units: int) -> int:
    """Return the money that a lot with ``units`` left carries, in minor units.

    It depends on what is left, not on the path there, so it never drifts, and the last unit clears the lot exactly
    (accounting model, 2.2).
    """
    return base_minor * units // base_units


def released(*, base_minor: int, base_units: int, units_before: int, units_after: int) -> int:
    """Return the money that leaves a lot (negative: comes back) when its units change."""
    before = carrying(base_minor=base_minor, base_units=base_units, units=units_before)
    return before - carrying(base_minor=base_minor, base_units=base_units, units=units_after)


def taking_order(lot: Spendable) -> tuple[datetime, datetime, int]:
    """Return the sort key by which lots are taken: soonest expiry, then earliest earned, then oldest."""
    return (lot.expires_at or _NEVER, lot.earned_on, lot.id)


def is_spendable(lot: Spendable, *, now: datetime) -> bool:
    """Tell whether a lot has units that may be spent at ``now``; it may be spent up to its last moment."""
    return lot.units_available > 0 and (lot.expires_at is None or now < lot.expires_at)


def plan_taking(lots: Iterable[Spendable], *, units: int, now: datetime) -> list[Taking]:
    """Return what to take from which lot to get ``units``, or less when the lots hold less.

    Lots that have expired by ``now`` are passed over.
    """
    takings: list[Taking] = []
    missing = units
    for lot in sorted((lot for lot in lots if is_spendable(lot, now=now)), key=taking_order):
        if not missing:
            break
        taken = min(missing, lot.units_available)
        takings.append(Taking(lot_id=lot.id, units=taken))
        missing -= taken
    return takings


def pair(lines: Sequence[tuple[int, int]], *, unit_id: int) -> list[Movement]:
    """Return the movements behind signed ``lines`` of (account, amount), positive = debit, of one unit.

    Where several debits meet several credits they are paired in the order in which the lines list them (accounting
    model, section 1). The lines add up to zero; those of amount zero have no posting.
    """
    assert sum(amount for _, amount in lines) == 0, "an entry balances in every unit"
    debits = deque((account, amount) for account, amount in lines if amount > 0)
    credits_ = deque((account, -amount) for account, amount in lines if amount < 0)
    movements: list[Movement] = []
    while debits:
        (debit, owed), (credit, offered) = debits.popleft(), credits_.popleft()
        assert debit != credit, "an account is on one side of an entry"
        moved = min(owed, offered)
        movements.append(Movement(debit, credit, unit_id, moved))
        if owed > moved:
            debits.appendleft((debit, owed - moved))
        if offered > moved:
            credits_.appendleft((credit, offered - moved))
    return movements
