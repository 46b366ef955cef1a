"""Secrets that open doors: how they are made, how they are kept (never as they are), how they are compared.

A token has 256 random bits, so its plain SHA-256 is enough to recognise it and useless to whoever reads the table.
The link and the code of a sign-in message are derived from the row's public id with a key outside the database: the
message can be written again with the same secrets, and the row holds none.
"""

import base64
import hashlib
import hmac
import secrets
import zlib
from dataclasses import dataclass
from typing import Protocol

from rewards_service.identity.policy import LOGIN_CODE_SYMBOLS

TOKEN_BYTES = 32
KEY_PREFIX = "rw_live_"
CHECKSUM_LENGTH = 6
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})


class KeyedLookup(Protocol):
    """The part of the vault that derives bytes from text with a key kept outside the database."""

    def lookup(self, purpose: str, text: str) -> bytes:
        """Return the HMAC-SHA256 of ``text`` under the current key."""
        ...

    def lookups(self, purpose: str, text: str) -> list[tuple[int, bytes]]:
        """Return the HMAC-SHA256 of ``text`` under every key still in use, with its version."""
        ...


@dataclass(frozen=True, slots=True)
class LoginSecrets:
    """What one sign-in message holds: the last part of its link, and the code to type."""

    link_token: str
    code: str

    def __repr__(self) -> str:
        """Say that there is a secret, not which."""
        return "LoginSecrets(***)"


def new_token() -> str:
    """Return 256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> bytes:
    """Return the 32 bytes by which a token is recognised."""
    return hashlib.sha256(token.encode()).digest()


def same(left: str, right: str) -> bool:
    """Compare two secrets in a time that does not tell where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())


def new_api_key() -> str:
    """Return ``rw_live_`` with 256 random bits and a checksum, so that a key cut short is noticed without a query."""
    body = new_token()
    return f"{KEY_PREFIX}{body}{_checksum(body)}"


def is_api_key(text: str) -> bool:
    """Tell whether ``text`` has the shape and the checksum of a key; nothing is said about whose."""
    body = text.removeprefix(KEY_PREFIX)
    return text.startswith(KEY_PREFIX) and same(body[-CHECKSUM_LENGTH:], _checksum(body[:-CHECKSUM_LENGTH]))


def login_secrets(vault: KeyedLookup, login_public_id: str) -> LoginSecrets:
    """Return the link token and the code of one sign-in message, the same at every call under one key."""
    return _derive(vault.lookup("login", login_public_id), login_public_id)


def login_secrets_in_use(vault: KeyedLookup, login_public_id: str) -> list[LoginSecrets]:
    """Return what the message may have held, under each key that is still in use."""
    return [_derive(derived, login_public_id) for _, derived in vault.lookups("login", login_public_id)]


def login_of_link(link_token: str) -> str:
    """Return the public id of the sign-in request a link speaks of; whether it is genuine is for the caller to ask."""
    return link_token.partition(".")[0]


def normalise_login_code(text: str) -> str:
    """Return a typed code in the alphabet of the codes: capitals, no spaces or dashes, O as 0, I and L as 1."""
    return text.upper().translate(_FORGIVEN)


def _derive(derived: bytes, login_public_id: str) -> LoginSecrets:
    """Split 32 derived bytes: 5 for the code, 27 (216 bits) for the link."""
    number = int.from_bytes(derived[:5], "big")
    code = "".join(ALPHABET[(number >> 5 * place) & 31] for place in range(LOGIN_CODE_SYMBOLS))
    proof = base64.urlsafe_b64encode(derived[5:]).decode().rstrip("=")
    return LoginSecrets(link_token=f"{login_public_id}.{proof}", code=code)


def _checksum(body: str) -> str:
    """Return the CRC-32 of ``body`` as six characters."""
    return base64.urlsafe_b64encode(zlib.crc32(body.encode()).to_bytes(4, "big")).decode().rstrip("=")
