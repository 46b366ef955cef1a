"""Codes are claimed, split, merged and exchanged: the old handle dies, and nothing is lost or gained."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from rewards_service.codes.entering import check_code
from rewards_service.codes.errors import (
    CodeAlreadySpent,
    CodeInUse,
    CodeNotUsable,
    CodeRepeated,
    CodeReplaced,
    CodeStateRefused,
    PartsDoNotAddUp,
    TooManyCodes,
)
from rewards_service.codes.handles import NewCode
from rewards_service.codes.models import Code
from rewards_service.codes.operations import block_code, claim_code, merge_codes, reissue_code, split_code
from rewards_service.codes.policy import CODES_PER_MERGE_MAX, NOTHING, SPLIT_PARTS_MAX, Asker, CodeState
from rewards_service.codes.queries import family_of, living_accounts
from rewards_service.identity.operations import register_member
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.audit import audit_of_object
from rewards_service.ledger.errors import UnitsNotPositive
from rewards_service.ledger.models import Lot
from rewards_service.ledger.operations import HoldPart, LineHold, open_holds, void_hold
from rewards_service.programs.models import Program, Unit
from rewards_service.wallets.models import Wallet
from rewards_service.wallets.operations import Recipient, wallet_for
from rewards_service.wallets.queries import wallet_view
from tests.codes.conftest import Desk
from tests.conftest import NOW

SOON, LATE = NOW + timedelta(days=1), NOW + timedelta(days=9)


class TestClaimCode:
    def test_moves_everything_into_the_wallet(self, desk: Desk):
        wallet, new = wallet_of(desk), desk.issue(5000, expires_at=LATE)
        assert claim_code(desk.session, code=new.code, wallet=wallet, actor=SYSTEM, now=NOW) == 5000
        (lot,) = wallet_view(desk.session, wallet=wallet, now=NOW).lots
        assert (lot.units, lot.expires_at) == (5000, LATE)
        assert desk.state(new.code) == CodeState.CLAIMED
        assert desk.value(new.code) == NOTHING

    def test_uses_the_code_up_for_everybody_and_says_so_to_its_owner(self, desk: Desk):
        wallet, new = wallet_of(desk), desk.issue()
        claim_code(desk.session, code=new.code, wallet=wallet, actor=SYSTEM, now=NOW)
        with pytest.raises(CodeNotUsable):
            check_code(desk.session, text=new.text.reveal(), vault=desk.vault, now=NOW)
        owner = Asker(account_ids={wallet.account_id})
        with pytest.raises(CodeAlreadySpent):
            check_code(desk.session, text=new.text.reveal(), vault=desk.vault, now=NOW, asker=owner)
        with pytest.raises(CodeNotUsable):
            claim_code(desk.session, code=new.code, wallet=wallet, actor=SYSTEM, now=NOW)

    def test_refuses_a_wallet_of_another_unit_or_program(self, desk: Desk, other_program: Program):
        new = desk.issue()
        euros = wallet_of(desk, unit=desk.program.promise_unit)
        foreign = wallet_of(desk.of(other_program))
        for wallet in (euros, foreign):
            with pytest.raises(CodeNotUsable):
                claim_code(desk.session, code=new.code, wallet=wallet, actor=SYSTEM, now=NOW)
        assert desk.value(new.code).usable_units == 100

    def test_waits_for_orders_that_hold_a_part(self, desk: Desk):
        wallet, new = wallet_of(desk), desk.issue()
        hold(desk, new.code, 40)
        with pytest.raises(CodeInUse):
            claim_code(desk.session, code=new.code, wallet=wallet, actor=SYSTEM, now=NOW)
        void_hold(desk.session, program=desk.program, line_ref="ord:1", actor=SYSTEM, now=NOW)
        assert claim_code(desk.session, code=new.code, wallet=wallet, actor=SYSTEM, now=NOW) == 100

    def test_leaves_behind_what_has_ended(self, desk: Desk):
        wallet = wallet_of(desk)
        merged = merge(desk, [desk.issue(30, expires_at=SOON), desk.issue(70, expires_at=LATE)])
        assert claim_code(desk.session, code=merged.code, wallet=wallet, actor=SYSTEM, now=SOON) == 70
        assert desk.value(merged.code, at=SOON).stale_units == 30


class TestSplitCode:
    def test_makes_new_codes_of_the_parts(self, desk: Desk):
        old = desk.issue(100, expires_at=SOON)
        parts = split(desk, old.code, [60, 40])
        assert [desk.value(part.code).usable_units for part in parts] == [60, 40]
        assert [desk.value(part.code).expires_at for part in parts] == [SOON, SOON]
        assert desk.state(old.code) == CodeState.REPLACED
        assert desk.value(old.code) == NOTHING
        assert [code.id for code in family_of(desk.session, code=old.code)] == [part.code.id for part in parts]

    def test_lets_the_old_code_say_where_it_went(self, desk: Desk):
        old = desk.issue(100)
        first, _ = split(desk, old.code, [60, 40])
        with pytest.raises(CodeReplaced, match=f"split into several; the first one ends in {first.code.last4}"):
            check_code(desk.session, text=old.text.reveal(), vault=desk.vault, now=NOW)

    def test_carries_the_money_to_the_last_cent(self, desk: Desk):
        old = desk.issue(100)
        parts = split(desk, old.code, [33, 33, 34])
        lots = desk.session.scalars(select(Lot).where(Lot.account_id.in_([part.code.account_id for part in parts])))
        assert sorted(lot.base_minor for lot in lots) == [33, 33, 34]

    @pytest.mark.parametrize("parts", [[100], [60, 41], [50, 49], [], [1] * (SPLIT_PARTS_MAX + 1)])
    def test_refuses_parts_that_are_not_the_whole(self, desk: Desk, parts: list[int]):
        old = desk.issue(100)
        with pytest.raises(PartsDoNotAddUp):
            split(desk, old.code, parts)
        assert desk.value(old.code).usable_units == 100

    @pytest.mark.parametrize("parts", [[100, 0], [101, -1]])
    def test_refuses_parts_that_are_no_value(self, desk: Desk, parts: list[int]):
        with pytest.raises(UnitsNotPositive):
            split(desk, desk.issue(100).code, parts)


class TestMergeCodes:
    def test_puts_all_into_one_new_code_and_keeps_each_expiry(self, desk: Desk):
        old = [desk.issue(30, expires_at=LATE), desk.issue(20, expires_at=SOON), desk.issue(50)]
        new = merge(desk, old)
        assert desk.value(new.code).usable_units == new.code.value_units == 100
        assert new.code.expires_at is None
        assert desk.value(new.code).expires_at == SOON
        assert desk.value(new.code, at=SOON).usable_units == 80
        assert {desk.state(each.code) for each in old} == {CodeState.REPLACED}
        assert [code.id for code in family_of(desk.session, code=new.code)] == [each.code.id for each in old]

    def test_records_each_code_that_went_into_it(self, desk: Desk):
        old = [desk.issue(), desk.issue()]
        new = merge(desk, old)
        for each in old:
            trail = audit_of_object(
                desk.session,
                organization_id=desk.program.organization_id,
                object_type="code",
                object_id=each.code.public_id,
            )
            assert (trail[-1].action, trail[-1].detail) == ("code.merged", {"into": [new.code.public_id]})

    def test_refuses_the_same_code_twice(self, desk: Desk):
        new = desk.issue()
        with pytest.raises(CodeRepeated):
            merge(desk, [new, new])

    def test_refuses_one_code_or_too_many(self, desk: Desk):
        with pytest.raises(TooManyCodes):
            merge(desk, [desk.issue()])
        with pytest.raises(TooManyCodes):
            merge(desk, [desk.issue(1) for _ in range(CODES_PER_MERGE_MAX + 1)])

    def test_refuses_codes_of_another_unit_or_program_and_changes_nothing(self, desk: Desk, other_program: Program):
        good = desk.issue()
        for bad in (desk.issue(unit=desk.program.promise_unit), desk.of(other_program).issue()):
            with pytest.raises(CodeNotUsable):
                merge(desk, [good, bad])
            assert desk.value(good.code).usable_units == desk.value(bad.code).usable_units == 100

    def test_refuses_a_blocked_code(self, desk: Desk):
        good, bad = desk.issue(), desk.issue()
        block_code(desk.session, code=bad.code, actor=SYSTEM, reason="lost", now=NOW)
        with pytest.raises(CodeNotUsable):
            merge(desk, [good, bad])
        assert desk.state(good.code) == CodeState.ACTIVE


class TestReissueCode:
    def test_kills_the_old_code_and_moves_its_balance(self, desk: Desk):
        old = desk.issue(60, expires_at=SOON)
        new = reissue(desk, old.code)
        assert new.text != old.text
        assert (desk.value(new.code).usable_units, new.code.expires_at) == (60, SOON)
        assert desk.value(old.code) == NOTHING
        assert check_code(desk.session, text=new.text.reveal(), vault=desk.vault, now=NOW).code.id == new.code.id

    def test_frees_the_value_of_a_blocked_code(self, desk: Desk):
        old = desk.issue()
        block_code(desk.session, code=old.code, actor=SYSTEM, reason="leaked", now=NOW)
        assert desk.state(reissue(desk, old.code).code) == CodeState.ACTIVE

    def test_refuses_a_code_that_was_exchanged_before(self, desk: Desk):
        old = desk.issue()
        reissue(desk, old.code)
        with pytest.raises(CodeStateRefused, match="replaced"):
            reissue(desk, old.code)

    def test_refuses_a_code_that_has_ended(self, desk: Desk):
        old = desk.issue(expires_at=SOON)
        with pytest.raises(CodeStateRefused, match="expired"):
            reissue_code(desk.session, code=old.code, vault=desk.vault, actor=SYSTEM, reason="late", now=SOON)

    def test_waits_for_orders_that_hold_a_part(self, desk: Desk):
        old = desk.issue()
        hold(desk, old.code, 40)
        with pytest.raises(CodeInUse):
            reissue(desk, old.code)


class TestLivingAccounts:
    def test_follow_value_from_code_to_code_to_wallet(self, desk: Desk):
        first, second, wallet = desk.issue(), desk.issue(), wallet_of(desk)
        exchanged = reissue(desk, first.code)
        merged = merge(desk, [exchanged, second])
        claim_code(desk.session, code=merged.code, wallet=wallet, actor=SYSTEM, now=NOW)
        asked = [new.code.account_id for new in (first, second, exchanged, merged)]
        assert living_accounts(desk.session, account_ids=asked) == dict.fromkeys(asked, wallet.account_id)

    def test_leave_out_what_has_not_moved(self, desk: Desk):
        new, wallet = desk.issue(), wallet_of(desk)
        assert living_accounts(desk.session, account_ids=[new.code.account_id, wallet.account_id]) == {}


def split(desk: Desk, code: Code, parts: list[int]) -> list[NewCode]:
    """Split a code into parts."""
    return split_code(desk.session, code=code, parts_units=parts, vault=desk.vault, actor=SYSTEM, now=NOW)


def merge(desk: Desk, codes: list[NewCode]) -> NewCode:
    """Merge codes into one."""
    merged = [new.code for new in codes]
    return merge_codes(desk.session, codes=merged, vault=desk.vault, actor=SYSTEM, now=NOW)


def reissue(desk: Desk, code: Code) -> NewCode:
    """Exchange a code for a new one."""
    return reissue_code(desk.session, code=code, vault=desk.vault, actor=SYSTEM, reason="leaked", now=NOW)


def hold(desk: Desk, code: Code, units: int) -> None:
    """Set a part of a code aside for an order line."""
    line = LineHold("ord:1", [HoldPart(code.account_id, code.unit_id, units)])
    open_holds(desk.session, program=desk.program, lines=[line], actor=SYSTEM, now=NOW)


def wallet_of(desk: Desk, *, unit: Unit | None = None) -> Wallet:
    """Return the wallet of a member who was just registered."""
    member = register_member(
        desk.session,
        organization_id=desk.program.organization_id,
        program_id=desk.program.id,
        name="Ana",
        locale="en",
        external_id="ANA",
        now=NOW,
    )
    return wallet_for(
        desk.session,
        program=desk.program,
        recipient=Recipient(member=member),
        unit=unit or desk.program.points_unit,
        now=NOW,
    )
