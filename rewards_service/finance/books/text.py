"""Amounts and texts as plain text accounting wants them."""

import unicodedata
from datetime import date

from rewards_service.ledger.queries import AccountBalance, JournalEntry, Line

_STANDS_FOR = str.maketrans({'"': "'", ";": ",", "\\": "/", "|": "/"})
"""``;`` begins a comment in hledger and ``|`` ends the payee; ``"`` ends a text in beancount."""


def amount_text(units: int, *, exponent: int) -> str:
    """Return ``units`` with all decimals of their unit: fewer would widen what a checker tolerates."""
    digits = f"{abs(units):0{exponent + 1}d}"
    sign = "-" if units < 0 else ""
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else f"{sign}{digits}"


def zero_text(*, exponent: int) -> str:
    """Return nothing of a unit, with all its decimals."""
    return amount_text(0, exponent=exponent)


def amount_of(row: Line | AccountBalance) -> str:
    """Return a line's or a balance's amount with its unit."""
    return f"{amount_text(row.amount_units, exponent=row.exponent)} {row.symbol}"


def plain(text: str) -> str:
    """Return ``text`` in ASCII, on one line, without a sign that means something in the formats.

    hledger refuses UTF-8 under a C locale, so accents are dropped and what has no plain letter becomes ``?``.
    """
    without_accents = (sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    printable = "".join(sign if sign.isprintable() else " " for sign in without_accents)
    return " ".join(printable.encode("ascii", "replace").decode().translate(_STANDS_FOR).split())


def narration(entry: JournalEntry) -> str:
    """Return what an entry is about: its source, and the reason where there is one."""
    about = f"{entry.source_type} {entry.source_ref}"
    return plain(f"{about}: {entry.reason}" if entry.reason else about)


def period(first_day: date, last_day: date) -> str:
    """Return a range of days as text."""
    return f"{first_day} to {last_day}"
