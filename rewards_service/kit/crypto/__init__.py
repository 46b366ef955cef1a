"""Secrets at rest: AES-256-GCM envelopes, data keys per organization, keyed look-up values, keys outside the database.

Invariants: a ciphertext opens only for the row, purpose and organization it was sealed for; the database alone opens
nothing and computes no look-up value; a secret prints as its last four symbols.
"""

from rewards_service.kit.crypto.envelope import SealBroken
from rewards_service.kit.crypto.keys import (
    KeyKind,
    KeyRing,
    KeysUnusable,
    VersionedKeys,
    new_key_ring,
    read_keys,
    with_new_key,
    write_key_file,
)
from rewards_service.kit.crypto.lookup import PreparedHmac
from rewards_service.kit.crypto.models import DataKey
from rewards_service.kit.crypto.secret_text import SecretText
from rewards_service.kit.crypto.vault import Opener, Sealer, Vault

__all__ = [
    "DataKey",
    "KeyKind",
    "KeyRing",
    "KeysUnusable",
    "Opener",
    "PreparedHmac",
    "SealBroken",
    "Sealer",
    "SecretText",
    "Vault",
    "VersionedKeys",
    "new_key_ring",
    "read_keys",
    "with_new_key",
    "write_key_file",
]
