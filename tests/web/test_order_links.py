"""The link of the message to the address that a guest left: back to one order, and to nothing else."""

from datetime import timedelta

import pytest

from catalog import Item
from rewards_service.identity.policy import Role
from tests.web.browser import Browser
from tests.web.site import Site
from tests.web.test_buying import AMARA, put
from tests.web.test_revealing import NUMBER


@pytest.fixture
def guest(site: Site, item: Item) -> Browser:
    """A guest with a code of 5,000 points."""
    with site.story() as story:
        code = story.code(5_000)
    return site.guest(code)


class TestOrderLink:
    def link(self, site: Site, guest: Browser, item: Item) -> str:
        """Order something as a guest, and return the path of the link that comes by mail."""
        guest.send(put(guest, item), "/orders", email="guest@somewhere.example")
        site.run_jobs()
        owner = site.worker(Role.OWNER)
        opened = owner.send(owner.get(owner.get("/console/messages").links["Order is ready"]), "/open")
        return opened.links["Follow its link"].removeprefix("http://localhost")

    def test_lets_the_guest_back_in_when_the_codes_are_used_up(self, site: Site, guest: Browser, item: Item):
        link, later = self.link(site, guest, item), site.browser()
        page = later.get(link)
        assert not NUMBER.search(page.html)
        page = later.send(page, "/o/")
        assert "Your reward is here" in page.words
        assert NUMBER.search(later.send(page, "/lines/1").words)
        assert "Bookworld card" in later.get("/s/demo/orders").words

    def test_gives_no_value_and_no_other_order(self, site: Site, guest: Browser, item: Item):
        link, later = self.link(site, guest, item), site.browser()
        page = guest.send(put(guest, item, face="1000"), "/orders")
        later.send(later.get(link), "/o/")
        assert later.get(page.response.request.path).status == 404
        assert "Order for" not in later.get("/s/demo/basket").words
        assert "€0.00" in later.get("/s/demo/catalog").words

    def test_closes_after_a_day_or_when_asked_to(self, site: Site, guest: Browser, item: Item):
        link, later = self.link(site, guest, item), site.browser()
        page = later.send(later.get(link), "/o/")
        later.send(page, "/sign-out")
        assert later.get(page.response.request.path).status == 401
        later.send(later.get(link), "/o/")
        site.clock.advance(timedelta(hours=24))
        assert later.get(page.response.request.path).status == 401

    @pytest.mark.parametrize("token", ["forged", "a.b", "x" * 5000])
    def test_of_our_own_making_alone_is_believed(self, site: Site, token: str):
        assert site.browser().get(f"/s/demo/o/{token}").status == 400

    def test_to_a_members_order_asks_the_member_to_sign_in(self, site: Site, item: Item):
        with site.story() as story:
            story.wallet((9_000, 90), member=story.member("amara", email=AMARA))
        link = self.link(site, site.member(AMARA), item)
        page = site.browser().get(link)
        assert page.status == 401
        assert page.links["Sign in"].startswith("/s/demo/sign-in?next=/s/demo/orders/ord_")
