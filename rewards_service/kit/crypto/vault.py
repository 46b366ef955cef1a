"""The vault: seals and opens secrets per organization, and makes the values they are looked up by."""

import functools
import secrets
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from rewards_service.kit.crypto import envelope
from rewards_service.kit.crypto.envelope import Envelope, SealBroken
from rewards_service.kit.crypto.keys import KeyRing
from rewards_service.kit.crypto.lookup import PreparedHmac
from rewards_service.kit.crypto.models import DataKey

BOUND_SEPARATOR = "|"


class Sealer:
    """Seals many secrets of one organization and purpose without asking the database again."""

    def __init__(self, *, key: AESGCM, key_id: int, organization_id: int, purpose: str) -> None:
        self._key = key
        self._key_id = key_id
        self._organization_id = organization_id
        self._purpose = purpose

    def seal(self, reference: str, plaintext: str) -> bytes:
        """Return ``plaintext`` sealed for the row that ``reference`` names."""
        return envelope.seal(
            self._key,
            key_id=self._key_id,
            plaintext=plaintext.encode(),
            bound_to=_bound_to(self._purpose, reference, self._organization_id),
        )


class Opener:
    """Opens many secrets of one organization and purpose, and asks the database once for each data key."""

    def __init__(self, *, key_of: Callable[[int], AESGCM], organization_id: int, purpose: str) -> None:
        self._key_of = functools.cache(key_of)
        self._organization_id = organization_id
        self._purpose = purpose

    def open(self, reference: str, ciphertext: bytes) -> str:
        """Return what was sealed for the row that ``reference`` names.

        Raises:
            SealBroken: as ``Vault.open``.
        """
        parts = envelope.take_apart(ciphertext)
        bound_to = _bound_to(self._purpose, reference, self._organization_id)
        return envelope.unseal(self._key_of(parts.key_id), envelope=parts, bound_to=bound_to).decode()


