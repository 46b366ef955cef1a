"""Orders are placed: value is set aside for every line, or for none."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from rewards_service.codes.errors import CodeNotUsable, CodeRepeated
from rewards_service.codes.models import Code
from rewards_service.codes.operations import block_code
from rewards_service.kit.actor import SYSTEM
from rewards_service.ledger.models import Hold
from rewards_service.orders.errors import OrderInvalid, OrderNotCoverable
from rewards_service.orders.policy import TENDERS_CODES_MAX
from rewards_service.orders.requests import PayByCode, PayByProvedCode, PayByWallet
from rewards_service.wallets.operations import AwardTerms, Recipient, award_value
from tests.orders.telling import count, problems, shares
from tests.support.commerce import Commerce


class TestTenders:
    def test_pay_soonest_expiry_first_then_smallest_balance(self, shop, item) -> None:
        late, small, large, soon = (
            shop.code(units, days=days) for units, days in ((900, 90), (300, 40), (700, 40), (800, 5))
        )
        wallet = shop.wallet((9000, 60))
        placed = shop.order(item, wallet, late, large, small, soon)
        expected = [(soon[-4:], 800), (small[-4:], 300), (large[-4:], 700), ("wallet", 700)]
        assert shares(placed) == [expected]
        assert [(tender.last4 or "wallet", tender.units) for tender in placed.order.tenders] == expected

    def test_record_the_share_of_each_line(self, shop, item) -> None:
        first, second = shop.code(3000, days=5), shop.code(9000, days=9)
        placed = shop.order(item, first, second, quantity=2)
        assert shares(placed) == [[(first[-4:], 2500)], [(first[-4:], 500), (second[-4:], 2000)]]

    def test_mix_points_at_their_rate_with_promises_at_par(self, shop, item) -> None:
        shop.rate(125, 100)
        voucher = shop.code(1000, days=5, unit=shop.program.promise_unit)
        placed = shop.order(item, shop.wallet((9000, 60)), voucher)
        assert [(tender.unit, tender.units) for tender in placed.order.tenders] == [("EUR", 1000), ("PTS", 1875)]
        assert (placed.order.unit, placed.order.total_units) == ("PTS", 3125)

    def test_count_in_the_one_unit_they_have(self, shop, item) -> None:
        placed = shop.order(item, shop.code(4000, unit=shop.program.promise_unit))
        assert (placed.order.unit, placed.order.total_units) == ("EUR", 2500)

    def test_pay_no_more_than_is_said(self, shop, item) -> None:
        wallet, code = shop.wallet((9000, 5)), shop.code(9000, days=60)
        placed = shop.order(item, PayByWallet(wallet.public_id, 400), PayByCode(code))
        assert shares(placed) == [[("wallet", 400), (code[-4:], 2100)]]

    def test_leave_alone_whoever_is_not_needed(self, shop, item) -> None:
        first, second = shop.code(2500, days=5), shop.code(2500, days=9)
        assert shares(shop.order(item, first, second)) == [[(first[-4:], 2500)]]

    def test_do_not_count_what_has_expired(self, shop, item) -> None:
        wallet, code = shop.wallet((9000, 1), (400, 90)), shop.code(9000, days=60)
        placed = shop.order(item, wallet, code, now=shop.now + timedelta(days=2))
        assert shares(placed) == [[(code[-4:], 2500)]]

    def test_may_be_as_many_codes_as_the_limit_says_and_a_wallet(self, shop, item) -> None:
        codes = [shop.code(100, days=5) for _ in range(TENDERS_CODES_MAX)]
        placed = shop.order(item, *codes, shop.wallet((9000, 60)))
        assert len(placed.order.tenders) == TENDERS_CODES_MAX + 1

    def test_are_refused_together_when_they_do_not_cover(self, shop, item) -> None:
        tenders = [shop.wallet((1000, 60)), shop.code(1400)]
        with pytest.raises(OrderNotCoverable) as refusal, shop.session.begin_nested():
            shop.order(item, *tenders)
        assert refusal.value.params == {"missing_units": 100, "unit": "PTS"}
        assert count(shop.session, Hold) == 0

    def test_are_refused_when_capped_below_the_price(self, shop, item) -> None:
        wallet = shop.wallet((9000, 60))
        with pytest.raises(OrderNotCoverable):
            shop.order(item, PayByWallet(wallet.public_id, 2499))

    def test_know_a_code_that_was_entered_before(self, shop, item) -> None:
        shop.code(2500)
        code = shop.session.scalars(select(Code)).one()
        assert shares(shop.order(item, PayByProvedCode(code.id))) == [[(code.last4, 2500)]]

    def test_refuse_a_proved_code_of_another_program(self, shop, item, other_program) -> None:
        Commerce(shop.session, other_program, shop.vault, shop.now).code(2500)
        foreign = shop.session.scalars(select(Code)).one()
        with pytest.raises(CodeNotUsable):
            shop.order(item, PayByProvedCode(foreign.id))

    @pytest.mark.parametrize("is_proved", [True, False])
    def test_refuse_a_blocked_code(self, shop, item, is_proved) -> None:
        text = shop.code(2500)
        code = shop.session.scalars(select(Code)).one()
        block_code(shop.session, code=code, actor=SYSTEM, reason="lost", now=shop.now)
        shop.session.flush()
        with pytest.raises(CodeNotUsable):
            shop.order(item, PayByProvedCode(code.id) if is_proved else text)

    def test_refuse_codes_alike_that_are_unknown_foreign_expired_or_spent(self, shop, item, other_program) -> None:
        foreign = Commerce(shop.session, other_program, shop.vault, shop.now).code(2500)
        spent, expired = shop.code(2500), shop.code(2500, days=1)
        shop.order(item, spent)
        later = shop.now + timedelta(days=2)
        refused = []
        for text in ("0000000000000012", foreign, spent, expired):
            with pytest.raises(CodeNotUsable) as refusal, shop.session.begin_nested():
                shop.order(item, text, now=later)
            refused.append((refusal.value.status, refusal.value.code, str(refusal.value)))
        assert len(set(refused)) == 1

    def test_refuse_the_same_code_typed_and_proved(self, shop, item) -> None:
        text = shop.code(2500)
        code = shop.session.scalars(select(Code)).one()
        with pytest.raises(CodeRepeated):
            shop.order(item, text, PayByProvedCode(code.id))

    def test_refuse_wallets_of_others_and_such_as_wait_for_their_owner(self, shop, item, other_program) -> None:
        ana, ben = shop.member("ana"), shop.member("ben")
        bens = shop.wallet((9000, 60), member=ben)
        foreign = Commerce(shop.session, other_program, shop.vault, shop.now).wallet((9000, 60))
        waiting = award_value(
            shop.session,
            program=shop.program,
            recipient=Recipient(address="nobody@example.com"),
            terms=AwardTerms(9000, shop.program.points_unit, "sale"),
            external_id="P1",
            actor=SYSTEM,
            now=shop.now,
        ).wallet
        for wallet in (bens, foreign, waiting, PayByWallet("wal_unknown")):
            with pytest.raises(OrderInvalid) as refusal:
                shop.order(item, wallet, member=ana)
            assert problems(refusal) == [("/tenders/0/wallet_id", "wallet_not_found")]
