"""Idempotency keys: what a caller may send, and the one-time key of a form."""

import re
import secrets

from rewards_service.kit.idempotency.errors import IdempotencyKeyMissing, IdempotencyKeyUnusable

KEY_LENGTH_MAX = 255
KEY_BYTES = 16

_USABLE = re.compile(rf"[\x21-\x7e]{{1,{KEY_LENGTH_MAX}}}")


def read_key(text: str | None) -> str:
    """Return the key that a header or a form field holds.

    Raises:
        IdempotencyKeyMissing: there is none.
        IdempotencyKeyUnusable: it is too long or holds spaces, control or other than ASCII characters.
    """
    if not text:
        raise IdempotencyKeyMissing
    if not _USABLE.fullmatch(text):
        raise IdempotencyKeyUnusable
    return text


def new_key() -> str:
    """Return a fresh key for the hidden field of a form: sent twice, it is one request."""
    return secrets.token_urlsafe(KEY_BYTES)
