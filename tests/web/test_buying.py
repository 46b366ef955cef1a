"""From a basket to a voucher in hand."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from catalog import Item
from rewards_service.orders.models import Order, OrderLine
from rewards_service.programs.operations import set_offer, set_rate
from tests.support.commerce import open_denomination
from tests.web.browser import Browser, Page
from tests.web.site import Site

PRESSES = 6
MINUTE = timedelta(minutes=1)
AMARA = "amara@okonkwo.example"


def put(browser: Browser, item: Item, face: str = "2500", **typed: str) -> Page:
    """Put an item into the basket and return the basket's page."""
    return browser.send(browser.get(f"/s/demo/items/{item.public_id}"), "/basket/lines", face_value_minor=face, **typed)


def orders(site: Site) -> int:
    """How many orders there are."""
    return site.read(lambda session: session.scalar(select(func.count(Order.id)))) or 0


def twin_of(browser: Browser, site: Site) -> Browser:
    """Another window of the same browser: one more connection that sends the same cookies."""
    twin = site.browser()
    for cookie in browser.client._cookies.values():
        twin.client.set_cookie(cookie.key, cookie.value, domain=cookie.domain, path=cookie.path)
    return twin


@pytest.fixture
def guest(site: Site, item: Item) -> Browser:
    """A guest with two codes of 2,000 and 3,000 points, the second one ending sooner."""
    with site.story() as story:
        codes = [story.code(2_000, days=300), story.code(3_000, days=30)]
    return site.guest(*codes)


class TestBasket:
    def test_is_empty_at_first_and_says_what_to_do(self, site: Site):
        page = site.browser().get("/s/demo/basket")
        assert "Your basket is empty" in page.words

    def test_can_be_filled_before_there_is_value(self, site: Site, item: Item):
        page = put(site.browser(), item)
        assert "Bookworld card" in page.words
        assert "You need €25.00 more" in page.words
        assert "Order for €25.00" in page.words

    def test_adds_the_same_item_up_and_takes_it_out(self, guest: Browser, item: Item):
        put(guest, item)
        page = put(guest, item, quantity="2")
        assert "3 × €25.00" in page.words
        page = guest.send(page, "/basket/lines/remove")
        assert "Your basket is empty" in page.words

    @pytest.mark.parametrize(("face", "other"), [("2600", ""), ("0", ""), ("x", ""), ("other", "26"), ("other", "abc")])
    def test_refuses_an_amount_that_is_not_offered(self, guest: Browser, item: Item, face: str, other: str):
        page = put(guest, item, face=face, other_amount=other)
        assert page.status == 422
        assert "to be had for €10, €25 or €50" in page.words or "not an amount" in page.words

    @pytest.mark.parametrize(("typed", "shown"), [("12,50", "€12.50"), ("1.000", "€1,000"), ("37.5", "€37.50")])
    def test_takes_any_amount_of_an_open_item(self, site: Site, guest: Browser, typed: str, shown: str):
        with site.story() as story:
            item = story.item("Grove", fixed=(), open=open_denomination(500, 200_000))
        assert shown in put(guest, item, face="other", other_amount=typed).words

    def test_of_another_browser_is_another(self, site: Site, guest: Browser, item: Item):
        put(guest, item)
        assert "Your basket is empty" in site.browser().get("/s/demo/basket").words

    def test_takes_nothing_the_shop_does_not_show(self, site: Site, guest: Browser, item: Item):
        page = put(guest, item)
        guest.send(page, "/basket/lines/remove")
        page = guest.get(f"/s/demo/items/{item.public_id}")
        page.form("/basket/lines").fields = [
            (name, "itm_gone" if name == "item_id" else value) for name, value in page.form("/basket/lines").fields
        ]
        assert guest.send(page, "/basket/lines").status == 404


class TestItem:
    def test_that_is_sold_out_in_one_amount_says_so(self, site: Site, guest: Browser, item: Item):
        guest.send(put(guest, item, face="1000"), "/orders")
        site.run_jobs()
        page = guest.get(f"/s/demo/items/{item.public_id}")
        assert "€10 sold out" in page.words
        assert ("face_value_minor", "2500") in page.form("/basket/lines").fields

    def test_that_nobody_shows_does_not_exist(self, site: Site):
        page = site.browser().get("/s/demo/items/itm_unknown")
        assert page.status == 404
        assert "not offered here" in page.words


