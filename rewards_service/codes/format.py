"""What a code looks like: Crockford's base 32, a check symbol over GF(32), and what typing it forgives.

Source: https://www.crockford.com/base32.html for the alphabet; promises, section 4, for the check symbol.
"""

import unicodedata

from rewards_service.codes.errors import CodeMistyped
from rewards_service.programs.policy import (
    CODE_PREFIX_MAX,
    CODE_SYMBOLS_DEFAULT,
    CODE_SYMBOLS_MAX,
    CODE_SYMBOLS_MIN,
)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_SYMBOLS = CODE_SYMBOLS_DEFAULT
"""Fifteen random symbols are 75 bits; the last one checks them."""

BITS_PER_SYMBOL = 5
CODE_LENGTH_MIN, CODE_LENGTH_MAX = CODE_SYMBOLS_MIN, CODE_PREFIX_MAX + CODE_SYMBOLS_MAX
"""Of codes of every program, with their prefix, which the check symbol covers too."""

GROUP_SYMBOLS = 4
TEXT_LENGTH_MAX = 200
"""Longer input is refused unread; a code with generous spaces is far shorter."""

FIELD_SIZE = len(ALPHABET)
_REDUCTION = 0b100101
"""x⁵ + x² + 1, irreducible over GF(2): the field that symbols are numbers of."""

_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_DASHES_BESIDES_PD = {"\u2212", "\u00ad"}
_INVISIBLE = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"}


def doubled(value: int) -> int:
    """Return ``value · x`` in GF(32)."""
    return (value << 1) ^ (_REDUCTION if value & FIELD_SIZE // 2 else 0)


def check_symbol(data: str) -> str:
    """Return the symbol that completes ``data``, which is normal form already.

    It differs after any single substitution and any swap of neighbours.
    """
    state = 0
    for symbol in data:
        state = doubled(state ^ _VALUES[symbol])
    return ALPHABET[state]


def normal_form(text: str) -> str:
    """Return the code that somebody typed, as it is stored: upper case, without separators.

    Forgives case, spaces, every dash, full-width symbols, and O for 0, I and L for 1.

    Raises:
        CodeMistyped: another symbol, another length, or the check symbol does not fit: a slip, not a guess.
    """
    if len(text) > TEXT_LENGTH_MAX:
        raise CodeMistyped
    kept = "".join(symbol for symbol in unicodedata.normalize("NFKC", text) if not _is_separator(symbol))
    if not kept.isascii():
        raise CodeMistyped
    code = kept.upper().translate(_LOOK_ALIKES)
    if not CODE_LENGTH_MIN <= len(code) <= CODE_LENGTH_MAX or any(symbol not in _VALUES for symbol in code):
        raise CodeMistyped
    if check_symbol(code[:-1]) != code[-1]:
        raise CodeMistyped
    return code


def grouped(code: str) -> str:
    """Return a code as it is shown: ``7K3Q-H2M9-XW4T-RBN3``; what does not fill a group, as a prefix, stands first."""
    first = len(code) % GROUP_SYMBOLS
    groups = [code[start : start + GROUP_SYMBOLS] for start in range(first, len(code), GROUP_SYMBOLS)]
    return "-".join([code[:first], *groups] if first else groups)


def _is_separator(symbol: str) -> bool:
    """Tell whether a symbol only stands between those of a code: white space, a dash, or nothing that is seen."""
    is_dash = unicodedata.category(symbol) == "Pd" or symbol in _DASHES_BESIDES_PD
    return is_dash or symbol.isspace() or symbol in _INVISIBLE
