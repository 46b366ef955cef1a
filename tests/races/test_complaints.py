"""What users of other reward systems complain about most, each as a story that must end well here."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from rewards_service.codes.models import Code
from rewards_service.kit.database import transact
from rewards_service.ledger.balances import stored_balances
from rewards_service.orders.models import Order
from rewards_service.orders.operations import cancel_order, refund_line
from rewards_service.wallets.jobs import expire_chunk
from tests.support.commerce import GUEST
from tests.support.crew import Play


@pytest.fixture
def item(arrange):
    """An item in stock."""

    def scene(shop):
        item = shop.item()
        shop.stock(item, vouchers=40)
        return item

    return arrange(scene)


def balance(shop, account_id: int) -> int:
    return stored_balances(shop.session, account_ids=[account_id])[account_id]


class TestComplaint1:
    """The same balance spent twice, in two tabs or by parallel calls."""

    def test_two_tabs_spend_a_balance_once(self, players, arrange, look, item, books) -> None:
        wallet_id, account_id = arrange(lambda shop: ids_of(shop.wallet((2500, 60))))
        plays = [
            Play("order", {"item_id": item.public_id, "external_id": f"TAB-{tab}", "wallets": [wallet_id]})
            for tab in range(20)
        ]
        outcomes = players.play(plays)
        assert sum(outcome.is_ok for outcome in outcomes) == 1
        assert {outcome.told for outcome in outcomes if not outcome.is_ok} == {"insufficient_value"}
        assert look(lambda shop: balance(shop, account_id)) == 0
        assert books() == []

    def test_a_doubled_call_is_one_order(self, players, arrange, look, item) -> None:
        wallet_id, account_id = arrange(lambda shop: ids_of(shop.wallet((9000, 60))))
        play = Play("order", {"item_id": item.public_id, "external_id": "CLICK", "wallets": [wallet_id]})
        outcomes = players.play([play] * 20)
        assert len({outcome.told for outcome in outcomes}) == 1
        assert look(lambda shop: balance(shop, account_id)) == 6500


class TestComplaint2:
    """A refund or a cancellation does not give value back, or gives back something else."""

    def test_a_cancelled_order_leaves_balances_and_expiries_as_they_were(self, arrange, look, item, books) -> None:
        def scene(shop):
            wallet = shop.wallet((1500, 10), (9000, 60))
            before = shop.lots(wallet.account_id)
            placed = shop.order(item, wallet, quantity=2)
            order = shop.session.get_one(Order, placed.order.id)
            cancel_order(shop.session, program=shop.program, order=order, actor=GUEST, now=shop.now)
            return before, shop.lots(wallet.account_id), balance(shop, wallet.account_id)

        before, after, left = arrange(scene)
        assert (before, left) == (after, 10_500)
        assert books() == []

    def test_a_refund_gives_each_code_what_it_paid_and_takes_nothing_again(self, arrange, item, books) -> None:
        def scene(shop):
            small, large = shop.code(1000, days=5), shop.code(5000, days=9)
            placed = shop.order(item, small, large)
            shop.fulfil()
            order = shop.session.get_one(Order, placed.order.id)
            refund_line(
                shop.session, program=shop.program, order=order, number=1, reason="void", actor=GUEST, now=shop.now
            )
            accounts = shop.session.scalars(select(Code.account_id).order_by(Code.id)).all()
            return [balance(shop, account_id) for account_id in accounts]

        assert arrange(scene) == [1000, 5000]
        assert books() == []


class TestComplaint4:
    """Several codes in one order are mis-split, or all of them emptied."""

    def test_the_second_code_keeps_what_the_first_one_spared_it(self, arrange, item, books) -> None:
        def scene(shop):
            first, second = shop.code(1000, days=5), shop.code(5000, days=9)
            placed = shop.order(item, second, first)
            accounts = shop.session.scalars(select(Code.account_id).order_by(Code.id)).all()
            shares = [(tender.last4, tender.units) for tender in placed.order.tenders]
            return [first[-4:], second[-4:]], shares, [balance(shop, account_id) for account_id in accounts]

        endings, shares, left = arrange(scene)
        assert shares == [(endings[0], 1000), (endings[1], 1500)]
        assert left == [0, 3500]
        assert books() == []


class TestComplaint5:
    """Balances collapse when an old lot lapses, because nobody knows which part of them was spent."""

    def test_what_was_spent_first_does_not_lapse_again(self, arrange, look, item, now, books) -> None:
        account_id = arrange(lambda shop: spend_from(shop, item, shop.wallet((2500, 10), (2500, 30))))
        assert look(lambda shop: balance(shop, account_id)) == 2500
        assert transact(lambda session: expire_chunk(session, now=now + timedelta(days=10))).found == 0
        assert look(lambda shop: balance(shop, account_id)) == 2500
        assert transact(lambda session: expire_chunk(session, now=now + timedelta(days=30))).found == 1
        assert look(lambda shop: balance(shop, account_id)) == 0
        assert books() == []

    def test_only_the_lot_that_ends_is_taken(self, arrange, look, item, now, books) -> None:
        account_id = arrange(lambda shop: spend_from(shop, item, shop.wallet((3000, 10), (2500, 30))))
        transact(lambda session: expire_chunk(session, now=now + timedelta(days=10)))
        assert look(lambda shop: shop.lots(account_id)) == [(0, 0), (2500, 0)]
        assert books() == []


def ids_of(wallet) -> tuple[str, int]:
    return wallet.public_id, wallet.account_id


def spend_from(shop, item, wallet) -> int:
    """Buy one card for 25.00 from a wallet and return its account."""
    shop.order(item, wallet)
    shop.fulfil()
    return wallet.account_id
