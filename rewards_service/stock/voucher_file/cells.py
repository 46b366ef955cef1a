"""Cells of a voucher file: a number, an amount, a day; each read exactly or refused with a reason."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rewards_service.kit.crypto import SecretText
from rewards_service.kit.errors import Refusal
from rewards_service.kit.money import parse_minor

DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d-%m-%Y", "%Y/%m/%d")
"""In the order that decides where no cell of the file does."""

EXACT_DIGITS = 15
"""How many digits a spreadsheet keeps of a number that is not text (ECMA-376 numbers are IEEE 754 doubles)."""

_PROTECTED = re.compile(r'="([^"]*)"')
_PRINTABLE = re.compile(r"[!-~]+(?: [!-~]+)*")
_AMOUNT = re.compile(r"(\d+)(?:[.,](\d{1,4}))?")
_SIGNS = re.compile(r"[€$£\s\u00a0]|[A-Z]{3}$")
_TIME_BEHIND = re.compile(r"[T ]\d{1,2}:\d{2}.*$")


@dataclass(frozen=True, slots=True)
class CellRefused(Exception):
    """A cell that cannot be used: a stable code, what stands there (never a secret), and what would do."""

    code: str
    found: str
    expected: str


def read_secret(text: str, *, length_max: int, code: str) -> str:
    """Return a number or PIN as it stands in the file, without outer space and without ``="…"`` around it.

    Raises:
        CellRefused: it is empty, too long, a formula, or has symbols that are not printable ASCII.
    """
    bare = text.strip()
    protected = _PROTECTED.fullmatch(bare)
    if protected:
        bare = protected.group(1).strip()
    if not bare or len(bare) > length_max or bare.startswith("=") or not _PRINTABLE.fullmatch(bare):
        raise CellRefused(code, str(SecretText(bare)) if bare else "", f"1 to {length_max} printable symbols")
    return bare


def number_key(number: str) -> str:
    """Return what makes two numbers the same card: without spaces and dashes, in one case."""
    return number.replace(" ", "").replace("-", "").upper()


def read_amount(text: str, *, currency: str, code: str) -> int:
    """Return a plain amount such as ``25``, ``25.00``, ``25,00 €`` in smallest units.

    Raises:
        CellRefused: it is no amount, has more decimals than the currency, or a thousands separator.
    """
    bare = _SIGNS.sub("", text.strip())
    written = _AMOUNT.fullmatch(bare)
    if written is None:
        raise CellRefused(code, text[:40], f"an amount in {currency}, such as 25.00")
    try:
        return parse_minor(f"{written.group(1)}.{written.group(2) or 0}", currency)
    except Refusal as refusal:
        raise CellRefused(code, text[:40], f"an amount in {currency} with its decimals") from refusal


def find_date_format(cells: Iterable[str]) -> str:
    """Return the format that reads most of the cells."""
    texts = [text for text in cells if text.strip()]
    return max(DATE_FORMATS, key=lambda known: sum(_day(text, known) is not None for text in texts))


def read_day(text: str, *, date_format: str) -> date:
    """Return the day in a cell; a time behind it is dropped.

    Raises:
        CellRefused: it is not written in ``date_format``, or there is no such day.
    """
    day = _day(text, date_format)
    if day is None:
        raise CellRefused("expiry_unusable", text[:40], f"a day such as {date(2027, 12, 31).strftime(date_format)}")
    return day


def are_rounded(numbers: Sequence[str]) -> bool:
    """Tell whether a spreadsheet has cut all long numbers to its 15 digits, because their column was not text."""
    long = [number for number in numbers if number.isdecimal() and len(number) > EXACT_DIGITS]
    return bool(long) and all(_is_rounded(number) for number in long)


def _is_rounded(number: str) -> bool:
    """Tell whether digits are those of a number that was kept with 15 of them, give or take what a double adds."""
    lost: int = 10 ** (len(number) - EXACT_DIGITS)
    off_by = abs((int(number) + lost // 2) % lost - lost // 2)
    return off_by <= max(1, lost // 8)


def _day(text: str, date_format: str) -> date | None:
    """Return the day that ``text`` is in a format, or ``None``."""
    try:
        return datetime.strptime(_TIME_BEHIND.sub("", text.strip()), date_format).date()  # noqa: DTZ007 — a day has no time zone
    except ValueError:
        return None
