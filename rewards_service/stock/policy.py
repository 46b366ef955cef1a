"""Pure rules of stock: the states of a voucher, when it may be handed out, and the limits."""

from datetime import date
from enum import StrEnum

NEVER = date(9999, 12, 31)
"""The last day of a voucher that does not expire: a real day, so that an index puts both sorts in one order."""

STOCKED_KINDS = frozenset({"gift_card"})
"""Kinds of items that are handed out from a stock of vouchers."""

IMPORT_ROWS_MAX = 50_000
"""Vouchers of one file: one transaction, which on SQLite keeps other writers waiting for about two seconds."""

LOW_STOCK_DEFAULT = 10
LOW_STOCK_MAX = 1_000_000

CONTENDED_MAX = 64
"""How many vouchers may be on their way out in transactions of others: near the threshold they are waited for."""

NUMBER_LENGTH_MAX = 128
PIN_LENGTH_MAX = 64

SEALED_NUMBER = "voucher.number"
SEALED_PIN = "voucher.pin"
LOOKUP_NUMBER = "voucher.number"
LOOKUP_CONTENT = "voucher.content"


class VoucherState(StrEnum):
    """Where a voucher stands."""

    AVAILABLE = "available"
    ISSUED = "issued"
    VOID = "void"


ALLOWED_MOVES: dict[VoucherState, frozenset[VoucherState]] = {
    VoucherState.AVAILABLE: frozenset({VoucherState.ISSUED}),
    VoucherState.ISSUED: frozenset({VoucherState.VOID}),
    VoucherState.VOID: frozenset(),
}
"""None leads back: a number that somebody may have seen is never handed to somebody else."""


def last_day(expires_on: date) -> date | None:
    """Return the last day on which a voucher may be used, nothing where it does not expire."""
    return None if expires_on == NEVER else expires_on


def is_low(*, available: int, threshold: int) -> bool:
    """Tell whether so few vouchers are left that somebody should buy more; a threshold of zero never asks."""
    return 0 < threshold >= available


def content_of(*, number: str, pin: str | None, face_value_minor: int, expires_on: date) -> str:
    """Return what makes two rows of a file the same voucher, to be hashed with a key."""
    return "\n".join((number, pin or "", str(face_value_minor), expires_on.isoformat()))
