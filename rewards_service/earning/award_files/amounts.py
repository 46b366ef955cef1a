"""Amounts as people write them: ``1.937,43``, ``1,937.43 €``, ``25-``; read exactly, or not at all."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from rewards_service.kit.errors import ValidationFailed

DecimalSign = Literal[",", "."]

DECIMAL_POINT_LANGUAGES = frozenset({"en", "ms"})
GROUP_DIGITS = 3
AMOUNT_CHARACTERS_MAX = 40

CURRENCY_SYMBOLS = {"€": "EUR", "£": "GBP", "US$": "USD", "zł": "PLN", "RM": "MYR", "Fr.": "CHF", "Kč": "CZK"}
"""Symbols that name one currency; ``$``, ``¥`` and ``kr`` name several and are not read."""

_SPACES = "\u0020\u00a0\u2009\u202f"
_GROUP_MARKS = f"[{_SPACES}'\u2019]"
_OTHER: dict[DecimalSign, DecimalSign] = {",": ".", ".": ","}
_NO_DIGIT = re.compile(r"\D")
_WRITTEN = {
    sign: re.compile(
        rf"(?P<whole>\d{{1,3}}(?P<mark>{re.escape(other)}|{_GROUP_MARKS})\d{{3}}(?:(?P=mark)\d{{3}})*|\d+)"
        rf"(?:{re.escape(sign)}(?P<part>\d+))?",
        re.ASCII,
    )
    for sign, other in _OTHER.items()
}
_CURRENCY = re.compile(r"[A-Z]{3}|" + "|".join(re.escape(symbol) for symbol in CURRENCY_SYMBOLS))
_MINUS = re.compile("[-\u2212]")


class AmountUnreadable(ValueError):
    """The text is no amount in the way the rest of the column is written."""


class AmountsAmbiguous(ValidationFailed):
    """Every amount with a sign has three digits behind it: a thousand times more or less, nobody can tell."""

    code = "amounts_ambiguous"
    title = "These amounts can be read in two ways; say which sign stands before decimals"


@dataclass(frozen=True, slots=True)
class WrittenAmount:
    """An amount, and the currency that stands beside it in the same cell (ISO 4217), if one does."""

    number: Decimal
    currency: str | None


def detect_decimal_sign(texts: Iterable[str], *, language: str, are_whole: bool = False) -> DecimalSign:
    """Return the sign before the decimals of a column: what its unambiguous amounts show, else the language's habit.

    Where all are whole (points have no decimals), ``1.937`` is a thousand.

    Raises:
        AmountsAmbiguous: all that speaks is of the sort ``1.937``, and the language would write decimals that way.
    """
    sure: Counter[DecimalSign] = Counter()
    likely: Counter[DecimalSign] = Counter()
    for text in texts:
        _count_signs(text, sure=sure, likely=likely)
    habit: DecimalSign = "." if language in DECIMAL_POINT_LANGUAGES else ","
    if sure[","] != sure["."]:
        return max(sure, key=lambda sign: sure[sign])
    if are_whole and likely:
        return max(likely, key=lambda sign: likely[sign])
    if likely[_OTHER[habit]]:
        raise AmountsAmbiguous
    return habit


def read_amount(text: str, *, decimal_sign: DecimalSign) -> WrittenAmount:
    """Return the amount in ``text``; a minus may stand behind, brackets mean less than zero, thousands may be grouped.

    Raises:
        AmountUnreadable: it is not written that way.
    """
    bare, currency = _without_currency(text.strip())
    negative, digits = _without_minus(bare)
    match = _WRITTEN[decimal_sign].fullmatch(digits) if len(text) <= AMOUNT_CHARACTERS_MAX else None
    if match is None:
        raise AmountUnreadable(text)
    number = Decimal(f"{_NO_DIGIT.sub('', match['whole'])}.{match['part'] or '0'}")
    return WrittenAmount(-number if negative else number, currency)


def currency_named_in(text: str) -> str | None:
    """Return the currency that the name of a column speaks of, e.g. ``Prämie (EUR)`` or ``Betrag in €``."""
    words = re.findall(r"\b[A-Z]{3}\b", text)
    symbols = [code for symbol, code in CURRENCY_SYMBOLS.items() if symbol in text]
    return next(iter(words + symbols), None)


def _count_signs(text: str, *, sure: Counter[DecimalSign], likely: Counter[DecimalSign]) -> None:
    """Vote with one amount for the sign before its decimals; ``1.937`` is most likely a thousand."""
    digits = _without_minus(_without_currency(text.strip())[0])[1]
    last: DecimalSign = "," if digits.rfind(",") > digits.rfind(".") else "."
    if last not in digits:
        return
    behind = digits.rpartition(last)[2]
    if _OTHER[last] in digits:
        sure[last] += 1
    elif digits.count(last) > 1:
        sure[_OTHER[last]] += 1
    elif len(behind) == GROUP_DIGITS:
        likely[_OTHER[last]] += 1
    else:
        sure[last] += 1


def _without_currency(text: str) -> tuple[str, str | None]:
    """Return ``text`` without a currency before or behind it, and that currency."""
    found = _CURRENCY.match(text) or re.search(rf"(?:{_CURRENCY.pattern})$", text)
    if found is None:
        return text, None
    rest = text[: found.start()] + text[found.end() :]
    return rest.strip(_SPACES), CURRENCY_SYMBOLS.get(found.group(), found.group())


def _without_minus(text: str) -> tuple[bool, str]:
    """Return whether ``text`` says less than zero, and the rest."""
    if text.startswith("(") and text.endswith(")"):
        return True, text[1:-1].strip(_SPACES)
    bare = _MINUS.sub("", text, count=1) if _MINUS.match(text) or _MINUS.match(text[-1:]) else text
    return bare != text, bare.removeprefix("+").strip(_SPACES)