class TestCheckout:
    def test_pays_with_codes_that_end_soonest_first(self, guest: Browser, item: Item):
        page = put(guest, item, face="5000")
        words = page.words
        assert words.index("3,000 points") < words.index("2,000 points")
        assert "used up" in words

    def test_pays_with_wallet_and_codes_together(self, site: Site, guest: Browser, item: Item):
        with site.story() as story:
            story.wallet((10_000, 200), member=story.member("amara", email=AMARA))
        site.sign_in(guest, AMARA)
        page = put(guest, item, face="5000", quantity="2")
        assert "5,000 points" in page.words
        page = guest.send(page, "/orders")
        assert page.status == 200
        assert "They are being prepared" in page.words or "being prepared" in page.words

    def test_lets_the_payer_choose(self, site: Site, guest: Browser, item: Item):
        put(guest, item, face="1000")
        page = guest.get("/s/demo/basket?chosen=1")
        assert "You need €10.00 more" in page.words

    def test_shows_what_is_missing_and_takes_no_order(self, guest: Browser, item: Item):
        page = put(guest, item, face="5000", quantity="2")
        assert "You need €50.00 more" in page.words
        button = [given for tag, given in page.tags if tag == "button" and "disabled" in given]
        assert button


class TestPlaceOrder:
    def test_makes_one_order_and_empties_the_basket(self, site: Site, guest: Browser, item: Item):
        page = guest.send(put(guest, item), "/orders")
        assert "It is being prepared" in page.words
        assert "Your basket is empty" in guest.get("/s/demo/basket").words
        assert orders(site) == 1

    def test_pressed_twice_is_one_order(self, site: Site, guest: Browser, item: Item):
        basket = put(guest, item)
        first, second = guest.send(basket, "/orders"), guest.send(basket, "/orders")
        assert first.response.request.path == second.response.request.path
        assert orders(site) == 1

    def test_pressed_many_times_at_once_is_one_order(self, site: Site, guest: Browser, item: Item):
        basket, gate = put(guest, item), Barrier(PRESSES)
        twins = [twin_of(guest, site) for _ in range(PRESSES)]

        def press(twin: Browser) -> tuple[int, str]:
            gate.wait()
            page = twin.send(basket, "/orders", follow=False)
            return page.status, page.response.location

        with ThreadPoolExecutor(PRESSES) as pool:
            answers = set(pool.map(press, twins))
        assert len(answers) == 1, answers
        assert {status for status, _ in answers} == {302}
        assert orders(site) == 1

    def test_a_second_form_is_a_second_order(self, site: Site, guest: Browser, item: Item):
        guest.send(put(guest, item), "/orders")
        guest.send(put(guest, item), "/orders")
        assert orders(site) == 2

    def test_is_for_what_its_page_showed(self, site: Site, guest: Browser, item: Item):
        basket = put(guest, item)
        put(guest, item, face="1000")
        page = guest.send(basket, "/orders")
        assert page.status == 409
        assert "Your basket has changed meanwhile" in page.words
        assert orders(site) == 0

    def test_is_for_the_price_its_page_showed(self, site: Site, guest: Browser, item: Item):
        basket = put(guest, item)
        assert "2,500 points" in basket.words
        with site.story() as story:
            set_offer(story.session, program=story.program, item_id=item.id, is_visible=True, margin_bp=5_000)
        page = guest.send(basket, "/orders")
        assert page.status == 409
        assert "Your basket has changed meanwhile" in page.words
        assert "3,750 points" in page.words
        assert orders(site) == 0
        guest.send(page, "/orders")
        assert site.read(lambda session: session.scalars(select(OrderLine.price_units)).all()) == [3_750]

    def test_is_at_the_rate_its_page_showed(self, site: Site, guest: Browser, item: Item):
        basket = put(guest, item)
        with site.story() as story:
            valid_from = story.now + MINUTE
            set_rate(story.session, program=story.program, rate_units=150, rate_minor=100, valid_from=valid_from)
        site.clock.advance(MINUTE)
        assert guest.send(basket, "/orders").status == 409
        assert orders(site) == 0

    def test_with_too_little_value_changes_nothing(self, site: Site, guest: Browser, item: Item):
        basket = put(guest, item, face="5000", quantity="2")
        page = guest.send(basket, "/orders")
        assert page.status == 409
        assert orders(site) == 0
        assert "Bookworld card" in guest.get("/s/demo/basket").words

    def test_pays_with_nothing_the_session_does_not_hold(self, site: Site, guest: Browser, item: Item):
        with site.story() as story:
            foreign = story.wallet((9_000, 90)).public_id
        page = guest.send(put(guest, item), "/orders", pay=[foreign])
        assert page.status == 422
        assert orders(site) == 0

    def test_without_its_one_time_key_is_refused(self, site: Site, guest: Browser, item: Item):
        page = guest.send(put(guest, item), "/orders", form_key="")
        assert page.status == 422
        assert orders(site) == 0

    def test_needs_value_in_hand(self, site: Site, item: Item):
        browser = site.browser()
        assert browser.send(put(browser, item), "/orders").status == 401

    def test_sends_word_to_the_address_a_guest_leaves(self, site: Site, guest: Browser, item: Item):
        page = guest.send(put(guest, item), "/orders", email="guest@somewhere.example")
        assert page.status == 200
        order = site.read(lambda session: session.scalars(select(Order)).one())
        assert order.recipient_email == "guest@somewhere.example"

    @pytest.mark.parametrize("name", ["Z\u200ded Ali", "Amara \u202eOkafor"])
    def test_is_open_to_whoever_has_a_name_of_unusual_signs(self, site: Site, item: Item, name: str):
        with site.story() as story:
            story.wallet((9_000, 90), member=story.member(name, email=AMARA))
        member = site.member(AMARA)
        assert member.send(put(member, item), "/orders").status == 200
        assert orders(site) == 1

    def test_shows_what_is_wrong_with_that_address(self, guest: Browser, item: Item):
        page = guest.send(put(guest, item), "/orders", email="guest")
        assert page.status == 422
        assert "This is not an email address" in page.words


