"""What the page of an opened voucher holds for the till."""

import re

import pytest
from sqlalchemy import select

from catalog import Item
from rewards_service.kit.audit.models import AuditEvent
from rewards_service.kit.qr import qr_svg
from tests.web.browser import Browser, Page
from tests.web.site import Site

NUMBER = re.compile(r"6035-\d{8}")


@pytest.fixture
def guest(site: Site) -> Browser:
    """A guest with a code of 3,000 points."""
    with site.story() as story:
        code = story.code(3_000)
    return site.guest(code)


def ordered(browser: Browser, item: Item) -> Page:
    """Order one voucher of 25 euros and return the page of the order."""
    page = browser.get(f"/s/demo/items/{item.public_id}")
    return browser.send(browser.send(page, "/basket/lines", face_value_minor="2500"), "/orders")


class TestReveal:
    def test_hides_the_number_until_it_is_asked_for(self, site: Site, guest: Browser, item: Item):
        page = ordered(guest, item)
        site.run_jobs()
        page = guest.get(page.response.request.path)
        assert "Your reward is here" in page.words
        assert not NUMBER.search(page.html)
        shown = guest.send(page, "/lines/1")
        assert NUMBER.search(shown.words)
        assert "4711" in shown.words
        assert "<svg" in shown.html
        assert not NUMBER.search(guest.get(page.response.request.path).html)

    def test_shown_number_never_leaves_by_referrer_or_cache(self, site: Site, guest: Browser, item: Item):
        page = ordered(guest, item)
        site.run_jobs()
        shown = guest.send(guest.get(page.response.request.path), "/lines/1")
        assert shown.response.headers["Referrer-Policy"] == "no-referrer"
        assert shown.response.headers["Cache-Control"] == "no-store"

    def test_notes_that_the_number_was_shown(self, site: Site, guest: Browser, item: Item):
        page = ordered(guest, item)
        site.run_jobs()
        shown = guest.send(guest.get(page.response.request.path), "/lines/1")
        assert "Number shown" in shown.words
        actions = site.read(lambda session: session.scalars(select(AuditEvent.action)).all())
        assert "order_line.revealed" in actions

    @pytest.mark.parametrize("barcode_type", ["none", "qr", "code128"])
    def test_shows_a_qr_code_of_the_number_whatever_barcode_it_has(self, site: Site, barcode_type: str):
        with site.story() as story:
            item, code = story.item("Bookworld", barcode_type=barcode_type), story.code(3_000)
            story.stock(item)
        guest = site.guest(code)
        page = ordered(guest, item)
        site.run_jobs()
        shown = guest.send(guest.get(page.response.request.path), "/lines/1")
        (number,) = set(NUMBER.findall(shown.words))
        assert re.search(' d="([^"]+)"', qr_svg(number))[1] in shown.html
