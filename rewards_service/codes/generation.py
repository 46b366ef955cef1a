"""Making codes, one or a million: randomness in blocks, check symbols for all codes at once.

The check symbol is linear over GF(2): the symbol of position ``i`` contributes ``value · x^(n-i)``, whatever the others
are. So the contributions of one position are looked up for all codes with one ``bytes.translate`` and added with one
exclusive or of long integers, instead of a loop over each code.
"""

import secrets
from collections.abc import Iterator
from functools import reduce

from rewards_service.codes.format import ALPHABET, CODE_SYMBOLS, FIELD_SIZE, check_symbol, doubled

GENERATE_MAX = 50_000
"""How many codes are made in one block of memory."""

BANNED_WORDS = (
    *("ANAL", "ARSCH", "ARSE", "ASS", "BASTARD", "BITCH", "COCK", "CRAP", "DAMN", "DICK", "DYKE", "FAG", "FETT"),
    *("FICK", "HEIL", "HITLER", "HODE", "HOMO", "IDIOT", "KILL", "KKK", "MERDE", "MIERDA", "MORON", "NAZI", "NEGER"),
    *("NIGG", "PENIS", "PISS", "POOP", "PORN", "RAPE", "SATAN", "SCHEISS", "SEX", "SHIT", "SLAVE", "SPERM", "TITS"),
    *("TWAT", "VAGINA", "WANK", "WEIB", "WHORE"),
)
"""Words that no code may spell; U is not in the alphabet, so those with a U cannot come up."""

_SYMBOLS = bytes(ord(ALPHABET[byte % FIELD_SIZE]) for byte in range(256))
"""Turns a random byte into a symbol; 256 is a multiple of 32, so none is likelier than another."""

_READABLE_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BANNED = tuple(word.translate(_READABLE_AS) for word in BANNED_WORDS)


def generate_codes(count: int, *, symbols: int = CODE_SYMBOLS, prefix: str = "") -> list[str]:
    """Return ``count`` fresh codes in normal form, none of which spells a banned word.

    Each is the prefix, which is decent itself, and then ``symbols`` symbols, of which the last checks all before it.
    """
    assert 0 < count <= GENERATE_MAX, "a block fits in memory"
    codes: list[str] = []
    while len(codes) < count:
        codes += _decent(_block(count - len(codes), symbols, prefix))
    return codes


def spells_banned_word(text: str) -> bool:
    """Tell whether a banned word stands in ``text``, which is in normal form."""
    return any(word in text for word in _BANNED)


def _decent(codes: list[str]) -> list[str]:
    """Return those of ``codes``, all of one length, that spell no banned word."""
    lines = "\n".join(codes)
    banned = {at // (len(codes[0]) + 1) for word in _BANNED for at in _places(word, lines)}
    return [code for row, code in enumerate(codes) if row not in banned]


def _places(word: str, lines: str) -> Iterator[int]:
    """Yield where ``word`` stands; a plain search for each word is five times as fast as one pattern for all."""
    at = lines.find(word)
    while at >= 0:
        yield at
        at = lines.find(word, at + 1)


def _block(count: int, symbols: int, prefix: str) -> list[str]:
    """Return ``count`` random codes with their prefix and their check symbols."""
    length = symbols - 1
    values = bytes(byte % FIELD_SIZE for byte in range(256))
    random_values = secrets.token_bytes(count * length).translate(values)
    checks = _check_values(random_values, count=count, length=length, prefix=prefix).translate(_SYMBOLS).decode()
    data = random_values.translate(_SYMBOLS).decode()
    return [prefix + data[length * row : length * (row + 1)] + checks[row] for row in range(count)]


def _check_values(random_values: bytes, *, count: int, length: int, prefix: str) -> bytes:
    """Return the value of the check symbol of each code; ``random_values`` holds the codes' data one after another."""
    begun = reduce(lambda value, _: doubled(value), range(length), ALPHABET.index(check_symbol(prefix)))
    total = int.from_bytes(bytes([begun]) * count, "big")
    contribution = bytes(range(FIELD_SIZE))
    for position in reversed(range(length)):
        contribution = bytes(map(doubled, contribution))
        column = random_values[position::length].translate(contribution.ljust(256, b"\0"))
        total ^= int.from_bytes(column, "big")
    return total.to_bytes(count, "big")
