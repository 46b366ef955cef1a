"""Money, points, days and moments as the reader writes them.

Babel writes the whole string, symbol and separators included; nothing here builds an amount from parts, and nothing
is rounded on the way: an integer in the smallest unit becomes a decimal with the currency's own digits.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent

from rewards_service.kit.money import exponent
from rewards_service.programs import policy
from rewards_service.programs.models import Unit
from rewards_service.web.i18n import _n, get_locale, zone

_WRITTEN_AS = {"en": "en_GB"}
_DECIMALS = re.compile(r"[.]0+")


def money(amount_minor: int, currency: str) -> str:
    """Return an amount in the smallest unit of ``currency`` as the reader writes it, e.g. ``€1,234.50``."""
    return format_currency(Decimal(amount_minor).scaleb(-exponent(currency)), currency, locale=_locale())


def round_money(amount_minor: int, currency: str) -> str:
    """Return a whole amount without its empty decimals, e.g. ``€25``; any other amount in full."""
    amount = Decimal(amount_minor).scaleb(-exponent(currency))
    if amount != amount.to_integral_value():
        return money(amount_minor, currency)
    pattern = _DECIMALS.sub("", Locale.parse(_locale()).currency_formats["standard"].pattern)
    return format_currency(amount, currency, pattern, locale=_locale(), currency_digits=False)


def value(units: int, unit: Unit) -> str:
    """Return value of a program in its unit: promised money as money, points as points."""
    if unit.kind == "points":
        return str(_n("%(shown)s point", "%(shown)s points", units, shown=number(units)))
    assert unit.currency is not None, "a promise is made in a currency"
    return money(units, unit.currency)


def number(count: int) -> str:
    """Return a whole number with the reader's separators."""
    return format_decimal(count, locale=_locale())


def percent(basis_points: int) -> str:
    """Return a share, given in basis points, in percent with one digit."""
    return format_percent(Decimal(basis_points).scaleb(-4), format="#,##0.#%", locale=_locale())


def day(moment: datetime | date) -> str:
    """Return a day as the reader writes it, in the program's time zone: ``21 November 2026``."""
    return format_date(_local_day(moment), format="long", locale=_locale())


def day_short(moment: datetime | date) -> str:
    """Return a day in as few symbols as there are: ``21 Nov 2026``."""
    return format_date(_local_day(moment), format="medium", locale=_locale())


def last_day(ends_at: datetime) -> str:
    """Return the last day on which something may be used that ends at ``ends_at``: 24:00 belongs to the day before."""
    return day(policy.last_day(ends_at, zone().key))


def last_day_short(ends_at: datetime) -> str:
    """Return the last day in as few symbols as there are: ``31 Dec 2026``."""
    return day_short(policy.last_day(ends_at, zone().key))


def moment(at: datetime) -> str:
    """Return a moment with its seconds, in the program's time zone."""
    return format_datetime(at, format="medium", tzinfo=zone(), locale=_locale())


def clock_time(at: datetime) -> str:
    """Return the time of day with seconds, in the program's time zone."""
    return format_time(at, format="HH:mm:ss", tzinfo=zone(), locale=_locale())


def listed(parts: Iterable[str], *, either: bool = False) -> str:
    """Return parts as one sentence part: ``a, b and c``, or ``a, b or c``."""
    return format_list(list(parts), style="or" if either else "standard", locale=_locale())


def language_name(locale: str) -> str:
    """Return what a language is called in the language of the reader, e.g. ``German`` for ``de``."""
    return Locale.parse(locale.replace("-", "_")).get_display_name(_locale()) or locale


def grouped_code(text: str) -> str:
    """Return a code in groups of four."""
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _local_day(moment: datetime | date) -> date:
    """Return the day of a moment in the program's time zone; a day is one already."""
    return moment.astimezone(zone()).date() if isinstance(moment, datetime) else moment


def _locale() -> str:
    """Return how amounts and dates are written in the reader's language; English as in Europe, day before month."""
    language = str(get_locale() or "en")
    return _WRITTEN_AS.get(language, language)
