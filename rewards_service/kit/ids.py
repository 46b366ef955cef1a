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


def new_public_id(prefix: str, *, now: datetime) -> str:
    """Return a new id such as ``ord_01k9z7m3q80000000000000000``; two of one millisecond differ by 80 random bits."""
    milliseconds = int(now.timestamp() * 1000)
    return f"{prefix}_{_encode(milliseconds, TIME_SYMBOLS)}{_encode(secrets.randbits(RANDOM_BITS), RANDOM_SYMBOLS)}"


def _encode(number: int, symbols: int) -> str:
    """Return ``number`` in base 32, most significant symbol first, exactly ``symbols`` long."""
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(5 * (symbols - 1), -1, -5))
