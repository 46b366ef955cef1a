"""Each line gets what was ordered, once, or its value back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from catalog import KINDS
from rewards_service.delivery.models import Message
from rewards_service.fulfillment import operations
from rewards_service.fulfillment.jobs import JOB_KINDS, line_died, settle_line
from rewards_service.fulfillment.strategies import STRATEGIES
from rewards_service.kit.audit.models import AuditEvent
from rewards_service.kit.jobs.models import Job
from rewards_service.orders.models import Order, OrderLine
from rewards_service.orders.operations.setting_aside import FULFIL_LINE
from rewards_service.orders.queries import order_view
from rewards_service.orders.recipients import OrderRecipient
from rewards_service.orders.requests import WantedLine
from rewards_service.stock.errors import OutOfStock
from rewards_service.stock.models import Voucher
from rewards_service.stock.queries import stock_breaks, voucher_of_line
from tests.orders.test_refunding import money_of
from tests.support.commerce import as_run


@pytest.fixture
def item(shop):
    """An item in stock, bought at 23.00 for 25.00."""
    item = shop.item("Bookworld")
    shop.stock(item, cost="23.00")
    return item


def view(shop, placed):
    return order_view(shop.session, order=shop.session.get_one(Order, placed.order.id))


def empty_the_stock(shop) -> None:
    """Let all vouchers end before today."""
    for voucher in shop.session.scalars(select(Voucher)):
        voucher.expires_on = shop.now.date() - timedelta(days=1)
    shop.session.flush()


class TestStrategies:
    def test_are_one_for_each_kind_of_the_catalog(self) -> None:
        assert STRATEGIES.keys() == KINDS.keys()
        assert all(strategy.kind == name for name, strategy in STRATEGIES.items())

    def test_are_reached_by_the_job_that_orders_file(self) -> None:
        assert [kind.name for kind in JOB_KINDS] == [FULFIL_LINE]


class TestFulfilLine:
    def test_hands_over_the_voucher_and_captures_what_was_held(self, shop, item) -> None:
        wallet = shop.wallet((9000, 60))
        placed = shop.order(item, wallet)
        assert shop.fulfil() == ["issued"]
        order = view(shop, placed)
        assert (order.state, order.lines[0].state) == ("complete", "issued")
        assert [event.event for event in order.timeline] == ["placed", "line_issued", "message_queued"]
        assert voucher_of_line(shop.session, order_line_id=order.lines[0].id).state == "issued"
        assert shop.lots(wallet.account_id) == [(6500, 0)]
        assert stock_breaks(shop.session, organization_id=shop.program.organization_id) == []

    def test_posts_stock_at_cost_and_the_discount(self, shop, item) -> None:
        shop.order(item, shop.wallet((9000, 60)))
        shop.fulfil()
        assert money_of(shop.session, "capture") == {
            "Liabilities:Rewards:Demo:PTS": 2500,
            "Assets:Stock:Bookworld": -2300,
            "Expenses:Rewards:Demo:Discount": -200,
        }

    def test_posts_the_tax_of_the_hand_over(self, shop) -> None:
        cinema = shop.item("Cinema")
        shop.stock(cinema, cost="16.00", vat="3.04")
        shop.order(cinema, shop.wallet((9000, 60)))
        shop.fulfil()
        assert money_of(shop.session, "capture") == {
            "Liabilities:Rewards:Demo:PTS": 2500,
            "Assets:Stock:Cinema": -1600,
            "Expenses:Rewards:Demo:Discount": -900,
            "Expenses:Rewards:Demo:Vat": 304,
            "Liabilities:Vat:Output": -304,
        }

    def test_posts_a_margin_as_a_price_difference(self, shop, item) -> None:
        shop.program.default_margin_bp = 1000
        shop.order(item, shop.wallet((9000, 60)))
        shop.fulfil()
        assert money_of(shop.session, "capture")["Expenses:Rewards:Demo:PriceDifference"] == -250

    def test_runs_twice_without_a_second_effect(self, shop, item) -> None:
        placed = shop.order(item, shop.wallet((9000, 60)))
        assert shop.fulfil() + shop.fulfil() == ["issued", "issued"]
        assert len(view(shop, placed).timeline) == 3

    def test_gives_value_back_when_nothing_is_left(self, shop, item) -> None:
        wallet = shop.wallet((9000, 60))
        placed = shop.order(item, wallet)
        empty_the_stock(shop)
        assert shop.fulfil() == ["failed"]
        order = view(shop, placed)
        assert (order.state, order.lines[0].state, order.lines[0].state_reason) == ("failed", "failed", "out_of_stock")
        assert shop.lots(wallet.account_id) == [(9000, 0)]
        assert order.lines[0].tenders[0].returned_units == 2500

    def test_leaves_an_order_partial_when_one_of_its_lines_fails(self, shop, item) -> None:
        rare = shop.item("Rare")
        shop.stock(rare, vouchers=1)
        wallet = shop.wallet((90_000, 60))
        placed, other = shop.order(rare, wallet), shop.order(rare, wallet)
        assert shop.fulfil() == ["issued", "failed"]
        assert [view(shop, each).state for each in (placed, other)] == ["complete", "failed"]

    def test_waits_while_the_order_is_to_be_approved(self, shop, item) -> None:
        placed = shop.order(item, shop.wallet((9000, 60)))
        shop.session.get_one(Order, placed.order.id).awaits_approval = True
        shop.session.flush()
        assert shop.fulfil() == ["held"]

    def test_lets_what_is_no_refusal_undo_everything(self, shop, item, monkeypatch) -> None:
        placed = shop.order(item, shop.wallet((9000, 60)))
        monkeypatch.setattr(operations, "issue_line", lambda *_, **__: 1 // 0)
        with pytest.raises(ZeroDivisionError), shop.session.begin_nested():
            shop.fulfil()
        assert view(shop, placed).lines[0].state == "held"
        assert set(shop.session.scalars(select(Voucher.state))) == {"available"}


class TestLineDied:
    def test_gives_value_back_and_says_why(self, shop, item) -> None:
        wallet = shop.wallet((9000, 60))
        placed = shop.order(item, wallet)
        line_died(shop.session, as_run(shop.session.scalars(select(Job)).one()), "cancelled", shop.now)
        order = view(shop, placed)
        assert (order.state, order.lines[0].state_reason) == ("failed", "given_up")
        assert shop.lots(wallet.account_id) == [(9000, 0)]
        shop.session.flush()
        events = shop.session.execute(select(AuditEvent.action, AuditEvent.reason)).all()
        assert ("order_line.given_up", "cancelled") in events

    def test_touches_no_line_that_is_settled(self, shop, item) -> None:
        placed = shop.order(item, shop.wallet((9000, 60)))
        shop.fulfil()
        line_died(
            shop.session, as_run(shop.session.scalars(select(Job).where(Job.kind == FULFIL_LINE)).one()), "x", shop.now
        )
        assert view(shop, placed).state == "complete"


class TestNotices:
    def test_go_to_the_recipient_of_the_order_first(self, shop, item) -> None:
        recipient = OrderRecipient("Chen", "chen@example.com", "+4915112345678")
        shop.order(item, shop.wallet((9000, 60), member=shop.member("ana")), recipient=recipient)
        shop.fulfil()
        assert messages(shop) == [("order_ready", "email", "chen@example.com", "Chen")]

    def test_go_to_the_member_otherwise(self, shop, item) -> None:
        shop.order(item, shop.wallet((9000, 60), member=shop.member("ana")))
        shop.fulfil()
        assert messages(shop) == [("order_ready", "email", "ana@example.com", "Ana")]

    def test_greet_nobody_by_a_name_that_cannot_stand_in_a_message(self, shop, item) -> None:
        member = shop.member("ana")
        member.name = "Ana\u202e"
        shop.session.flush()
        shop.order(item, shop.wallet((9000, 60), member=member))
        shop.fulfil()
        assert messages(shop) == [("order_ready", "email", "ana@example.com", None)]

    def test_go_by_telephone_where_there_is_no_email(self, shop, item) -> None:
        shop.order(item, shop.code(2500), recipient=OrderRecipient(phone="+4915112345678"))
        shop.fulfil()
        assert messages(shop) == [("order_ready", "sms", "+4915112345678", None)]

    def test_go_to_nobody_whose_address_is_not_known(self, shop, item) -> None:
        placed = shop.order(item, shop.code(2500))
        shop.fulfil()
        assert (messages(shop), view(shop, placed).state) == ([], "complete")

    def test_are_sent_once_for_all_lines(self, shop, item) -> None:
        shop.order(item, shop.wallet((9000, 60), member=shop.member("ana")), quantity=3)
        shop.fulfil()
        assert len(messages(shop)) == 1

    def test_name_the_thing_only_where_it_is_one(self, shop, item) -> None:
        cinema = shop.item("Cinema")
        shop.stock(cinema)
        lines = [WantedLine(item.public_id, 2500), WantedLine(cinema.public_id, 2500)]
        shop.order(item, shop.wallet((9000, 60), member=shop.member("ana")), lines=lines)
        shop.order(item, shop.wallet((9000, 60), member=shop.member("ben")))
        shop.fulfil()
        contexts = shop.session.scalars(select(Message.context).order_by(Message.id))
        assert [context.get("title") for context in contexts] == [None, "Bookworld card"]

    def test_tell_of_a_failure(self, shop, item) -> None:
        shop.order(item, shop.wallet((9000, 60), member=shop.member("ana")))
        empty_the_stock(shop)
        shop.fulfil()
        assert [kind for kind, *_ in messages(shop)] == ["order_failed"]

    def test_tell_both_of_what_came_and_of_what_did_not(self, shop, item) -> None:
        placed = shop.order(item, shop.wallet((9000, 60), member=shop.member("ana")), quantity=2)
        first, second = shop.session.scalars(select(Job).order_by(Job.id)).all()
        settle_line(shop.session, as_run(first), None, shop.now)
        line_died(shop.session, as_run(second), "cancelled", shop.now)
        assert sorted(kind for kind, *_ in messages(shop)) == ["order_failed", "order_ready"]
        assert view(shop, placed).state == "partial"

    def test_never_keep_a_reward_from_its_recipient(self, shop, item) -> None:
        placed = shop.order(item, shop.wallet((9000, 60), member=shop.member("ana", email="broken")))
        shop.fulfil()
        order = view(shop, placed)
        assert (order.state, order.timeline[-1].event) == ("complete", "message_refused")
        assert order.timeline[-1].detail == {"template": "order_ready", "reason": "recipient_unusable"}

    def test_hold_no_secret(self, shop) -> None:
        rare = shop.item("Rare")
        shop.import_rows(rare, [["number", "pin", "value"], ["CANARY7711", "PINCANARY", "25"]])
        shop.order(rare, shop.wallet((9000, 60), member=shop.member("ana")))
        shop.fulfil()
        (context,) = shop.session.scalars(select(Message.context))
        assert "CANARY" not in str(context)


class TestOutOfStock:
    def test_keeps_its_code_as_the_reason_of_a_line(self) -> None:
        assert len(OutOfStock.code) <= OrderLine.state_reason.type.length


def messages(shop) -> list[tuple[str, str, str, str | None]]:
    rows = shop.session.scalars(select(Message).order_by(Message.id))
    return [(row.kind, row.channel, row.recipient, row.context.get("name")) for row in rows]
