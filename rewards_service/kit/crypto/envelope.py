"""The envelope around every secret at rest: AES-256-GCM with a header ``v1|kid|nonce|ct`` (NIST SP 800-38D).

The header names the key, so that keys can be rotated; the additional data names the row, so that a ciphertext moved
to another row, organization or purpose no longer opens.
"""

import secrets
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = 1
NONCE_BYTES = 12
KEY_BYTES = 32
TAG_BYTES = 16

_HEADER = struct.Struct(">BI")
_ENVELOPE_BYTES_MIN = _HEADER.size + NONCE_BYTES + TAG_BYTES


class SealBroken(Exception):
    """The ciphertext was changed or cut, belongs to another row, or its key is gone: never a caller's error."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A ciphertext taken apart: ``key_id`` says which key opens it; ``sealed`` ends with the 16-byte tag."""

    key_id: int
    nonce: bytes
    sealed: bytes


def seal(key: AESGCM, *, key_id: int, plaintext: bytes, bound_to: bytes) -> bytes:
    """Return the envelope of ``plaintext``, 33 bytes longer; it opens only with the same ``bound_to``."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return _HEADER.pack(FORMAT, key_id) + nonce + key.encrypt(nonce, plaintext, bound_to)


def take_apart(envelope: bytes) -> Envelope:
    """Return the parts of ``envelope``, unopened.

    Raises:
        SealBroken: it is too short or of an unknown format.
    """
    if len(envelope) < _ENVELOPE_BYTES_MIN:
        raise SealBroken("the envelope is cut short")
    envelope_format, key_id = _HEADER.unpack_from(envelope)
    if envelope_format != FORMAT:
        raise SealBroken(f"envelopes of format {envelope_format} are not known")
    body = envelope[_HEADER.size :]
    return Envelope(key_id=key_id, nonce=body[:NONCE_BYTES], sealed=body[NONCE_BYTES:])


def unseal(key: AESGCM, *, envelope: Envelope, bound_to: bytes) -> bytes:
    """Return the plaintext of ``envelope``.

    Raises:
        SealBroken: the key, the row it is bound to, or the bytes are not those it was sealed with.
    """
    try:
        return key.decrypt(envelope.nonce, envelope.sealed, bound_to)
    except InvalidTag as error:
        raise SealBroken("the seal does not fit its row or was changed") from error
