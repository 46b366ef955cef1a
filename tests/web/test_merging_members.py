"""Staff merge two members who are one person; the shop knows the person by both addresses."""

import pytest

from catalog import Item
from rewards_service.identity.policy import Role
from rewards_service.orders.operations import put_in_basket
from rewards_service.orders.policy import member_basket_key
from rewards_service.orders.requests import WantedLine
from tests.web.browser import Browser, Page
from tests.web.site import Site

AMARA, OTHER = "amara@okonkwo.example", "amara@elsewhere.example"


@pytest.fixture
def owner(site: Site) -> Browser:
    """A browser of the owner."""
    return site.worker(Role.OWNER)


@pytest.fixture
def path(site: Site) -> str:
    """Where the console shows Amara, who is registered twice and has value both times."""
    with site.story() as story:
        for units, email in ((2_000, AMARA), (3_000, OTHER)):
            story.wallet((units, 30), member=story.member("amara", email=email))
    return f"/console/members/{site.member_row(AMARA).public_id}"


def merge(browser: Browser, path: str, *, other: str, reason: str = "she called us") -> Page:
    return browser.send(browser.get(path), f"{path}/merge", other=other, reason=reason)


class TestMergeMembers:
    def test_makes_one_balance_and_tells_both_timelines(self, site: Site, owner: Browser, path: str):
        page = merge(owner, path, other=OTHER)
        assert "They are one member now" in page.words
        assert "€50.00" in page.words or "5,000" in page.words
        assert "Stands for another member too" in page.words
        assert "she called us" in page.words
        other = owner.get(f"/console/members/{site.member_row(OTHER).public_id}")
        assert "Merged into another member" in other.words
        assert "Merge them" not in other.words

    @pytest.mark.parametrize("email", [AMARA, OTHER])
    def test_lets_the_person_in_by_either_address(self, site: Site, owner: Browser, path: str, email: str):
        merge(owner, path, other=OTHER)
        page = site.member(email).get("/s/demo/wallet")
        assert "5,000" in page.words
        assert "Two wallets of yours became one" in page.words

    def test_leaves_whoever_is_signed_in_where_the_value_is(self, site: Site, owner: Browser, path: str, item: Item):
        browser = site.member(OTHER)
        page = browser.get(f"/s/demo/items/{item.public_id}")
        before = browser.send(browser.send(page, "/basket/lines", face_value_minor="2500"), "/orders")
        merge(owner, path, other=OTHER)
        assert browser.get(before.response.request.path).status == 200
        assert "2,500" in browser.get("/s/demo/wallet").words

    def test_leaves_what_the_other_meant_to_order_in_the_basket(
        self, site: Site, owner: Browser, path: str, item: Item
    ):
        browser = site.member(OTHER)
        browser.send(browser.get(f"/s/demo/items/{item.public_id}"), "/basket/lines", face_value_minor="2500")
        merge(owner, path, other=OTHER)
        assert item.title in browser.get("/s/demo/basket").words
        assert item.title in site.member(AMARA).get("/s/demo/basket").words

    def test_says_how_much_of_the_baskets_one_order_does_not_take(
        self, site: Site, owner: Browser, path: str, item: Item
    ):
        with site.story() as story:
            for email in (AMARA, OTHER):
                key, line = member_basket_key(site.member_row(email).public_id), WantedLine(item.public_id, 2500, 60)
                put_in_basket(story.session, program=story.program, holder_key=key, line=line, now=story.now)
        page = merge(owner, path, other=OTHER)
        assert "20 rewards were left out of the basket: one order has at most 100." in page.words
        assert "Part of a basket was left out" in page.words

    @pytest.mark.parametrize("other", [AMARA, "nobody@okonkwo.example"])
    def test_refuses_the_same_one_and_nobody_and_keeps_what_was_typed(self, owner: Browser, path: str, other: str):
        page = merge(owner, path, other=other)
        assert page.status in {404, 409}
        assert other in page.html

    def test_needs_a_reason_and_the_right_to_it(self, site: Site, owner: Browser, path: str):
        assert merge(owner, path, other=OTHER, reason="").status == 422
        assert "Merge them" not in site.worker(Role.SUPPORT_AGENT).get(path).words
