"""Secrets that open doors."""

import pytest

from rewards_service.identity.errors import PasswordTooWeak
from rewards_service.identity.passwords import hash_password, needs_rehash, password_matches
from rewards_service.identity.tokens import (
    is_api_key,
    login_of_link,
    login_secrets,
    login_secrets_in_use,
    new_api_key,
    new_token,
    normalise_login_code,
)
from rewards_service.kit.crypto import Vault, new_key_ring
from rewards_service.kit.crypto.keys import with_new_key


class TestApiKeys:
    def test_have_256_bits_and_a_checksum(self):
        key = new_api_key()
        assert key.startswith("rw_live_")
        assert is_api_key(key)

    def test_cut_short_or_changed_are_no_keys(self):
        key = new_api_key()
        assert not is_api_key(key[:-1])
        assert not is_api_key(key[:20] + ("a" if key[20] != "a" else "b") + key[21:])
        assert not is_api_key("")
        assert not is_api_key(new_token())


class TestLoginSecrets:
    def test_are_the_same_at_every_call(self, vault: Vault):
        assert login_secrets(vault, "lgn_1").code == login_secrets(vault, "lgn_1").code
        assert login_secrets(vault, "lgn_1").link_token == login_secrets(vault, "lgn_1").link_token

    def test_differ_by_message(self, vault: Vault):
        assert login_secrets(vault, "lgn_1").code != login_secrets(vault, "lgn_2").code

    def test_have_eight_symbols_to_type(self, vault: Vault):
        assert len(login_secrets(vault, "lgn_1").code) == 8

    def test_still_fit_after_the_key_was_rotated(self):
        ring = new_key_ring()
        before = login_secrets(Vault(ring), "lgn_1")
        assert before in login_secrets_in_use(Vault(with_new_key(ring, "lookup")), "lgn_1")

    def test_are_not_printed(self, vault: Vault):
        secrets = login_secrets(vault, "lgn_1")
        assert secrets.code not in repr(secrets)

    def test_name_their_message_in_the_link(self, vault: Vault):
        assert login_of_link(login_secrets(vault, "lgn_1").link_token) == "lgn_1"

    @pytest.mark.parametrize("typed", ["ab1 0cd-ef", "AB1OCDEF", " abiocdef "])
    def test_forgive_how_they_are_typed(self, typed: str):
        assert normalise_login_code(typed) == "AB10CDEF"


class TestPasswords:
    def test_match_only_themselves(self):
        kept = hash_password("correct horse battery")
        assert password_matches(kept, "correct horse battery")
        assert not password_matches(kept, "correct horse batterie")
        assert not needs_rehash(kept)

    def test_of_nobody_never_match(self):
        assert not password_matches(None, "the password of nobody")

    def test_that_are_too_short_are_refused(self):
        with pytest.raises(PasswordTooWeak):
            hash_password("short")
