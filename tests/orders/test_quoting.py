"""What an order would cost, without placing it."""

import pytest

from rewards_service.kit.database import read_session
from rewards_service.orders.errors import OrderInvalid
from rewards_service.orders.quoting import quote_order
from rewards_service.orders.requests import PayByCode, PayByWallet, WantedLine
from tests.support.commerce import as_tender, open_denomination


@pytest.fixture
def item(shop):
    """An item in stock."""
    item = shop.item()
    shop.stock(item)
    return item


def quote(shop, *lines, tenders=(), session=None):
    return quote_order(
        session or shop.session,
        program=shop.program,
        lines=lines,
        tenders=[as_tender(tender) for tender in tenders],
        vault=shop.vault,
        now=shop.now,
    )


class TestQuoteOrder:
    def test_says_the_price_in_points_without_tenders(self, shop, item) -> None:
        quoted = quote(shop, WantedLine(item.public_id, 2500, 2))
        assert (quoted.unit, quoted.total_units, quoted.missing_units) == ("PTS", 5000, 5000)
        (line,) = quoted.lines
        assert (line.price_units, line.total_units, line.quantity, line.is_rounded) == (2500, 5000, 2, False)
        assert not quoted.is_covered

    def test_says_where_a_price_was_rounded(self, shop) -> None:
        item = shop.item("Open", fixed=(), open=open_denomination())
        shop.stock(item, face_value_minor=999)
        shop.rate(125, 100)
        quoted = quote(shop, WantedLine(item.public_id, 999))
        assert (quoted.lines[0].price_units, quoted.lines[0].is_rounded) == (1249, True)
        assert (quoted.rate_units, quoted.rate_minor) == (125, 100)

    def test_says_who_pays_and_what_each_has_left(self, shop, item) -> None:
        wallet, code = shop.wallet((9000, 60)), shop.code(700, days=5)
        quoted = quote(shop, WantedLine(item.public_id, 2500), tenders=[wallet, code])
        shown = [(tender.last4, tender.used_units, tender.left_units) for tender in quoted.tenders]
        assert shown == [(code[-4:], 700, 0), ("", 1800, 7200)]
        assert (quoted.total_units, quoted.is_covered) == (2500, True)

    def test_counts_what_a_tender_keeps_to_itself_as_left(self, shop, item) -> None:
        wallet = shop.wallet((9000, 60))
        quoted = quote(shop, WantedLine(item.public_id, 2500), tenders=[PayByWallet(wallet.public_id, 1000)])
        assert (quoted.tenders[0].used_units, quoted.tenders[0].left_units, quoted.missing_units) == (1000, 8000, 1500)

    def test_counts_in_the_one_unit_of_the_tenders(self, shop, item) -> None:
        code = shop.code(2000, unit=shop.program.promise_unit)
        quoted = quote(shop, WantedLine(item.public_id, 2500), tenders=[code])
        assert (quoted.unit, quoted.total_units, quoted.missing_units) == ("EUR", 2500, 500)

    def test_counts_in_points_where_units_are_mixed(self, shop, item) -> None:
        tenders = [shop.code(500, unit=shop.program.promise_unit), shop.wallet((9000, 600))]
        quoted = quote(shop, WantedLine(item.public_id, 2500), tenders=tenders)
        assert (quoted.unit, quoted.total_units) == ("PTS", 2500)

    def test_agrees_with_the_order_that_follows(self, shop, item) -> None:
        shop.rate(125, 100)
        shop.program.default_margin_bp = 333
        tenders = [shop.wallet((9000, 60)), shop.code(701, days=5), shop.code(33, days=5)]
        quoted = quote(shop, WantedLine(item.public_id, 2500, 2), tenders=tenders)
        order = shop.order(item, *tenders, quantity=2).order
        assert quoted.total_units == order.total_units
        assert [(t.reference, t.used_units) for t in quoted.tenders] == [(t.reference, t.units) for t in order.tenders]

    def test_needs_no_right_to_write(self, shop, item) -> None:
        tenders = [as_tender(shop.wallet((9000, 60))), PayByCode(shop.code(701))]
        shop.session.commit()
        with read_session() as reading:
            assert quote(shop, WantedLine(item.public_id, 2500), tenders=tenders, session=reading).is_covered

    def test_refuses_what_could_not_be_ordered(self, shop, item) -> None:
        with pytest.raises(OrderInvalid):
            quote(shop, WantedLine(item.public_id, 3000))
