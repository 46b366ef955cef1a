"""The issuer blocks, unblocks and extends codes; every change is audited."""

from datetime import datetime, timedelta

import pytest

from rewards_service.codes.entering import check_code
from rewards_service.codes.errors import CodeNotUsable, CodeStateRefused, ExpiryNotAhead
from rewards_service.codes.models import Code
from rewards_service.codes.operations import block_code, extend_code, merge_codes, unblock_code
from rewards_service.codes.policy import CodeState
from rewards_service.codes.queries import code_by_public_id, codes_by_last4
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.audit import audit_of_object
from rewards_service.kit.errors import NotFound
from rewards_service.programs.models import Program
from tests.codes.conftest import Desk
from tests.conftest import NOW

SOON, LATE = NOW + timedelta(days=1), NOW + timedelta(days=9)
BY = {"actor": SYSTEM, "reason": "asked for", "now": NOW}


def merge(desk: Desk, *ends: datetime | None) -> Code:
    """One code of 100 for each end, made one."""
    codes = [desk.issue(expires_at=end).code for end in ends]
    return merge_codes(desk.session, codes=codes, vault=desk.vault, actor=SYSTEM, now=NOW).code


class TestBlockCode:
    def test_keeps_the_code_from_being_used_until_it_is_unblocked(self, desk: Desk):
        new = desk.issue()
        block_code(desk.session, code=new.code, **BY)
        assert desk.state(new.code) == CodeState.BLOCKED
        with pytest.raises(CodeNotUsable):
            check_code(desk.session, text=new.text.reveal(), vault=desk.vault, now=NOW)
        unblock_code(desk.session, code=new.code, **BY)
        assert check_code(desk.session, text=new.text.reveal(), vault=desk.vault, now=NOW).code.id == new.code.id
        assert actions(desk, new.code) == ["code.issued", "code.blocked", "code.unblocked"]

    def test_refuses_a_code_that_is_blocked_already(self, desk: Desk):
        new = desk.issue()
        block_code(desk.session, code=new.code, **BY)
        with pytest.raises(CodeStateRefused) as refused:
            block_code(desk.session, code=new.code, **BY)
        assert refused.value.params == {"state": "blocked"}

    def test_is_not_undone_twice(self, desk: Desk):
        with pytest.raises(CodeStateRefused):
            unblock_code(desk.session, code=desk.issue().code, **BY)


class TestExtendCode:
    def test_lets_the_value_live_longer(self, desk: Desk):
        new = desk.issue(expires_at=SOON)
        extend_code(desk.session, code=new.code, expires_at=LATE, **BY)
        assert desk.value(new.code).expires_at == new.code.expires_at == LATE
        assert desk.value(new.code, at=SOON).usable_units == 100
        assert actions(desk, new.code)[-1] == "code.extended"

    def test_works_on_a_blocked_code(self, desk: Desk):
        new = desk.issue(expires_at=SOON)
        block_code(desk.session, code=new.code, **BY)
        extend_code(desk.session, code=new.code, expires_at=LATE, **BY)
        assert desk.value(new.code).expires_at == LATE

    @pytest.mark.parametrize("until", [NOW, SOON, SOON - timedelta(seconds=1)])
    def test_refuses_to_shorten(self, desk: Desk, until):
        new = desk.issue(expires_at=SOON)
        with pytest.raises(ExpiryNotAhead):
            extend_code(desk.session, code=new.code, expires_at=until, **BY)
        assert desk.value(new.code).expires_at == SOON

    def test_leaves_a_merged_code_the_end_of_what_lives_longest(self, desk: Desk):
        merged = merge(desk, SOON, LATE)
        extend_code(desk.session, code=merged, expires_at=LATE - timedelta(days=3), **BY)
        assert merged.expires_at == LATE
        assert desk.value(merged, at=LATE - timedelta(days=4)).usable_units == 200

    def test_gives_no_end_to_a_merged_code_that_has_none(self, desk: Desk):
        merged = merge(desk, SOON, None)
        extend_code(desk.session, code=merged, expires_at=LATE, **BY)
        assert merged.expires_at is None

    def test_refuses_a_code_that_never_ends(self, desk: Desk):
        with pytest.raises(ExpiryNotAhead):
            extend_code(desk.session, code=desk.issue().code, expires_at=LATE, **BY)

    def test_does_not_revive_what_has_ended(self, desk: Desk):
        new = desk.issue(expires_at=SOON)
        with pytest.raises(CodeStateRefused, match="expired"):
            extend_code(desk.session, code=new.code, expires_at=LATE, **{**BY, "now": SOON})


class TestFindingCodes:
    def test_by_their_last_four_symbols(self, desk: Desk):
        new = desk.issue()
        organization_id = desk.program.organization_id
        found = codes_by_last4(desk.session, organization_id=organization_id, last4=new.code.last4.lower())
        assert new.code.id in [code.id for code in found]

    def test_only_within_the_organization(self, desk: Desk, other_program: Program):
        new, organization_id = desk.issue(), other_program.organization_id
        assert codes_by_last4(desk.session, organization_id=organization_id, last4=new.code.last4) == []
        with pytest.raises(NotFound):
            code_by_public_id(desk.session, organization_id=organization_id, public_id=new.code.public_id)


def actions(desk: Desk, code: Code) -> list[str]:
    """Return what was done with a code, in order."""
    desk.session.flush()
    trail = audit_of_object(
        desk.session,
        organization_id=code.organization_id,
        object_type="code",
        object_id=code.public_id,
    )
    return [event.action for event in trail]
