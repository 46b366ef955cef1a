"""Orders are placed: value is set aside for every line, or for none."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from rewards_service.kit.jobs.models import Job
from rewards_service.ledger.balances import stored_balances
from rewards_service.ledger.errors import InsufficientValue
from rewards_service.ledger.models import Entry, Hold
from rewards_service.orders.errors import OrderConflict, OrderInvalid
from rewards_service.orders.models import Order, OrderLine
from rewards_service.orders.queries import order_by_reference, order_view
from rewards_service.orders.recipients import OrderRecipient
from rewards_service.orders.requests import PayByWallet, WantedLine
from rewards_service.programs.operations import set_offer
from rewards_service.stock.errors import OutOfStock
from tests.orders.telling import count, problems
from tests.support.commerce import Commerce, open_denomination


class TestPlaceOrder:
    def test_holds_what_the_line_costs_soonest_expiry_first(self, shop, item) -> None:
        wallet = shop.wallet((6000, 60), (1000, 10), (1000, 30))
        placed = shop.order(item, wallet)
        assert shop.lots(wallet.account_id) == [(5500, 500), (0, 1000), (0, 1000)]
        assert stored_balances(shop.session, account_ids=[wallet.account_id]) == {wallet.account_id: 5500}
        order = placed.order
        assert (placed.is_new, order.state, order.total_units, order.unit) == (True, "processing", 2500, "PTS")
        assert [(event.event, event.actor, event.detail) for event in order.timeline] == [
            ("placed", "guest:tests", {"lines": 1})
        ]

    def test_keeps_what_was_agreed(self, shop, item) -> None:
        (line,) = shop.order(item, shop.wallet((6000, 60))).order.lines
        assert (line.number, line.item_id, line.title, line.kind) == (1, item.public_id, "Bookworld card", "gift_card")
        assert (line.face_value_minor, line.currency, line.price_units, line.margin_bp) == (2500, "EUR", 2500, 0)
        assert (line.rate_units, line.rate_minor, line.state) == (100, 100, "held")

    def test_returns_what_is_read_later(self, shop, item) -> None:
        placed = shop.order(item, shop.wallet((2000, 60)), shop.code(9000), quantity=2)
        order = order_by_reference(
            shop.session, organization_id=shop.program.organization_id, reference=placed.order.public_id
        )
        assert order_view(shop.session, order=order) == placed.order

    def test_makes_one_line_and_one_job_of_each_unit(self, shop, item) -> None:
        wallet = shop.wallet((9000, 60))
        order = shop.order(item, wallet, quantity=3).order
        assert [(line.number, line.price_units) for line in order.lines] == [(1, 2500), (2, 2500), (3, 2500)]
        assert count(shop.session, Hold) == 3
        jobs = shop.session.scalars(select(Job.payload).order_by(Job.id)).all()
        assert jobs == [{"order_line_id": line.id} for line in order.lines]

    def test_takes_several_items_at_once(self, shop, item) -> None:
        other = shop.item("Cinema")
        shop.stock(other, face_value_minor=1000)
        lines = [WantedLine(item.public_id, 2500), WantedLine(other.public_id, 1000, 2)]
        order = shop.order(item, shop.wallet((9000, 60)), lines=lines).order
        assert [(line.title, line.price_units) for line in order.lines] == [
            ("Bookworld card", 2500),
            ("Cinema card", 1000),
            ("Cinema card", 1000),
        ]
        assert order.total_units == 4500

    def test_belongs_to_the_member_whose_wallet_pays(self, shop, item) -> None:
        ana = shop.member("ana")
        wallet = shop.wallet((9000, 60), member=ana)
        assert shop.order(item, wallet).order.member_id == ana.id
        assert shop.order(item, wallet, member=ana).order.member_id == ana.id
        assert shop.order(item, shop.code(2500)).order.member_id is None

    def test_writes_nothing_when_it_is_refused(self, shop, item) -> None:
        wallet = shop.wallet((2499, 60))
        before = count(shop.session, Entry)
        with pytest.raises(InsufficientValue), shop.session.begin_nested():
            shop.order(item, wallet)
        assert (count(shop.session, Entry), count(shop.session, Order), count(shop.session, OrderLine)) == (
            before,
            0,
            0,
        )
        assert shop.lots(wallet.account_id) == [(2499, 0)]

    def test_spends_no_value_at_the_instant_it_expires(self, shop, item) -> None:
        wallet = shop.wallet((2500, 1))
        with pytest.raises(InsufficientValue), shop.session.begin_nested():
            shop.order(item, wallet, now=shop.now + timedelta(days=1))
        assert shop.order(item, wallet, now=shop.now + timedelta(days=1, microseconds=-1)).is_new


class TestPrice:
    def test_is_the_face_value_at_the_rate_in_force_rounded_up(self, shop) -> None:
        item = shop.item("Open", fixed=(), open=open_denomination())
        shop.stock(item, face_value_minor=999)
        shop.rate(125, 100)
        assert shop.order(item, shop.wallet((2000, 60)), face_value_minor=999).order.total_units == 1249

    @pytest.mark.parametrize(("program_bp", "offer_bp", "price"), [(500, None, 2625), (500, 0, 2500), (0, 1000, 2750)])
    def test_has_the_margin_of_the_offer_else_of_the_program(self, shop, item, program_bp, offer_bp, price) -> None:
        shop.program.default_margin_bp = program_bp
        set_offer(shop.session, program=shop.program, item_id=item.id, is_visible=True, margin_bp=offer_bp)
        assert shop.order(item, shop.wallet((9000, 60))).order.total_units == price


class TestLines:
    def test_name_every_one_that_cannot_be_had(self, shop, item, other_program) -> None:
        hidden, foreign = shop.item("Hidden"), shop.item("Dollars", currency="USD")
        withdrawn = shop.item("Gone", state="unavailable")
        set_offer(shop.session, program=shop.program, item_id=hidden.id, is_visible=False, margin_bp=None)
        wanted = ("itm_unknown", hidden.public_id, foreign.public_id, withdrawn.public_id, "'; drop", item.public_id)
        lines = [WantedLine(public_id, 2500) for public_id in wanted]
        lines += [WantedLine(item.public_id, 3000), WantedLine(item.public_id, 2500, details={"colour": "red"})]
        with pytest.raises(OrderInvalid) as refusal:
            shop.order(item, shop.wallet((9, 9)), lines=lines)
        assert problems(refusal) == [
            ("/lines/0/item_id", "item_not_found"),
            ("/lines/1/item_id", "item_not_found"),
            ("/lines/2/item_id", "item_not_found"),
            ("/lines/3/item_id", "item_not_available"),
            ("/lines/4/item_id", "item_not_found"),
            ("/lines/6/face_value_minor", "face_value_not_offered"),
            ("/lines/7/details/colour", "details_refused"),
        ]

    def test_show_only_what_is_offered_where_the_program_lists_its_items(self, shop, item) -> None:
        shop.program.catalog_mode = "listed"
        wallet = shop.wallet((9000, 60))
        with pytest.raises(OrderInvalid), shop.session.begin_nested():
            shop.order(item, wallet)
        set_offer(shop.session, program=shop.program, item_id=item.id, is_visible=True, margin_bp=None)
        assert shop.order(item, wallet).is_new

    def test_refuse_a_price_beyond_the_books(self, shop) -> None:
        item = shop.item("Open", fixed=(), open=open_denomination(1, 10**12))
        shop.rate(10**9, 1)
        with pytest.raises(OrderInvalid) as refusal:
            shop.order(item, shop.wallet((9, 9)), face_value_minor=10**12)
        assert problems(refusal) == [("/lines/0/face_value_minor", "price_too_large")]

    def test_are_out_of_stock_when_fewer_are_left_than_wanted(self, shop) -> None:
        item = shop.item("Rare")
        shop.stock(item, vouchers=3)
        wallet = shop.wallet((90_000, 60))
        lines = [WantedLine(item.public_id, 2500, 2), WantedLine(item.public_id, 2500, 2)]
        with pytest.raises(OutOfStock) as refusal, shop.session.begin_nested():
            shop.order(item, wallet, lines=lines)
        assert problems(refusal) == [("/lines/0/quantity", "out_of_stock"), ("/lines/1/quantity", "out_of_stock")]
        assert shop.order(item, wallet, quantity=3).is_new


class TestExternalId:
    def test_means_the_same_order_with_the_same_content(self, shop, item) -> None:
        code = shop.code(2500)
        first = shop.order(item, code, external_id="WEB-1")
        again = shop.order(item, code.lower(), external_id="WEB-1")
        assert (again.is_new, again.order) == (False, first.order)
        assert count(shop.session, Order) == 1

    def test_is_found_again_after_the_value_is_spent_and_the_item_gone(self, shop, item) -> None:
        code = shop.code(2500)
        first = shop.order(item, code, external_id="WEB-1")
        shop.fulfil()
        set_offer(shop.session, program=shop.program, item_id=item.id, is_visible=False, margin_bp=None)
        again = shop.order(item, code, external_id="WEB-1")
        assert (again.is_new, again.order.public_id, again.order.state) == (False, first.order.public_id, "complete")

    def test_refuses_other_content(self, shop, item) -> None:
        wallet = shop.wallet((90_000, 60))
        shop.order(item, wallet, external_id="WEB-1")
        for change in (
            {"quantity": 2},
            {"face_value_minor": 5000},
            {"recipient": OrderRecipient(email="b@example.com")},
        ):
            with pytest.raises(OrderConflict):
                shop.order(item, wallet, external_id="WEB-1", **change)
        with pytest.raises(OrderConflict):
            shop.order(item, PayByWallet(wallet.public_id, 2500), external_id="WEB-1")

    def test_is_the_programs_own(self, shop, item, other_program) -> None:
        other = Commerce(shop.session, other_program, shop.vault, shop.now)
        other.stock(item)
        mine = shop.order(item, shop.code(2500), external_id="WEB-1")
        theirs = other.order(item, other.code(2500), external_id="WEB-1")
        assert mine.is_new
        assert theirs.is_new


class TestRecipient:
    def test_is_kept_in_one_spelling(self, shop, item) -> None:
        recipient = OrderRecipient("Ana", "Ana@Example.com", "+49 1511 2345678", "de")
        order = shop.order(item, shop.wallet((9000, 60)), recipient=recipient).order
        kept = (order.recipient_name, order.recipient_email, order.recipient_phone)
        assert kept == ("Ana", "ana@example.com", "+4915112345678")
