"""Baskets of members who are merged at that very moment, and a basket in two windows."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import Item
from rewards_service.identity.models import Member
from rewards_service.kit.actor import SYSTEM
from rewards_service.orders.models import Order
from rewards_service.orders.operations import merge_members_with_baskets, put_in_basket
from rewards_service.orders.policy import member_basket_key
from rewards_service.orders.requests import WantedLine
from rewards_service.programs.models import Program
from rewards_service.web.shop.views import checkout
from tests.support.turns import before_its_commit
from tests.web.browser import Browser, Page
from tests.web.site import Site

KEPT, MERGED = "amara@okonkwo.example", "amara@elsewhere.example"


@pytest.fixture
def browser(site: Site) -> Browser:
    """A browser of a member with value, who is another member too."""
    with site.story() as story:
        story.member("amara", email=KEPT)
        story.wallet((9_000, 30), member=story.member("amara", email=MERGED))
    return site.member(MERGED)


def merge(site: Site, session: Session) -> None:
    """Let the one stand for the other."""
    kept, merged = (session.get_one(Member, site.member_row(email).id) for email in (KEPT, MERGED))
    program = session.get_one(Program, kept.program_id)
    given = {"reason": "one person", "actor": SYSTEM, "now": site.clock.now()}
    merge_members_with_baskets(session, program=program, kept=kept, merged=merged, **given)


def put(browser: Browser, item: Item) -> Page:
    return browser.send(browser.get(f"/s/demo/items/{item.public_id}"), "/basket/lines", face_value_minor="2500")


def order_owners(site: Site) -> list[int | None]:
    """Whose the orders are."""
    return list(site.read(lambda session: session.scalars(select(Order.member_id)).all()))


def first(step: Callable[[], Any], then: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``then`` with something that happens before it."""

    def both(*given: Any, **named: Any) -> Any:
        step()
        return then(*given, **named)

    return both


class TestWhileMembersAreMerged:
    def test_what_is_put_in_by_who_was_somebody_else_a_moment_ago_is_in_the_one_basket(
        self, site: Site, browser: Browser, item: Item, monkeypatch: pytest.MonkeyPatch
    ):
        def merge_now() -> None:
            with site.story() as story:
                merge(site, story.session)

        monkeypatch.setattr(checkout, "require_offered", first(merge_now, checkout.require_offered))
        assert "Bookworld card" in put(browser, item).words

    def test_what_is_taken_out_then_is_out_of_the_one_basket(
        self, site: Site, browser: Browser, item: Item, monkeypatch: pytest.MonkeyPatch
    ):
        def merge_now() -> None:
            with site.story() as story:
                merge(site, story.session)

        page = put(browser, item)
        monkeypatch.setattr(checkout, "read_form", first(merge_now, checkout.read_form))
        assert "Your basket is empty" in browser.send(page, "/basket/lines/remove").words

    def test_what_is_ordered_is_in_no_basket_any_more(self, site: Site, browser: Browser, item: Item):
        page = put(browser, item)
        with before_its_commit(site.app, lambda: browser.send(page, "/orders")) as session:
            merge(site, session)
        assert "Your basket is empty" in browser.get("/s/demo/basket").words
        assert order_owners(site) == [site.member_row(KEPT).id]


class TestInTwoWindows:
    def test_what_is_put_in_as_it_is_ordered_is_asked_about_first(self, site: Site, browser: Browser, item: Item):
        page, key = put(browser, item), member_basket_key(site.member_row(MERGED).public_id)
        with before_its_commit(site.app, lambda: browser.send(page, "/orders")) as session:
            program, line = session.scalars(select(Program)).one(), WantedLine(item.public_id, 5000)
            put_in_basket(session, program=program, holder_key=key, line=line, now=site.clock.now())
        assert order_owners(site) == []
        assert "Order for €75.00" in browser.get("/s/demo/basket").words
