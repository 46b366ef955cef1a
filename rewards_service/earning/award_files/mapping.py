"""How one file is read: which column means what, and how amounts, days and telephone numbers are written in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rewards_service.earning.award_files.aliases import Field, fields_in_brackets
from rewards_service.earning.award_files.amounts import DecimalSign, currency_named_in, detect_decimal_sign
from rewards_service.earning.award_files.columns import find_columns
from rewards_service.earning.award_files.dates import detect_date_format
from rewards_service.earning.award_files.phones import detect_region
from rewards_service.kit.tabular import Table


@dataclass(frozen=True, slots=True)
class ProgramHabits:
    """What the program says where a file does not.

    Attributes:
        currency: ISO 4217.
        points: the symbol of its points.
        country: ISO 3166, where it has one.
    """

    currency: str
    points: str
    country: str | None


@dataclass(frozen=True, slots=True)
class GivenMapping:
    """What the sender says about a file; whatever is left out is detected."""

    columns: Mapping[Field, str] = field(default_factory=dict)
    decimal_sign: DecimalSign | None = None
    date_format: str | None = None
    region: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class AwardMapping:
    """How one file is read.

    Attributes:
        columns: the index of each field's column.
        decimal_sign: what stands before decimals.
        date_format: how days are written, in the notation of ``strptime``.
        region: whose telephone numbers come without a country code (ISO 3166).
        unit: what amounts are of where a row does not say: an ISO 4217 code, or the symbol of the program's points.
    """

    columns: Mapping[Field, int]
    decimal_sign: DecimalSign
    date_format: str
    region: str | None
    unit: str

    @property
    def value_field(self) -> Field:
        """Where the amounts are: in the column of points, where the file has one."""
        return _value_field(self.columns)


def read_mapping(table: Table, *, habits: ProgramHabits, given: GivenMapping | None = None) -> AwardMapping:
    """Return how ``table`` is read: as ``given`` says, and beyond that as its header and its cells show.

    Raises:
        MappingUnusable, ColumnAmbiguous, ColumnsMissing: the columns are not clear.
        AmountsAmbiguous: the amounts are not.
    """
    said = given or GivenMapping()
    header = find_columns(table.header, given=said.columns)
    columns, language = header.columns, header.language
    phones = _cells(table, columns, Field.PHONE, Field.ADDRESS)
    region = said.region or detect_region(phones, country=habits.country, language=language)
    unit = said.unit or _unit(table, columns, habits=habits)
    days = _cells(table, columns, Field.EARNED_ON, Field.EXPIRES_ON)
    amounts = _cells(table, columns, _value_field(columns))
    return AwardMapping(
        columns=columns,
        decimal_sign=said.decimal_sign
        or detect_decimal_sign(amounts, language=language, are_whole=unit == habits.points),
        date_format=said.date_format or detect_date_format(days, region=region),
        region=region,
        unit=unit,
    )


def _value_field(columns: Mapping[Field, int]) -> Field:
    """Return the column that holds the amounts."""
    return Field.POINTS if Field.POINTS in columns else Field.AMOUNT


def _unit(table: Table, columns: Mapping[Field, int], *, habits: ProgramHabits) -> str:
    """Return the unit that the name of the column of amounts speaks of, else the program's currency."""
    if Field.POINTS in columns:
        return habits.points
    name = table.header[columns[Field.AMOUNT]]
    named = currency_named_in(name)
    if Field.POINTS in fields_in_brackets(name) or named == habits.points:
        return habits.points
    return named or habits.currency


def _cells(table: Table, columns: Mapping[Field, int], *wanted: Field) -> Iterator[str]:
    """Yield the cells that are not blank of those columns ``wanted`` that there are, one column after the other."""
    for index in (columns[each] for each in wanted if each in columns):
        yield from (row.cells[index] for row in table.rows if row.cells[index].strip())
