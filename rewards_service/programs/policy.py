"""Pure rules of programs: names in the books, prices, rates."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

from rewards_service.kit.errors import FieldProblem, ValidationFailed
from rewards_service.kit.money import ceil_div, half_up_div

BASIS_POINTS = 10_000
SYMBOL_PATTERN = re.compile(r"^[A-Z]{3,12}$")
"""A unit's name in the books: letters only, because hledger wants others quoted."""

CODE_PREFIX_MIN, CODE_PREFIX_MAX = 2, 4
CODE_SYMBOLS_MIN, CODE_SYMBOLS_DEFAULT, CODE_SYMBOLS_MAX = 12, 16, 24
"""Of a reward code without its prefix; the last symbol checks, each other one is five random bits."""

CODE_COPY_DAYS_DEFAULT = 90
"""Long enough for support to see a code that its holder mistypes; later it can be reissued."""

END_YEAR_LAST = 2199
"""The last year in which anything ends. Whoever means *never* leaves the end out; a day in 9999 is one that no
calendar can shift to another time zone."""

_LATEST_END = datetime(END_YEAR_LAST + 1, 1, 2, tzinfo=UTC)
"""By then the last day of ``END_YEAR_LAST`` is over everywhere."""

_TIME_ZONES = cache(available_timezones)
"""Finding them reads many files."""

_NOT_IN_COMPONENTS = re.compile(r"[^A-Za-z0-9-]+")


class ExpiryTooFar(ValidationFailed):
    """An end beyond ``END_YEAR_LAST``; what never ends has none."""

    code = "expiry_too_far"
    title = "The end lies too far ahead"

    def __init__(self) -> None:
        message = "The end lies too far ahead: {year} is the last year. Leave it out for value that never ends."
        problem = FieldProblem("/expires_at", self.code, message, {"year": END_YEAR_LAST})
        super().__init__(message, problems=(problem,), year=END_YEAR_LAST)


class Rate(Protocol):
    """A pair of integers: ``units`` points are worth ``minor`` smallest units of the program's currency."""

    units: int
    minor: int


def price_units(*, face_minor: int, margin_bp: int, rate: Rate) -> int:
    """Return what an item of ``face_minor`` costs in value units, rounded up.

    The holder bears less than one unit of rounding, and the quote shows it. ``margin_bp`` is added in basis points.
    """
    return ceil_div(face_minor * (BASIS_POINTS + margin_bp) * rate.units, BASIS_POINTS * rate.minor)


def worth_minor(*, units: int, rate: Rate) -> int:
    """Return what ``units`` are worth in the program's currency, half up (accounting model, 2.3)."""
    return half_up_div(units * rate.minor, rate.units)


def units_of_money(*, minor: int, rate: Rate) -> int:
    """Return the units that an incentive of ``minor`` makes, half up."""
    return half_up_div(minor * rate.units, rate.minor)


def book_component(text: str) -> str:
    """Return ``text`` as one component of an account name: ``[A-Z0-9][A-Za-z0-9-]*``, beancount's rule.

    Empty when nothing of the text may stand in a name; then the caller uses another reference.
    """
    plain = _NOT_IN_COMPONENTS.sub("-", text).strip("-")
    return plain[:1].upper() + plain[1:]


def last_day(ends_at: datetime, time_zone: str) -> date:
    """Return the last day in ``time_zone`` on which what ends at that moment can be used; ``end_of_day`` leads back."""
    return local_day(ends_at - timedelta(microseconds=1), time_zone)


def end_of_day(day: date, time_zone: str) -> datetime:
    """Return the moment at which ``day`` is over in ``time_zone``: a date without a time ends at 24:00.

    Raises:
        ExpiryTooFar: the day is beyond ``END_YEAR_LAST``.
    """
    if day.year > END_YEAR_LAST:
        raise ExpiryTooFar
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def require_end_in_reach(expires_at: datetime | None) -> None:
    """Refuse an end that is too far away to be shown in every time zone.

    Raises:
        ExpiryTooFar: it is beyond ``END_YEAR_LAST``.
    """
    if expires_at is not None and expires_at >= _LATEST_END:
        raise ExpiryTooFar


def known_time_zone(name: str) -> str:
    """Return ``name`` when it is an IANA time zone.

    Raises:
        ValidationFailed: it is none.
    """
    if name not in _TIME_ZONES():
        raise ValidationFailed(
            problems=(FieldProblem("/time_zone", "time_zone_unknown", "Use an IANA name such as Europe/Berlin."),)
        )
    return ZoneInfo(name).key


def local_day(moment: datetime, time_zone: str) -> date:
    """Return the calendar day of ``moment`` in ``time_zone``."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