class Vault:
    """What a secret goes into and comes out of.

    A *purpose* is a word for the table and column (``"code"``, ``"voucher.pin"``), a *reference* names the row for
    ever: a ciphertext opens only for the purpose, reference and organization it was sealed for. Data keys are kept
    unwrapped in memory, found by their wrapped form, so a rolled-back transaction leaves no wrong one behind.
    """

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._unwrapped: dict[tuple[int, bytes], AESGCM] = {}
        self._prepared: dict[tuple[int, str], PreparedHmac] = {}

    def seal(self, session: Session, *, organization_id: int, purpose: str, reference: str, plaintext: str) -> bytes:
        """Return ``plaintext`` sealed; makes the organization's data key when it has none."""
        return self.sealer(session, organization_id=organization_id, purpose=purpose).seal(reference, plaintext)

    def open(self, session: Session, *, organization_id: int, purpose: str, reference: str, ciphertext: bytes) -> str:
        """Return what was sealed.

        Raises:
            SealBroken: it was sealed for another purpose, reference or organization, was changed, or its key is gone.
        """
        return self.opener(session, organization_id=organization_id, purpose=purpose).open(reference, ciphertext)

    def opener(self, session: Session, *, organization_id: int, purpose: str) -> Opener:
        """Return an opener for many secrets; valid as long as ``session``."""
        return Opener(
            key_of=lambda key_id: self._data_key(session, organization_id=organization_id, key_id=key_id),
            organization_id=organization_id,
            purpose=purpose,
        )

    def sealer(self, session: Session, *, organization_id: int, purpose: str) -> Sealer:
        """Return a sealer for many secrets; valid within the transaction of ``session``."""
        row = session.execute(
            select(DataKey.id, DataKey.wrapped)
            .where(DataKey.organization_id == organization_id)
            .order_by(DataKey.id.desc())
            .limit(1)
        ).one_or_none()
        key_id, wrapped = row or self._new_data_key(session, organization_id)
        key = self._unwrap(organization_id, wrapped)
        return Sealer(key=key, key_id=key_id, organization_id=organization_id, purpose=purpose)

    def lookup(self, purpose: str, text: str) -> bytes:
        """Return the 32-byte value that ``text`` is found by, made with the current key."""
        return self._hmac(self.lookup_version, purpose).digest(text.encode())

    def lookups(self, purpose: str, text: str) -> list[tuple[int, bytes]]:
        """Return the values by every key version still kept, the current one first: one index probe each."""
        message = text.encode()
        return [
            (version, self._hmac(version, purpose).digest(message)) for version, _ in self._keys.lookup.newest_first
        ]

    @property
    def lookup_version(self) -> int:
        """Return the version of the key that ``lookup`` uses, to be stored beside the value."""
        return self._keys.lookup.current

    def lookup_hmac(self, purpose: str) -> PreparedHmac:
        """Return what ``lookup`` uses, prepared, for bulk work: ``.digest(text.encode())``."""
        return self._hmac(self.lookup_version, purpose)

    def _hmac(self, version: int, purpose: str) -> PreparedHmac:
        """Return the prepared state of one key version and purpose."""
        prepared = self._prepared.get((version, purpose))
        if prepared is None:
            prefix = purpose.encode() + BOUND_SEPARATOR.encode()
            prepared = PreparedHmac(self._keys.lookup.by_version[version], prefix=prefix)
            self._prepared[version, purpose] = prepared
        return prepared

    def _data_key(self, session: Session, *, organization_id: int, key_id: int) -> AESGCM:
        """Return the organization's data key that an envelope names."""
        wrapped = session.execute(
            select(DataKey.wrapped).where(DataKey.id == key_id, DataKey.organization_id == organization_id)
        ).scalar_one_or_none()
        if wrapped is None:
            raise SealBroken(f"organization {organization_id} has no data key {key_id}")
        return self._unwrap(organization_id, wrapped)

    def _new_data_key(self, session: Session, organization_id: int) -> tuple[int, bytes]:
        """Store a fresh data key; two made at the same moment are both good."""
        version = self._keys.kek.current
        wrapped = envelope.seal(
            AESGCM(self._keys.kek.by_version[version]),
            key_id=version,
            plaintext=secrets.token_bytes(envelope.KEY_BYTES),
            bound_to=_key_bound_to(organization_id),
        )
        key_id = session.execute(
            insert(DataKey)
            .values(organization_id=organization_id, kek_version=version, wrapped=wrapped)
            .returning(DataKey.id)
        ).scalar_one()
        return key_id, wrapped

    def _unwrap(self, organization_id: int, wrapped: bytes) -> AESGCM:
        """Return the data key inside ``wrapped``."""
        known = self._unwrapped.get((organization_id, wrapped))
        if known is None:
            known = _unwrapped(self._keys.kek.by_version, organization_id, envelope.take_apart(wrapped))
            self._unwrapped[organization_id, wrapped] = known
        return known


def _unwrapped(keks: Mapping[int, bytes], organization_id: int, wrapped: Envelope) -> AESGCM:
    """Open a wrapped data key with the key-encryption key that its header names."""
    kek = keks.get(wrapped.key_id)
    if kek is None:
        raise SealBroken(f"key-encryption key {wrapped.key_id} is not in the key file")
    return AESGCM(envelope.unseal(AESGCM(kek), envelope=wrapped, bound_to=_key_bound_to(organization_id)))


def _key_bound_to(organization_id: int) -> bytes:
    """Return the additional data of an organization's wrapped data keys."""
    return _bound_to("data_key", "", organization_id)


def _bound_to(purpose: str, reference: str, organization_id: int) -> bytes:
    """Return the additional data of one row's secret: unambiguous, because the parts hold no separator."""
    assert BOUND_SEPARATOR not in purpose + reference, "the parts of a binding hold no separator"
    return BOUND_SEPARATOR.join((purpose, reference, str(organization_id))).encode()
