"""Envelopes, look-up values, masked text and the vault on a real database."""

import hashlib
import hmac
import json
import pickle
import random

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from rewards_service.kit.crypto import DataKey, PreparedHmac, SealBroken, SecretText, Vault, new_key_ring, with_new_key
from rewards_service.kit.crypto.envelope import seal, take_apart, unseal
from rewards_service.kit.crypto.keys import KeyRing, VersionedKeys
from rewards_service.kit.database import unit_of_work

KEY = AESGCM(bytes(range(32)))


class TestUnseal:
    def test_gives_back_what_was_sealed(self):
        envelope = seal(KEY, key_id=7, plaintext=b"7K3QH2M9", bound_to=b"row")
        assert take_apart(envelope).key_id == 7
        assert unseal(KEY, envelope=take_apart(envelope), bound_to=b"row") == b"7K3QH2M9"

    def test_refuses_another_row(self):
        envelope = take_apart(seal(KEY, key_id=1, plaintext=b"secret", bound_to=b"row 1"))
        with pytest.raises(SealBroken):
            unseal(KEY, envelope=envelope, bound_to=b"row 2")

    def test_refuses_any_changed_byte_after_the_header(self):
        envelope = seal(KEY, key_id=1, plaintext=b"secret", bound_to=b"row")
        for position in range(5, len(envelope)):
            changed = bytearray(envelope)
            changed[position] ^= 1
            with pytest.raises(SealBroken):
                unseal(KEY, envelope=take_apart(bytes(changed)), bound_to=b"row")

    def test_never_seals_the_same_text_to_the_same_bytes(self):
        assert seal(KEY, key_id=1, plaintext=b"x", bound_to=b"") != seal(KEY, key_id=1, plaintext=b"x", bound_to=b"")


class TestTakeApart:
    def test_refuses_what_is_cut_short(self):
        envelope = seal(KEY, key_id=1, plaintext=b"", bound_to=b"")
        with pytest.raises(SealBroken, match="short"):
            take_apart(envelope[:-1])

    def test_refuses_a_format_it_does_not_know(self):
        envelope = seal(KEY, key_id=1, plaintext=b"", bound_to=b"")
        with pytest.raises(SealBroken, match="format 9"):
            take_apart(b"\x09" + envelope[1:])


class TestPreparedHmac:
    def test_agrees_with_rfc_4231(self):
        digest = PreparedHmac(b"\x0b" * 20).digest(b"Hi There")
        assert digest.hex() == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"

    def test_agrees_with_the_standard_library_for_any_input(self, chance: random.Random):
        for _ in range(200):
            key, prefix, message = (chance.randbytes(chance.randrange(1, 65)) for _ in range(3))
            assert PreparedHmac(key, prefix=prefix).digest(message) == hmac.digest(key, prefix + message, "sha256")


class TestSecretText:
    def test_prints_its_last_four_symbols_only(self):
        secret = SecretText("7K3QH2M9XW4TRBN3")
        assert f"{secret} {secret!r} %s" % secret == "****RBN3 SecretText('****RBN3') ****RBN3"

    def test_prints_nothing_of_a_short_secret(self):
        assert str(SecretText("12345678")) == "****"

    def test_reveals_only_when_asked(self):
        assert SecretText("7K3QH2M9XW4TRBN3").reveal() == "7K3QH2M9XW4TRBN3"

    def test_is_equal_to_the_same_secret_alone(self):
        assert SecretText("a") == SecretText("a")
        assert SecretText("a") != SecretText("b")
        assert SecretText("a") != "a"
        assert len({SecretText("a"), SecretText("a")}) == 1

    def test_does_not_leave_the_process_by_itself(self):
        with pytest.raises(TypeError):
            pickle.dumps(SecretText("a"))
        with pytest.raises(TypeError):
            json.dumps(SecretText("a"))


@pytest.fixture
def ring() -> KeyRing:
    return new_key_ring()


@pytest.fixture
def vault(ring: KeyRing) -> Vault:
    return Vault(ring)


ROW = {"organization_id": 1, "purpose": "code", "reference": "cod_1"}


