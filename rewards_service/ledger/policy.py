"""Pure rules of the ledger: what lots carry, in which order they are taken, how an entry's sides are paired."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from typing import Protocol

from rewards_service.kit.clock import has_expired

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
    ADJUSTMENT = "Adjustment"


class CarriesMoney(Protocol):
    """The part of a lot that says what it carries."""

    @property
    def base_units(self) -> int:
        """Its units when it was made or re-based."""
        ...

    @property
    def base_minor(self) -> int:
        """What they were worth then, in minor units."""
        ...


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


def carrying(lot: CarriesMoney, *, units: int) -> int:
    """Return the money that a lot with ``units`` left carries, in minor units.

    It depends on what is left, not on the path there, so it never drifts, and the last unit clears the lot exactly
    (accounting model, 2.2).
    """
    return lot.base_minor * units // lot.base_units


def share_of(total_minor: int, *, done: int, units: int, of_units: int) -> int:
    """Return the part of ``total_minor`` that falls on ``units`` after ``done`` of ``of_units`` had theirs.

    Like ``carrying``, whatever the steps are, the parts of all units add up to the total.
    """
    return total_minor * (done + units) // of_units - total_minor * done // of_units


def taking_order(lot: Spendable) -> tuple[datetime, datetime, int]:
    """Return the sort key by which lots are taken: soonest expiry, then earliest earned, then oldest."""
    return (lot.expires_at or _NEVER, lot.earned_on, lot.id)


def is_spendable(lot: Spendable, *, now: datetime) -> bool:
    """Tell whether a lot has units that may be spent at ``now``; it may be spent up to its last moment."""
    return lot.units_available > 0 and not has_expired(expires_at=lot.expires_at, now=now)


def is_stale(rate_version_id: int | None, *, in_force_id: int) -> bool:
    """Tell whether a lot is based on a rate older than the one in force; value at par (none) never is.

    Rates only move forward, each with a greater key: a clock that was stepped back bases nothing on an old rate again.
    """
    return rate_version_id is not None and rate_version_id < in_force_id


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
    model, section 1), so ``signed_lines`` finds the lines again. The lines add up to zero; those of amount zero have
    no posting, nor has what an account would owe itself.
    """
    assert sum(amount for _, amount in lines) == 0, "an entry balances in every unit"
    debits = deque((account, amount) for account, amount in lines if amount > 0)
    credits_ = deque((account, -amount) for account, amount in lines if amount < 0)
    movements: list[Movement] = []
    while debits:
        (debit, owed), (credit, offered) = debits.popleft(), credits_.popleft()
        moved = min(owed, offered)
        if debit != credit:
            movements.append(Movement(debit, credit, unit_id, moved))
        if owed > moved:
            debits.appendleft((debit, owed - moved))
        if offered > moved:
            credits_.appendleft((credit, offered - moved))
    return movements


def signed_lines(movements: Iterable[Movement]) -> list[tuple[int, int, int]]:
    """Return the signed view of an entry: lines of (account, unit, amount), positive = debit.

    It undoes ``pair``: movements that follow each other with the same account on one side were one line there.
    """
    lines: list[tuple[int, int, int]] = []
    for unit_id, of_unit in groupby(movements, key=lambda move: move.unit_id):
        moves = list(of_unit)
        lines += _runs([(move.debit_account_id, unit_id, move.units) for move in moves])
        lines += _runs([(move.credit_account_id, unit_id, -move.units) for move in moves])
    return lines


def _runs(lines: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return ``lines`` with those added up that follow each other on one account."""
    return [(*key, sum(amount for *_, amount in run)) for key, run in groupby(lines, key=lambda line: line[:2])]
