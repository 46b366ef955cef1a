"""Amounts that people type: with a comma or a point, with or without groups, never guessed at."""

import re
from decimal import Decimal

from rewards_service.kit.errors import FieldProblem, ValidationFailed
from rewards_service.kit.money import to_minor
from rewards_service.web.forms import FormIncomplete
from rewards_service.web.i18n import _

_SPACES_AND_SIGNS = re.compile(r"[\s\u00a0\u202f'’€$£¥]|[A-Z]{3}|RM")
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(\1\d{3})*")
_PLAIN = re.compile(r"\d{1,15}([.,]\d{1,3})?")
_BOTH = re.compile(r"([1-9]\d{0,2}([.,])\d{3}(?:\2\d{3})*)(?!\2)[.,](\d{1,3})")


def read_amount(text: str, currency: str, *, field: str) -> int:
    """Return what somebody typed in smallest units of ``currency``: ``1.234,50``, ``1,234.50`` and ``1234.5`` are one.

    One separator with exactly three digits behind it is a group, as in ``1.000``.

    Raises:
        FormIncomplete: it is no amount, or has more decimals than the currency.
    """
    try:
        return to_minor(_decimal(_SPACES_AND_SIGNS.sub("", text)), currency)
    except (ValidationFailed, ValueError) as error:
        sentence = str(_("This is not an amount in %(currency)s.", currency=currency))
        raise FormIncomplete(problems=(FieldProblem(f"/{field}", "not_an_amount", sentence),)) from error


def _decimal(plain: str) -> Decimal:
    """Return the number that ``plain`` writes. Raises ``ValueError``."""
    both = _BOTH.fullmatch(plain)
    if both is not None:
        return Decimal(f"{_digits(both[1])}.{both[3]}")
    if _GROUPED.fullmatch(plain):
        return Decimal(_digits(plain))
    if _PLAIN.fullmatch(plain):
        return Decimal(plain.replace(",", "."))
    raise ValueError(plain)


def _digits(text: str) -> str:
    """Return ``text`` without its separators."""
    return text.replace(".", "").replace(",", "")
