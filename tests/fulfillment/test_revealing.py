"""Secrets are shown to those who may see them, and every time is kept."""

import pytest
from sqlalchemy import select

from rewards_service.fulfillment.operations import reveal_line
from rewards_service.kit.actor import Actor
from rewards_service.kit.audit.models import AuditEvent
from rewards_service.orders.errors import LineAlreadyRefunded, LineNotIssued, ReasonMissing
from rewards_service.orders.models import Order
from rewards_service.orders.operations import refund_line
from rewards_service.orders.queries import line_by_number, order_view

ANA = Actor("member", "mbr_1")


@pytest.fixture
def order(shop) -> Order:
    """An order of one card, not issued yet."""
    item = shop.item()
    shop.import_rows(item, [["number", "pin", "value", "expires"], ["6035 7711", "0815", "25", "2027-05-01"]])
    placed = shop.order(item, shop.wallet((9000, 60)))
    return shop.session.get_one(Order, placed.order.id)


def reveal(shop, order, *, reason: str = "opened by its owner"):
    line = line_by_number(shop.session, order=order, number=1)
    return reveal_line(shop.session, order=order, line=line, actor=ANA, vault=shop.vault, reason=reason, now=shop.now)


class TestRevealLine:
    def test_returns_what_the_line_was_handed(self, shop, order) -> None:
        shop.fulfil()
        credentials = reveal(shop, order)
        assert (credentials.number.reveal(), credentials.pin.reveal()) == ("6035 7711", "0815")
        assert (credentials.face_value_minor, credentials.currency) == (2500, "EUR")
        assert "6035" not in repr(credentials)

    def test_stands_in_the_timeline_once_and_in_the_audit_each_time(self, shop, order) -> None:
        shop.fulfil()
        for reason in ("first", "second"):
            reveal(shop, order, reason=reason)
        shop.session.flush()
        shop.session.expire_all()
        timeline = order_view(shop.session, order=order).timeline
        assert [event.event for event in timeline].count("line_revealed") == 1
        audited = select(AuditEvent.reason, AuditEvent.actor_reference, AuditEvent.detail)
        rows = shop.session.execute(audited.where(AuditEvent.action == "order_line.revealed").order_by(AuditEvent.id))
        assert [tuple(row) for row in rows] == [("first", "mbr_1", {"line": 1}), ("second", "mbr_1", {"line": 1})]

    def test_shows_nothing_that_was_not_issued(self, shop, order) -> None:
        with pytest.raises(LineNotIssued):
            reveal(shop, order)

    def test_shows_nothing_that_was_refunded(self, shop, order) -> None:
        shop.fulfil()
        refund_line(shop.session, program=shop.program, order=order, number=1, reason="void", actor=ANA, now=shop.now)
        with pytest.raises(LineAlreadyRefunded):
            reveal(shop, order)

    @pytest.mark.parametrize("reason", ["", "\t", "x" * 201])
    def test_wants_a_reason(self, shop, order, reason) -> None:
        with pytest.raises(ReasonMissing):
            reveal(shop, order, reason=reason)
