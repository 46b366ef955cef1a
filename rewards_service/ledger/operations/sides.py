"""The money side that goes with value: what a lot is worth, and which accounts carry it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.ledger.balances import BALANCE_MAX
from rewards_service.ledger.chart import Role
from rewards_service.ledger.entries import MoneyLine
from rewards_service.ledger.errors import UnitsNotPositive
from rewards_service.ledger.lots import LotEffect
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.policy import worth_minor
from rewards_service.programs.queries import rate_in_force


def unit_of(program: Program, *, unit_id: int) -> Unit:
    """Return the program's value unit with that key."""
    for unit in (program.points_unit, program.promise_unit):
        if unit is not None and unit.id == unit_id:
            return unit
    raise AssertionError("a program moves only its own value units")


def base_of(session: Session, *, program: Program, unit: Unit, units: int, now: datetime) -> tuple[int, int | None]:
    """Return what ``units`` are worth now in minor units, half up, and the rate version that says so (none: par).

    Raises:
        UnitsNotPositive: at the rate they are worth more than the books keep.
    """
    if unit.kind == "promise":
        return units, None
    rate = rate_in_force(session, program_id=program.id, now=now)
    minor = worth_minor(units=units, rate=rate)
    if minor > BALANCE_MAX:
        raise UnitsNotPositive("{units} is not a usable value.", units=str(units))
    return minor, rate.id


def liability(program: Program, *, unit_id: int, amount_minor: int) -> MoneyLine:
    """Return the line on what open lots of a unit carry; positive = less is owed."""
    return MoneyLine(Role.REWARD_LIABILITY, amount_minor, unit_of(program, unit_id=unit_id).symbol)


def liabilities(program: Program, *, effect: LotEffect) -> list[MoneyLine]:
    """Return, per value unit, the line by which what open lots carry follows an effect on them."""
    return [
        liability(program, unit_id=unit_id, amount_minor=released)
        for unit_id, released in sorted(effect.released_by_unit().items())
    ]


def closing_lines(money: Sequence[MoneyLine], *, effect: LotEffect) -> list[MoneyLine]:
    """Return the lines that close an entry's money side.

    What a new rate freed or cost on the way back is a rate change. Of the rest, what rounding can explain (one minor
    unit per lot touched) is ``Expenses:Rounding``; more is a price difference, such as a program's margin (accounting
    model, 2.1 and 2.3).
    """
    open_minor = sum(line.amount_minor for line in money) - effect.rate_change_minor
    is_rounding = abs(open_minor) <= len(effect.changes) + len(effect.children)
    return [
        MoneyLine(Role.COST_RATE_CHANGE, -effect.rate_change_minor),
        MoneyLine(Role.ROUNDING if is_rounding else Role.COST_PRICE_DIFFERENCE, -open_minor),
    ]
