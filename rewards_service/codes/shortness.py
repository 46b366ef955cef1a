"""Short codes are easier to guess, so none of them is worth much."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.codes.errors import ShortCodeWorthTooMuch
from rewards_service.codes.models import Code
from rewards_service.codes.policy import CodeState
from rewards_service.kit.errors import FieldProblem
from rewards_service.kit.money import to_minor
from rewards_service.programs.models import Program
from rewards_service.programs.policy import CODE_SYMBOLS_DEFAULT, Rate
from rewards_service.programs.queries import PAR, rate_in_force

SHORT_CODE_WORTH_MAX = Decimal(100)
"""What a code of fewer symbols than usual may be worth, in the program's currency: whole euros, yen or dinars."""


def require_worth_little(session: Session, *, program: Program, unit_id: int, units: int, now: datetime) -> None:
    """Refuse a value that is too much for codes as short as the program's.

    Raises:
        ShortCodeWorthTooMuch: its codes are shorter than usual, and this is worth more than ``SHORT_CODE_WORTH_MAX``.
    """
    if symbols_for(session, program=program, unit_id=unit_id, units=units, now=now) != program.code_symbols:
        sentence = "A code of {symbols} symbols may not be worth so much; issue longer ones."
        problem = FieldProblem("/value_units", ShortCodeWorthTooMuch.code, sentence, {"symbols": program.code_symbols})
        raise ShortCodeWorthTooMuch(problems=(problem,))


def symbols_for(session: Session, *, program: Program, unit_id: int, units: int, now: datetime) -> int:
    """Return how long a code of that value is: as the program says, but never short when it is worth much."""
    if program.code_symbols >= CODE_SYMBOLS_DEFAULT:
        return program.code_symbols
    rate = _rate(session, program=program, unit_id=unit_id, now=now)
    is_small = units * rate.minor <= _minor_max(program) * rate.units
    return program.code_symbols if is_small else CODE_SYMBOLS_DEFAULT


def has_codes_worth_much(session: Session, *, program: Program, now: datetime) -> bool:
    """Tell whether a code that can still be used was issued for more than a short one may be worth.

    All codes are read through, some 25 ms for each 100,000 and unit: an index would cost every code that is issued.
    """
    usable = Code.state.in_([CodeState.ACTIVE.value, CodeState.BLOCKED.value])
    for unit_id in filter(None, (program.points_unit_id, program.promise_unit_id)):
        units_max = _units_max(session, program=program, unit_id=unit_id, now=now)
        is_above = (Code.program_id == program.id, Code.unit_id == unit_id, Code.value_units > units_max)
        if session.scalar(select(Code.id).where(usable, *is_above).limit(1)) is not None:
            return True
    return False


def _units_max(session: Session, *, program: Program, unit_id: int, now: datetime) -> int:
    """Return how many of a unit a short code may be worth."""
    rate = _rate(session, program=program, unit_id=unit_id, now=now)
    return _minor_max(program) * rate.units // rate.minor


def _minor_max(program: Program) -> int:
    """Return what a short code may be worth, in the smallest unit of the program's currency."""
    return to_minor(SHORT_CODE_WORTH_MAX, program.currency)


def _rate(session: Session, *, program: Program, unit_id: int, now: datetime) -> Rate:
    """Return what a unit of the program is worth."""
    return rate_in_force(session, program_id=program.id, now=now) if unit_id == program.points_unit_id else PAR
