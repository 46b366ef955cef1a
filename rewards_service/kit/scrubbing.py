"""Takes codes, tokens, addresses and phone numbers out of text before it is written to a log.

Errs on the side of hiding: a word of sixteen letters is masked too. What it must keep readable (ids, times, amounts)
has shapes that none of the patterns fits.
"""

import re
from collections.abc import Mapping

from rewards_service.kit.crypto.secret_text import MASK

SECRET_KEYS = frozenset(
    {"api_key", "authorization", "cookie", "password", "pin", "secret", "set-cookie", "token", "x-api-key"}
)
"""Names whose values are hidden whole, whatever they look like."""

DEPTH_MAX = 8
"""Deeper nesting than this is printed as text."""

HIDDEN = "[hidden]"

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_API_KEY = re.compile(r"\brw_(live|test)_[\w-]+")
_TOKEN = re.compile(r"(?<![\w-])[\w-]{40,}(?:\.[\w-]+)*")
_DASH_OR_SPACE = r"[\s\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d-]"
_CODE = re.compile(
    rf"(?<![^\W_])[^\W_]{{4}}(?:{_DASH_OR_SPACE}[^\W_]{{4}}){{2,5}}(?![^\W_])"
    rf"|(?<![^\W_])[^\W_]{{4}}(?:{_DASH_OR_SPACE}?[^\W_]{{4}}){{3}}(?![^\W_])"
)
_PHONE = re.compile(r"(?<![\w.+])(?:\+|00?)[1-9](?:[\s()/.-]{0,2}\d){6,13}(?![\w])")


def scrub_text(text: str) -> str:
    """Return ``text`` with every code, token, email address and phone number hidden."""
    text = _API_KEY.sub(r"rw_\1_[key]", _EMAIL.sub("[email]", text))
    text = _CODE.sub(_masked_code, _TOKEN.sub(_masked_token, text))
    return _PHONE.sub("[phone]", text)


def scrub_value(value: object, *, depth: int = 0) -> object:
    """Return ``value`` fit for a log: numbers as they are, text scrubbed, anything else scrubbed part by part."""
    match value:
        case None | bool() | int() | float():
            return value
        case Mapping() if depth < DEPTH_MAX:
            return {scrub_text(str(key)): _scrub_item(str(key), item, depth) for key, item in value.items()}
        case list() | tuple() | set() | frozenset() if depth < DEPTH_MAX:
            return [scrub_value(item, depth=depth + 1) for item in value]
    return scrub_text(value if isinstance(value, str) else repr(value))


def _scrub_item(key: str, item: object, depth: int) -> object:
    """Return the value of a named field, hidden whole where the name says that it is a secret."""
    return HIDDEN if key.lower() in SECRET_KEYS else scrub_value(item, depth=depth + 1)


def _masked_token(match: re.Match[str]) -> str:
    """Return what stands for a token; a long name in small letters, as programs have them, stays."""
    found = match[0]
    return found if found.islower() and not any(symbol.isdigit() for symbol in found) else "[token]"


def _masked_code(match: re.Match[str]) -> str:
    """Return a code's mask; four-letter words in a row, which have no digit and are no capitals, stay."""
    found = match[0]
    is_prose = found.islower() and any(symbol.isspace() for symbol in found) and found.replace(" ", "").isalpha()
    return found if is_prose else MASK + found[-4:]
