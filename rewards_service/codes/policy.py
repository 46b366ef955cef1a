"""Pure rules of codes: their states, what they are worth, and how many may be combined."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rewards_service.kit.clock import has_expired

CODES_PER_MERGE_MAX = 15
SPLIT_PARTS_MIN, SPLIT_PARTS_MAX = 2, 15
BATCH_CODES_MAX = 1_000_000
CHUNK_CODES_MAX = 10_000
"""Codes of a batch that one transaction, and so one entry of the books, issues at most."""

ROWS_PER_CODE = 4
"""A code is a row of its own, an account, a lot and a posting."""

SERIAL_DIGITS_MIN = 4


class CodeState(StrEnum):
    """Where a code stands. Exhausted and expired are not stored: they follow from its value and the moment."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    CLAIMED = "claimed"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    REPLACED = "replaced"


class Replacement(StrEnum):
    """How a code came to be replaced."""

    MERGED = "merged"
    SPLIT = "split"
    REISSUED = "reissued"


ALLOWED_MOVES: dict[CodeState, frozenset[CodeState]] = {
    CodeState.ACTIVE: frozenset({CodeState.BLOCKED, CodeState.CLAIMED, CodeState.REPLACED}),
    CodeState.BLOCKED: frozenset({CodeState.ACTIVE, CodeState.REPLACED}),
    CodeState.CLAIMED: frozenset(),
    CodeState.REPLACED: frozenset(),
}
"""The stored states. A blocked code may be reissued, and nothing else."""


@dataclass(frozen=True, slots=True)
class CodeValue:
    """What the account behind a code holds.

    Attributes:
        usable_units: may be spent now.
        held_units: set aside for orders that are not settled.
        stale_units: ended, and not yet taken out by the expiry job.
        expires_at: when the first of the usable units end; ``None``: never, or there are none.
    """

    usable_units: int = 0
    held_units: int = 0
    stale_units: int = 0
    expires_at: datetime | None = None


NOTHING = CodeValue()


@dataclass(frozen=True, slots=True)
class Asker:
    """What somebody who enters a code has shown before: codes that were right, accounts of wallets that are his."""

    code_ids: Collection[int] = ()
    account_ids: Collection[int] = ()


STRANGER = Asker()


def state_of(*, stored: CodeState, value: CodeValue, expires_at: datetime | None, now: datetime) -> CodeState:
    """Return the state that a code shows at ``now``.

    Its lots decide, because value that is refunded after the expiry lives on for the program's grace.
    """
    if stored != CodeState.ACTIVE or value.usable_units or value.held_units:
        return stored
    has_ended = value.stale_units > 0 or has_expired(expires_at=expires_at, now=now)
    return CodeState.EXPIRED if has_ended else CodeState.EXHAUSTED


def serial_reference(prefix: str, *, serial: int, count: int) -> str:
    """Return what a code of a batch is called in the books: ``B1-0001``, all of a batch equally long."""
    digits = max(SERIAL_DIGITS_MIN, len(str(count)))
    return f"{prefix}-{serial:0{digits}}"
