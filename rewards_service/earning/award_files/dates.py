"""Days as people write them; one way per column, found by what all of its cells allow."""

import re
from collections.abc import Iterable
from datetime import date, datetime

from rewards_service.programs.policy import END_YEAR_LAST

ISO = "%Y-%m-%d"
DAY_FIRST = "%d/%m/%Y"
MONTH_FIRST = "%m/%d/%Y"

FORMATS = (
    *(ISO, "%d.%m.%Y", DAY_FIRST, MONTH_FIRST, "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"),
)
"""What is tried, in the order that decides a tie."""

MONTH_FIRST_REGIONS = frozenset({"US", "PH"})
YEAR_FIRST, YEAR_LAST = 1990, END_YEAR_LAST

SAMPLES_MAX = 2_000
"""How many different cells decide; a column of days rarely has more."""

_SHAPES = {"%Y": r"\d{4}", "%y": r"\d{2}", "%m": r"\d{1,2}", "%d": r"\d{1,2}", "%b": r"[A-Za-z]{3}", "%B": r"[A-Za-z]+"}
_TIME_BEHIND = re.compile(r"(?<=\d)[T ]\d{1,2}:\d{2}.*$")


class DateUnreadable(ValueError):
    """The text is not written the way the rest of the column is."""


class DateImpossible(ValueError):
    """The text is written like a day, but the calendar has none such."""


def detect_date_format(texts: Iterable[str], *, region: str | None) -> str:
    """Return the format of ``FORMATS`` that reads most cells.

    ``03/04/2026`` is two days; where no cell decides, the month comes first only in ``MONTH_FIRST_REGIONS``.
    """
    samples = list(dict.fromkeys(text for text in texts if text.strip()))[:SAMPLES_MAX]
    month_first = region in MONTH_FIRST_REGIONS
    order = sorted(FORMATS, key=lambda known: known.startswith("%m") != month_first)
    return max(order, key=lambda known: sum(_is_read(text, known) for text in samples))


def read_date(text: str, *, date_format: str) -> date:
    """Return the day in ``text``; a time of day behind it is dropped.

    Raises:
        DateUnreadable: it is written in another way.
        DateImpossible: there is no such day, or it is in no year that an award could be of.
    """
    bare = _TIME_BEHIND.sub("", text.strip())
    if not re.fullmatch(shape_of(date_format), bare, re.ASCII):
        raise DateUnreadable(text)
    try:
        day = datetime.strptime(bare, date_format).date()  # noqa: DTZ007 — a day has no time zone
    except ValueError as error:
        raise DateImpossible(text) from error
    if not YEAR_FIRST <= day.year <= YEAR_LAST:
        raise DateImpossible(text)
    return day


def shape_of(date_format: str) -> str:
    """Return the pattern of texts that are written like ``date_format``, possible or not."""
    return re.sub(r"%[A-Za-z]", lambda part: _SHAPES[part.group()], re.escape(date_format))


def example_of(date_format: str) -> str:
    """Return how the last day of October 2026 is written in ``date_format``."""
    return date(2026, 10, 31).strftime(date_format)


def _is_read(text: str, date_format: str) -> bool:
    """Tell whether ``text`` is a day in ``date_format``."""
    try:
        read_date(text, date_format=date_format)
    except (DateUnreadable, DateImpossible):
        return False
    return True
