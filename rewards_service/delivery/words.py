"""Amounts and days as the recipient writes them."""

from collections.abc import Mapping
from datetime import date
from gettext import NullTranslations
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from rewards_service.kit.money import Money
from rewards_service.programs.models import Unit


def value_context(units: int, unit: Unit) -> dict[str, Any]:
    """Return what a message is told about value: integers and names, formatted only when it is sent."""
    return {"units": units, "kind": unit.kind, "currency": unit.currency}


def value_text(value: Mapping[str, Any], *, locale: str, words: NullTranslations) -> str:
    """Return ``value`` as a reader of ``locale`` writes it: ``€20.00``, ``2,000 points``."""
    units: int = value["units"]
    if value["kind"] != "points":
        return Money(units, value["currency"]).format(locale)
    shown = format_decimal(units, locale=locale)
    return words.ngettext("%(shown)s point", "%(shown)s points", units) % {"shown": shown}


def day_text(iso_date: str, *, locale: str) -> str:
    """Return a day such as ``2027-03-31`` as ``31 March 2027``."""
    return format_date(date.fromisoformat(iso_date), format="long", locale=locale)
