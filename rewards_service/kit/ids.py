"""Public references: opaque, time-ordered, not guessable.

Keys inside the database are bigints; outside nobody sees them. A public id is a prefix that says what it names, ten
symbols of milliseconds and sixteen random ones (80 bits), all in lower-case Crockford base 32: it sorts by time and
loads almost as fast as a bigint.
"""

import secrets
from datetime import datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
TIME_SYMBOLS = 10
RANDOM_BITS = 80
RANDOM_SYMBOLS = RANDOM_BITS // 5

_SYMBOLS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
"""Turns a random byte into a symbol; 256 is a multiple of 32, so none is likelier than another."""


def new_public_id(prefix: str, *, now: datetime) -> str:
    """Return a new id such as ``ord_01k9z7m3q80000000000000000``; two of one millisecond differ by 80 random bits."""
    milliseconds = int(now.timestamp() * 1000)
    return f"{prefix}_{_encode(milliseconds, TIME_SYMBOLS)}{_encode(secrets.randbits(RANDOM_BITS), RANDOM_SYMBOLS)}"


def new_public_ids(prefix: str, *, count: int, now: datetime) -> list[str]:
    """Return ``count`` new ids of one moment, as ``new_public_id`` makes them, from one block of randomness."""
    start = f"{prefix}_{_encode(int(now.timestamp() * 1000), TIME_SYMBOLS)}"
    tails = secrets.token_bytes(count * RANDOM_SYMBOLS).translate(_SYMBOLS).decode()
    return [start + tails[at : at + RANDOM_SYMBOLS] for at in range(0, len(tails), RANDOM_SYMBOLS)]


def _encode(number: int, symbols: int) -> str:
    """Return ``number`` in base 32, most significant symbol first, exactly ``symbols`` long."""
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(5 * (symbols - 1), -1, -5))
