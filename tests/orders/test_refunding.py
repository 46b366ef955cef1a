"""What a line cost is given back, in whole or in part, never more than was taken."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from rewards_service.codes.models import Code
from rewards_service.codes.operations import reissue_code
from rewards_service.kit.actor import Actor
from rewards_service.ledger.balances import stored_balances
from rewards_service.ledger.models import Account, Entry, Posting
from rewards_service.orders.errors import (
    LineAlreadyCancelled,
    LineAlreadyRefunded,
    LineHasFailed,
    LineNotFound,
    LineNotIssued,
    OrderInvalid,
    ReasonMissing,
    RefundTooLarge,
    RefundTooSmall,
)
from rewards_service.orders.models import Order
from rewards_service.orders.operations import cancel_order, refund_line
from rewards_service.orders.queries import order_view
from rewards_service.stock.models import Voucher
from rewards_service.stock.queries import stock_breaks

STAFF = Actor("staff", "stf_1")


@pytest.fixture
def item(shop):
    """An item in stock, bought at 23.00 for 25.00."""
    item = shop.item("Bookworld")
    shop.stock(item, cost="23.00")
    return item


def refund(shop, placed, *, number: int = 1, reason: str = "void card", now=None, **given):
    order = shop.session.get_one(Order, placed.order.id)
    refund_line(
        shop.session,
        program=shop.program,
        order=order,
        number=number,
        reason=reason,
        actor=STAFF,
        now=now or shop.now,
        **given,
    )
    return order_view(shop.session, order=order)


def issued(shop, item, *tenders, **given):
    placed = shop.order(item, *tenders, **given)
    shop.fulfil()
    return placed


def money_of(session, kind: str) -> dict[str, int]:
    """Net amounts (positive = debit) by account of all entries of a kind, money alone."""
    names = dict(session.execute(select(Account.id, Account.book_name)).all())
    net: dict[str, int] = {}
    rows = session.scalars(select(Posting).join(Entry, Entry.id == Posting.entry_id).where(Entry.kind == kind))
    for row in rows:
        for account_id, units in ((row.debit_account_id, row.units), (row.credit_account_id, -row.units)):
            net[names[account_id]] = net.get(names[account_id], 0) + units
    return {name: amount for name, amount in net.items() if amount and ":Value:" not in name}


class TestRefundLine:
    def test_gives_everything_back_and_lets_the_supplier_owe_it(self, shop, item) -> None:
        wallet = shop.wallet((2000, 10), (6000, 60))
        placed = issued(shop, item, wallet)
        order = refund(shop, placed)
        assert shop.lots(wallet.account_id) == [(2000, 0), (6000, 0)]
        assert money_of(shop.session, "refund") == {
            "Liabilities:Payables:Cardo-bookworld": 2300,
            "Expenses:Rewards:Demo:Discount": 200,
            "Liabilities:Rewards:Demo:PTS": -2500,
        }
        assert (order.state, order.lines[0].state, order.lines[0].refunded_face_minor) == ("complete", "refunded", 2500)
        assert stock_breaks(shop.session, organization_id=shop.program.organization_id) == []

    def test_ends_the_voucher_for_good(self, shop, item) -> None:
        refund(shop, issued(shop, item, shop.wallet((9000, 60))))
        assert sorted(shop.session.scalars(select(Voucher.state))) == ["available"] * 4 + ["void"]

    def test_is_our_goodwill_where_the_supplier_does_not_take_it_back(self, shop, item) -> None:
        refund(shop, issued(shop, item, shop.wallet((9000, 60))), is_recovered=False)
        assert money_of(shop.session, "refund") == {
            "Expenses:Rewards:Demo:Adjustment": 2300,
            "Expenses:Rewards:Demo:Discount": 200,
            "Liabilities:Rewards:Demo:PTS": -2500,
        }

    def test_undoes_the_tax_of_purchase_and_hand_over(self, shop) -> None:
        cinema = shop.item("Cinema")
        shop.stock(cinema, cost="16.00", vat="3.04")
        refund(shop, issued(shop, cinema, shop.wallet((9000, 60))))
        assert money_of(shop.session, "refund") == {
            "Liabilities:Payables:Cardo-cinema": 1904,
            "Assets:Vat:Input": -304,
            "Expenses:Rewards:Demo:Discount": 900,
            "Expenses:Rewards:Demo:Vat": -304,
            "Liabilities:Vat:Output": 304,
            "Liabilities:Rewards:Demo:PTS": -2500,
        }

    def test_gives_each_tender_its_part(self, shop, item) -> None:
        wallet, code = shop.wallet((9000, 60)), shop.code(1001, days=5)
        placed = issued(shop, item, wallet, code)
        steps = [refund(shop, placed, face_value_minor=part) for part in (1000, 499, 1001)]
        returned = [[tender.returned_units for tender in order.tenders] for order in steps]
        assert returned == [[400, 599], [600, 898], [1001, 1499]]
        assert [order.lines[0].state for order in steps] == ["issued", "issued", "refunded"]
        assert steps[-1].state == "complete"

    def test_adds_up_in_money_however_it_is_divided(self, shop, item) -> None:
        placed = issued(shop, item, shop.wallet((9000, 60)))
        for part in (1, 777, 1722):
            refund(shop, placed, face_value_minor=part)
        assert money_of(shop.session, "refund") == {
            "Liabilities:Payables:Cardo-bookworld": 2300,
            "Expenses:Rewards:Demo:Discount": 200,
            "Liabilities:Rewards:Demo:PTS": -2500,
        }

    def test_gives_value_that_has_expired_a_grace(self, shop, item) -> None:
        wallet = shop.wallet((2500, 10))
        placed = issued(shop, item, wallet)
        refund(shop, placed, now=shop.now + timedelta(days=11))
        assert shop.lots(wallet.account_id) == [(0, 0), (2500, 0)]
        assert stored_balances(shop.session, account_ids=[wallet.account_id]) == {wallet.account_id: 2500}

    def test_gives_to_the_code_that_took_an_old_ones_place(self, shop, item) -> None:
        placed = issued(shop, item, shop.code(9000))
        old = shop.session.scalars(select(Code)).one()
        new = reissue_code(shop.session, code=old, vault=shop.vault, actor=STAFF, reason="lost", now=shop.now)
        refund(shop, placed)
        balances = stored_balances(shop.session, account_ids=[old.account_id, new.code.account_id])
        assert balances == {old.account_id: 0, new.code.account_id: 9000}

    def test_refunds_one_line_of_several(self, shop, item) -> None:
        placed = issued(shop, item, shop.wallet((9000, 60)), quantity=2)
        order = refund(shop, placed, number=2)
        assert [line.state for line in order.lines] == ["issued", "refunded"]
        assert order.timeline[-1].detail == {"face_value_minor": 2500, "reason": "void card"}

    def test_never_gives_back_more_than_is_left(self, shop, item) -> None:
        placed = issued(shop, item, shop.wallet((9000, 60)))
        refund(shop, placed, face_value_minor=2000)
        with pytest.raises(RefundTooLarge):
            refund(shop, placed, face_value_minor=501)
        refund(shop, placed)
        with pytest.raises(LineAlreadyRefunded):
            refund(shop, placed)

    def test_refuses_a_part_worth_less_than_a_unit(self, shop, item) -> None:
        shop.rate(1, 100)
        placed = issued(shop, item, shop.wallet((9000, 60)))
        with pytest.raises(RefundTooSmall):
            refund(shop, placed, face_value_minor=99)

    def test_refuses_by_the_name_of_the_state_in_the_way(self, shop, item) -> None:
        wallet = shop.wallet((90_000, 60))
        held = shop.order(item, wallet)
        with pytest.raises(LineNotIssued):
            refund(shop, held)
        order = shop.session.get_one(Order, held.order.id)
        cancel_order(shop.session, program=shop.program, order=order, actor=STAFF, now=shop.now)
        with pytest.raises(LineAlreadyCancelled):
            refund(shop, held)
        failed = shop.order(item, wallet)
        for voucher in shop.session.scalars(select(Voucher)):
            voucher.expires_on = shop.now.date() - timedelta(days=1)
        shop.session.flush()
        shop.fulfil()
        with pytest.raises(LineHasFailed):
            refund(shop, failed)

    @pytest.mark.parametrize("part", [0, -1, 2500.0, True])
    def test_refuses_a_part_that_is_none(self, shop, item, part) -> None:
        placed = issued(shop, item, shop.wallet((9000, 60)))
        with pytest.raises(OrderInvalid):
            refund(shop, placed, face_value_minor=part)

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
    def test_wants_a_reason(self, shop, reason) -> None:
        with pytest.raises(ReasonMissing):
            refund_line(
                shop.session,
                program=shop.program,
                order=Order(id=1),
                number=1,
                reason=reason,
                actor=STAFF,
                now=shop.now,
            )

    @pytest.mark.parametrize("number", [0, -1, 2])
    def test_knows_no_other_line(self, shop, item, number) -> None:
        placed = issued(shop, item, shop.wallet((9000, 60)))
        with pytest.raises(LineNotFound):
            refund(shop, placed, number=number)
