"""Amounts of money and value: integers in the smallest unit, divided without losing any of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from babel.numbers import format_currency

from catalog.currencies import EXPONENTS
from rewards_service.kit.errors import ValidationFailed

MINOR_MAX = 10**15
"""The largest amount anybody may enter: a bigint holds nine thousand times as much, so sums stay far from its end."""


class UnknownCurrency(ValidationFailed):
    """The text is not an ISO 4217 code that money is counted in."""

    code = "unknown_currency"
    title = "This currency is not known"


class AmountNotExact(ValidationFailed):
    """The text is no number, or has more decimals than its currency has, or is beyond ``MINOR_MAX``."""

    code = "amount_not_exact"
    title = "This amount cannot be read exactly"


@dataclass(frozen=True, slots=True)
class Money:
    """``minor`` smallest units of ``currency`` (ISO 4217)."""

    minor: int
    currency: str

    def format(self, locale: str) -> str:
        """Return the amount as a reader of ``locale`` writes it, symbol and separators included."""
        return format_currency(
            Decimal(self.minor).scaleb(-exponent(self.currency)), self.currency, locale=locale, currency_digits=True
        )


def exponent(currency: str) -> int:
    """Return how many decimals ``currency`` has by ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD.

    Not how many a reader is usually shown: CLDR writes RSD without decimals, the standard counts it in hundredths.

    Raises:
        UnknownCurrency: the code is not in ISO 4217.
    """
    found = EXPONENTS.get(currency)
    if found is None:
        raise UnknownCurrency("{currency} is not an ISO 4217 currency.", currency=currency)
    return found


def to_minor(amount: Decimal, currency: str) -> int:
    """Return ``amount`` in smallest units.

    Raises:
        UnknownCurrency: the code is not in ISO 4217.
        AmountNotExact: it has too many decimals or is too large.
    """
    return scaled(amount, exponent(currency))


def scaled(amount: Decimal, decimals: int) -> int:
    """Return ``amount × 10^decimals`` when that is a whole number within ``MINOR_MAX``.

    Raises:
        AmountNotExact: it is not finite, not whole, or too large.
    """
    if not amount.is_finite() or amount.adjusted() > len(str(MINOR_MAX)):
        raise AmountNotExact("{amount} is not a usable amount.", amount=str(amount)[:40])
    shifted = amount.scaleb(decimals)
    if shifted != shifted.to_integral_value() or abs(shifted) > MINOR_MAX:
        raise AmountNotExact(
            "{amount} cannot be kept exactly with {decimals} decimals.", amount=str(amount)[:40], decimals=decimals
        )
    return int(shifted)


def parse_minor(text: str, currency: str) -> int:
    """Return the plain decimal ``text`` (``"25"``, ``"25.50"``) in smallest units of ``currency``.

    Raises:
        UnknownCurrency: the code is not in ISO 4217.
        AmountNotExact: the text is no number or cannot be kept exactly.
    """
    try:
        amount = Decimal(text.strip())
    except InvalidOperation as error:
        raise AmountNotExact("{amount} is not a number.", amount=text[:40]) from error
    return to_minor(amount, currency)


def ceil_div(dividend: int, divisor: int) -> int:
    """Return ``dividend ÷ divisor`` rounded towards plus infinity; ``divisor`` is positive."""
    return -(-dividend // divisor)


def half_up_div(dividend: int, divisor: int) -> int:
    """Return ``dividend ÷ divisor`` rounded to the nearest, halves away from zero; ``divisor`` is positive."""
    magnitude = (2 * abs(dividend) + divisor) // (2 * divisor)
    return magnitude if dividend >= 0 else -magnitude


def allocate(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Split ``total_minor`` in proportion to ``weights``; the parts add up to the total.

    Largest remainder, ties to the first. ``weights`` are not negative and not all zero.
    """
    whole = sum(weights)
    assert whole > 0, "there must be something to allocate to"
    parts = [total_minor * weight // whole for weight in weights]
    remainders = [total_minor * weight % whole for weight in weights]
    largest_first = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in largest_first[: total_minor - sum(parts)]:
        parts[index] += 1
    return parts
