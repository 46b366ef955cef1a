"""Claim links: what they lead to, how long, and that following them uses nothing up."""

import hashlib
from datetime import timedelta

import pytest

from rewards_service.codes.errors import ClaimLinkNotUsable, CodeReplaced
from rewards_service.codes.models import ClaimLink
from rewards_service.codes.operations import (
    block_code,
    claim_token,
    create_claim_link,
    follow_claim_link,
    reissue_code,
    revoke_claim_links,
)
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.crypto import Vault
from rewards_service.kit.crypto.keys import with_new_key
from rewards_service.kit.database import read_session, unit_of_work
from rewards_service.programs.models import Program
from tests.codes.conftest import Desk
from tests.conftest import NOW

SOON = NOW + timedelta(days=1)


class TestFollowClaimLink:
    def test_leads_to_the_code_as_often_as_it_is_followed(self, desk: Desk):
        new = desk.issue()
        token = token_of(desk, link_to(desk, new.code))
        for _ in range(3):
            assert follow_claim_link(desk.session, token=token, now=NOW).code.id == new.code.id

    def test_needs_no_session_that_can_write(self, program: Program, vault: Vault):
        with unit_of_work() as session:
            session.add(program)
            desk = Desk(session, program, vault)
            token = token_of(desk, link_to(desk, desk.issue().code))
        with read_session() as reader:
            assert follow_claim_link(reader, token=token, now=NOW).value.usable_units == 100

    def test_ends_at_its_own_instant(self, desk: Desk):
        token = token_of(desk, link_to(desk, desk.issue().code, expires_at=SOON))
        assert follow_claim_link(desk.session, token=token, now=SOON - timedelta(seconds=1))
        with pytest.raises(ClaimLinkNotUsable):
            follow_claim_link(desk.session, token=token, now=SOON)

    @pytest.mark.parametrize("token", ["", "nonsense", "x" * 1000])
    def test_refuses_what_is_no_token(self, desk: Desk, token: str):
        with pytest.raises(ClaimLinkNotUsable):
            follow_claim_link(desk.session, token=token, now=NOW)

    def test_refuses_a_link_to_a_code_that_is_blocked(self, desk: Desk):
        new = desk.issue()
        token = token_of(desk, link_to(desk, new.code))
        block_code(desk.session, code=new.code, actor=SYSTEM, reason="lost", now=NOW)
        with pytest.raises(ClaimLinkNotUsable):
            follow_claim_link(desk.session, token=token, now=NOW)

    def test_says_where_the_value_of_a_replaced_code_went(self, desk: Desk):
        new = desk.issue()
        token = token_of(desk, link_to(desk, new.code))
        reissue_code(desk.session, code=new.code, vault=desk.vault, actor=SYSTEM, reason="leaked", now=NOW)
        with pytest.raises(CodeReplaced):
            follow_claim_link(desk.session, token=token, now=NOW)


class TestRevokeClaimLinks:
    def test_ends_all_links_and_leaves_the_code(self, desk: Desk):
        new = desk.issue()
        tokens = [token_of(desk, link_to(desk, new.code)) for _ in range(2)]
        revoked = revoke_claim_links(desk.session, code=new.code, actor=SYSTEM, reason="wrong address", now=NOW)
        assert revoked == 2
        for token in tokens:
            with pytest.raises(ClaimLinkNotUsable):
                follow_claim_link(desk.session, token=token, now=NOW)
        assert desk.value(new.code).usable_units == 100


class TestClaimToken:
    def test_is_256_bits_of_which_only_the_hash_is_stored(self, desk: Desk):
        link = link_to(desk, desk.issue().code)
        token = token_of(desk, link)
        assert len(token) == 43
        assert link.token_sha256 == hashlib.sha256(token.encode()).digest()

    def test_is_the_same_in_every_repeat_even_after_a_rotation(self, desk: Desk):
        link = link_to(desk, desk.issue().code)
        rotated = Vault(with_new_key(desk.vault._keys, "lookup"))
        assert claim_token(rotated, link=link) == claim_token(desk.vault, link=link)

    def test_has_nothing_of_the_code(self, desk: Desk):
        new = desk.issue()
        token = token_of(desk, link_to(desk, new.code))
        assert new.text.reveal().replace("-", "") not in token.upper()


def link_to(desk: Desk, code, **options) -> ClaimLink:
    """Make a link to a code."""
    return create_claim_link(desk.session, code=code, vault=desk.vault, now=NOW, **options)


def token_of(desk: Desk, link: ClaimLink) -> str:
    """Return the token of a link."""
    return claim_token(desk.vault, link=link).reveal()
