"""An order is taken back before anything was issued."""

import pytest
from sqlalchemy import select

from rewards_service.codes.models import Code
from rewards_service.kit.actor import SYSTEM, Actor
from rewards_service.kit.audit import audit_of_object
from rewards_service.ledger.balances import stored_balances
from rewards_service.orders.errors import OrderAlreadyCancelled, OrderNotCancellable
from rewards_service.orders.models import Order
from rewards_service.orders.operations import cancel_order, fail_line, lock_order_of_line
from rewards_service.orders.queries import order_view

STAFF = Actor("staff", "stf_1")


@pytest.fixture
def item(shop):
    """An item in stock."""
    item = shop.item()
    shop.stock(item)
    return item


def cancel(shop, placed, **given):
    order = shop.session.get_one(Order, placed.order.id)
    cancel_order(shop.session, program=shop.program, order=order, actor=STAFF, now=shop.now, **given)
    return order_view(shop.session, order=order)


class TestCancelOrder:
    def test_gives_back_exactly_what_came_from_each_tender(self, shop, item) -> None:
        wallet = shop.wallet((1000, 10), (9000, 60))
        code, voucher = shop.code(700, days=5), shop.code(300, days=3, unit=shop.program.promise_unit)
        accounts = [wallet.account_id, *shop.session.scalars(select(Code.account_id).order_by(Code.id))]
        before = stored_balances(shop.session, account_ids=accounts)
        placed = shop.order(item, wallet, code, voucher, quantity=2)
        assert stored_balances(shop.session, account_ids=accounts) != before
        order = cancel(shop, placed)
        assert stored_balances(shop.session, account_ids=accounts) == before
        assert shop.lots(wallet.account_id) == [(1000, 0), (9000, 0)]
        assert (order.state, [line.state for line in order.lines]) == ("cancelled", ["cancelled", "cancelled"])
        assert all(tender.returned_units == tender.units for tender in order.tenders)

    def test_says_who_and_why(self, shop, item) -> None:
        order = cancel(shop, shop.order(item, shop.wallet((9000, 60))), reason="ordered twice")
        last = order.timeline[-1]
        assert (last.event, last.actor, last.detail) == ("cancelled", "staff:stf_1", {"reason": "ordered twice"})
        shop.session.flush()
        (event,) = audit_of_object(
            shop.session,
            organization_id=shop.program.organization_id,
            object_type="order",
            object_id=order.public_id,
        )
        assert (event.action, event.reason) == ("order.cancelled", "ordered twice")

    def test_leaves_nothing_for_its_jobs_to_do(self, shop, item) -> None:
        placed = shop.order(item, shop.wallet((9000, 60)), quantity=2)
        cancel(shop, placed)
        assert shop.fulfil() == ["cancelled", "cancelled"]

    def test_names_the_second_try(self, shop, item) -> None:
        placed = shop.order(item, shop.wallet((9000, 60)))
        cancel(shop, placed)
        with pytest.raises(OrderAlreadyCancelled):
            cancel(shop, placed)

    def test_is_refused_once_a_line_is_issued(self, shop, item) -> None:
        placed = shop.order(item, shop.wallet((9000, 60)))
        shop.fulfil()
        with pytest.raises(OrderNotCancellable) as refusal:
            cancel(shop, placed)
        assert refusal.value.params == {"line": 1, "state": "issued"}

    def test_takes_back_what_is_left_beside_a_line_that_failed(self, shop, item) -> None:
        wallet = shop.wallet((9000, 60))
        placed = shop.order(item, wallet, quantity=2)
        fail(shop, placed.order.lines[0].id)
        order = cancel(shop, placed)
        assert (order.state, [line.state for line in order.lines]) == ("failed", ["failed", "cancelled"])
        assert shop.lots(wallet.account_id) == [(9000, 0)]

    def test_has_nothing_to_take_back_when_all_failed(self, shop, item) -> None:
        placed = shop.order(item, shop.wallet((9000, 60)))
        fail(shop, placed.order.lines[0].id)
        with pytest.raises(OrderNotCancellable):
            cancel(shop, placed)


def fail(shop, line_id: int) -> None:
    locked, line = lock_order_of_line(shop.session, order_line_id=line_id)
    fail_line(
        shop.session, program=shop.program, locked=locked, line=line, reason="out_of_stock", actor=SYSTEM, now=shop.now
    )
