"""What a row says was earned, and when."""

from dataclasses import dataclass
from datetime import date

from rewards_service.earning.award_files.aliases import Field
from rewards_service.earning.award_files.amounts import AmountUnreadable, WrittenAmount, read_amount
from rewards_service.earning.award_files.cells import Cells
from rewards_service.earning.award_files.dates import DateImpossible, DateUnreadable, example_of, read_date
from rewards_service.earning.award_files.mapping import AwardMapping, ProgramHabits
from rewards_service.kit.money import AmountNotExact, UnknownCurrency, exponent, scaled


@dataclass(frozen=True, slots=True)
class Earned:
    """What was earned: ``smallest`` units of ``unit``, an ISO 4217 code or the symbol of the program's points."""

    smallest: int
    unit: str


def read_earned(cells: Cells, *, mapping: AwardMapping, habits: ProgramHabits) -> Earned:
    """Return the value of a row in the smallest unit of what it is in.

    Raises:
        RowRefused: it is missing, unreadable, not above zero, not exact, or in a currency without a rate.
    """
    column = mapping.value_field
    if not cells.raw(column).strip():
        raise cells.refused(column, "amount_missing", "an amount")
    written = _written(cells, column=column, mapping=mapping)
    if written.number <= 0:
        code = "amount_negative" if written.number < 0 else "amount_zero"
        raise cells.refused(column, code, "an amount above zero")
    unit = _unit(cells, written=written, mapping=mapping, habits=habits)
    decimals = 0 if unit == habits.points else exponent(unit)
    try:
        return Earned(scaled(written.number, decimals), unit)
    except AmountNotExact as error:
        expected = f"an amount of {unit} with at most {decimals} decimals, and not beyond all measure"
        raise cells.refused(column, "amount_not_exact", expected) from error


def read_day(cells: Cells, wanted: Field, *, mapping: AwardMapping) -> date | None:
    """Return the day in a column, ``None`` where it is blank or there is no such column.

    Raises:
        RowRefused: it is not written like the rest of the column, or not in the calendar.
    """
    text = cells.raw(wanted)
    if not text.strip():
        return None
    expected = f"a day such as {example_of(mapping.date_format)}"
    try:
        return read_date(text, date_format=mapping.date_format)
    except DateImpossible as error:
        raise cells.refused(wanted, "date_impossible", expected) from error
    except DateUnreadable as error:
        raise cells.refused(wanted, "date_unreadable", expected) from error


def _written(cells: Cells, *, column: Field, mapping: AwardMapping) -> WrittenAmount:
    """Return the number in the column of amounts, and the currency beside it."""
    sign = mapping.decimal_sign
    try:
        return read_amount(cells.raw(column), decimal_sign=sign)
    except AmountUnreadable as error:
        raise cells.refused(column, "amount_unreadable", f"an amount such as 1234{sign}50") from error


def _unit(cells: Cells, *, written: WrittenAmount, mapping: AwardMapping, habits: ProgramHabits) -> str:
    """Return what the amount is of: said beside it, in the row's column of currencies, or by the whole file."""
    if mapping.value_field is Field.POINTS:
        return habits.points
    named = cells.raw(Field.CURRENCY).strip().upper()
    if named and written.currency not in {None, named}:
        raise cells.refused(Field.CURRENCY, "currency_contradicts", f"{written.currency}, as beside the amount")
    unit = named or written.currency or mapping.unit
    if unit not in {habits.points, habits.currency}:
        _refuse_unit(cells, unit=unit, mapping=mapping, habits=habits)
    return unit


def _refuse_unit(cells: Cells, *, unit: str, mapping: AwardMapping, habits: ProgramHabits) -> None:
    """Refuse a row in something that is no currency, or in one for which the program has no rate.

    Raises:
        RowRefused: always.
    """
    column = Field.CURRENCY if Field.CURRENCY in mapping.columns else mapping.value_field
    try:
        exponent(unit)
    except UnknownCurrency as error:
        raise cells.refused(column, "currency_unknown", "an ISO 4217 code such as EUR", found=unit) from error
    raise cells.refused(column, "currency_not_kept", f"{habits.currency} or {habits.points}", found=unit)