class TestOrder:
    def test_that_is_not_there_yet_shows_no_number(self, site: Site, guest: Browser, item: Item):
        page = guest.send(put(guest, item), "/orders")
        page.forms[0].action, page.forms[0].method = f"{page.response.request.path}/lines/1", "post"
        refused = guest.send(page, "/lines/1")
        assert refused.status == 409
        assert "has not been issued yet" in refused.words

    def test_that_cannot_be_had_gives_everything_back(self, site: Site, guest: Browser, item: Item):
        guest.send(put(guest, item, face="1000"), "/orders")
        page = guest.send(put(guest, item, face="1000"), "/orders")
        site.run_jobs()
        words = guest.get(page.response.request.path).words
        assert "It could not be issued, and nothing was spent" in words
        assert "€40.00" in guest.get("/s/demo/").words

    def test_can_be_taken_back_while_it_is_being_prepared(self, site: Site, guest: Browser, item: Item):
        page = guest.send(put(guest, item), "/orders")
        page = guest.send(page, "/cancel")
        assert "Everything went back" in page.words
        assert site.read(lambda session: session.scalars(select(OrderLine.state)).all()) == ["cancelled"]

    def test_cannot_be_taken_back_once_it_is_here(self, site: Site, guest: Browser, item: Item):
        page = guest.send(put(guest, item), "/orders")
        site.run_jobs()
        refused = guest.send(page, "/cancel")
        assert refused.status == 409
        assert "can no longer be cancelled" in refused.words

    def test_of_somebody_else_does_not_exist(self, site: Site, guest: Browser, item: Item):
        page = guest.send(put(guest, item), "/orders")
        with site.story() as story:
            story.wallet((100, 10), member=story.member("amara", email=AMARA))
            code = story.code(100)
        for stranger in (site.member(AMARA), site.guest(code)):
            assert stranger.get(page.response.request.path).status == 404
        assert site.browser().get(page.response.request.path).status == 401

    def test_is_listed_with_its_state(self, site: Site, guest: Browser, item: Item):
        assert "No orders yet" in guest.get("/s/demo/orders").words
        guest.send(put(guest, item), "/orders")
        site.run_jobs()
        words = guest.get("/s/demo/orders").words
        assert "Bookworld card" in words
        assert "Complete" in words