class TestOpen:
    def test_gives_back_what_was_sealed(self, session: Session, vault: Vault):
        sealed = vault.seal(session, **ROW, plaintext="7K3Q-ÄÖ")
        assert vault.open(session, **ROW, ciphertext=sealed) == "7K3Q-ÄÖ"

    @pytest.mark.parametrize("change", [{"purpose": "voucher"}, {"reference": "cod_2"}])
    def test_refuses_another_purpose_or_row(self, session: Session, vault: Vault, change: dict[str, str]):
        sealed = vault.seal(session, **ROW, plaintext="secret")
        with pytest.raises(SealBroken):
            vault.open(session, **{**ROW, **change}, ciphertext=sealed)

    def test_refuses_another_organization(self, session: Session, vault: Vault):
        sealed = vault.seal(session, **ROW, plaintext="secret")
        with pytest.raises(SealBroken, match="organization 2 has no data key"):
            vault.open(session, **{**ROW, "organization_id": 2}, ciphertext=sealed)

    def test_refuses_a_data_key_moved_to_another_organization(self, session: Session, vault: Vault, ring: KeyRing):
        sealed = vault.seal(session, **ROW, plaintext="secret")
        session.execute(update(DataKey).values(organization_id=2))
        with pytest.raises(SealBroken):
            Vault(ring).open(session, **{**ROW, "organization_id": 2}, ciphertext=sealed)

    def test_works_in_a_fresh_process_with_the_same_keys(self, session: Session, vault: Vault, ring: KeyRing):
        sealed = vault.seal(session, **ROW, plaintext="secret")
        assert Vault(ring).open(session, **ROW, ciphertext=sealed) == "secret"

    def test_works_after_the_key_encryption_key_was_rotated(self, session: Session, vault: Vault, ring: KeyRing):
        sealed = vault.seal(session, **ROW, plaintext="secret")
        assert Vault(with_new_key(ring, "kek")).open(session, **ROW, ciphertext=sealed) == "secret"

    def test_refuses_without_the_key_encryption_key(self, session: Session, vault: Vault):
        sealed = vault.seal(session, **ROW, plaintext="secret")
        stranger = new_key_ring()
        with pytest.raises(SealBroken):
            Vault(stranger).open(session, **ROW, ciphertext=sealed)
        retired = KeyRing(VersionedKeys({2: bytes(32)}), stranger.lookup, stranger.signing, stranger.audit)
        with pytest.raises(SealBroken, match="not in the key file"):
            Vault(retired).open(session, **ROW, ciphertext=sealed)


class TestSealer:
    def test_makes_one_data_key_for_an_organization(self, session: Session, vault: Vault):
        for organization_id in (1, 1, 2):
            vault.sealer(session, organization_id=organization_id, purpose="code")
        assert session.scalar(select(func.count()).select_from(DataKey)) == 2

    def test_seals_for_many_rows(self, session: Session, vault: Vault):
        sealer = vault.sealer(session, organization_id=1, purpose="code")
        sealed = {f"cod_{number}": sealer.seal(f"cod_{number}", f"text {number}") for number in range(20)}
        for reference, ciphertext in sealed.items():
            opened = vault.open(session, organization_id=1, purpose="code", reference=reference, ciphertext=ciphertext)
            assert opened == reference.replace("cod_", "text ")

    def test_remembers_no_key_of_a_transaction_that_was_undone(self, app: Flask, vault: Vault):
        with unit_of_work() as undone:
            vault.seal(undone, **ROW, plaintext="lost")
            undone.rollback()
        with unit_of_work() as session:
            sealed = vault.seal(session, **ROW, plaintext="kept")
        with unit_of_work() as session:
            assert vault.open(session, **ROW, ciphertext=sealed) == "kept"


class TestLookup:
    def test_is_a_keyed_hash_of_purpose_and_text(self, vault: Vault, ring: KeyRing):
        assert vault.lookup("code", "7K3Q") == hmac.digest(ring.lookup.by_version[1], b"code|7K3Q", "sha256")

    def test_differs_by_purpose(self, vault: Vault):
        assert vault.lookup("code", "7K3Q") != vault.lookup("serial", "7K3Q")

    def test_cannot_be_computed_without_the_key(self, vault: Vault):
        assert vault.lookup("code", "7K3Q") != hashlib.sha256(b"code|7K3Q").digest()
        assert vault.lookup("code", "7K3Q") != Vault(new_key_ring()).lookup("code", "7K3Q")

    def test_finds_values_of_older_keys_after_a_rotation(self, vault: Vault, ring: KeyRing):
        old = vault.lookup("code", "7K3Q")
        rotated = Vault(with_new_key(ring, "lookup"))
        assert rotated.lookups("code", "7K3Q") == [(2, rotated.lookup("code", "7K3Q")), (1, old)]
        assert rotated.lookup_version == 2

    def test_is_the_same_in_bulk(self, vault: Vault):
        assert vault.lookup_hmac("code").digest(b"7K3Q") == vault.lookup("code", "7K3Q")
