"""What is agreed: every unit wanted as a line of its own, its price, and who pays what of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rewards_service.orders.errors import OrderNotCoverable
from rewards_service.orders.pricing import Plan, Purse, Share, in_units, plan_payment
from rewards_service.orders.tenders import Payer
from rewards_service.orders.terms import LineTerms
from rewards_service.programs.models import Program


@dataclass(frozen=True, slots=True)
class AgreedLine:
    """One line to be: 1, 2, … in the order, its terms, who pays what, and what that is in the agreement's unit."""

    number: int
    terms: LineTerms
    shares: Sequence[Share]
    price_units: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """All lines of an order; ``unit_id`` is the one unit of all its tenders, else the program's points."""

    unit_id: int
    lines: Sequence[AgreedLine]
    payers: Mapping[int, Payer]


def agree(
    program: Program, *, terms: Sequence[LineTerms], payers: Sequence[Payer], purses: Sequence[Purse]
) -> Agreement:
    """Return who pays what.

    Raises:
        OrderNotCoverable: the purses together have less than the lines cost.
    """
    expanded = expand(terms)
    plan = plan_payment([line.price_minor for line in expanded], purses=purses)
    if plan.missing_minor:
        raise OrderNotCoverable(
            "{missing_units} {unit} are missing.",
            missing_units=in_units(plan.missing_minor, rate=terms[0].rate),
            unit=unit_name(program, unit_id=points_of(program)),
        )
    unit_id = common_unit(program, plan=plan)
    return Agreement(
        unit_id=unit_id,
        lines=[
            AgreedLine(number, line, shares, _price(line, shares=shares, unit_id=unit_id))
            for number, (line, shares) in enumerate(zip(expanded, plan.shares, strict=True), start=1)
        ],
        payers={payer.account_id: payer for payer in payers},
    )


def expand(terms: Sequence[LineTerms]) -> list[LineTerms]:
    """Return one line per unit: a hold is resolved once, so what is issued one by one is one line each."""
    return [line for line in terms for _ in range(line.wanted.quantity)]


def common_unit(program: Program, *, plan: Plan) -> int:
    """Return the unit of all shares, or the program's points where several are mixed, or nothing pays yet."""
    units = {share.purse.unit_id for line in plan.shares for share in line}
    return units.pop() if len(units) == 1 else points_of(program)


def points_of(program: Program) -> int:
    """Return the unit of the program's points."""
    assert program.points_unit_id is not None, "a program has points from its first moment"
    return program.points_unit_id


def unit_name(program: Program, *, unit_id: int) -> str:
    """Return what callers say for one of the program's value units: ``PTS``, or an ISO code for promised value."""
    unit = program.points_unit if unit_id == program.points_unit_id else program.promise_unit
    assert unit is not None, "a program has its own two value units"
    return unit.api_name


def _price(line: LineTerms, *, shares: Sequence[Share], unit_id: int) -> int:
    """Return what a line costs in the agreement's unit: what is paid of it, or its price in points where that mixes."""
    if all(share.purse.unit_id == unit_id for share in shares):
        return sum(share.units for share in shares)
    return line.price_points
