"""Whose address counts when there are proxies in front: what they wrote, never what a caller made up."""

import pytest
from sqlalchemy import select

from rewards_service.kit.throttle import Scope
from rewards_service.kit.throttle.models import ThrottleFailure
from tests.web.conftest import SiteMaker
from tests.web.site import Site
from tests.web.test_entering import unknown_code

PROXY = "192.0.2.80"
VISITOR = "198.51.100.7"
MADE_UP = "203.0.113.9"


def counted_address(site: Site, forwarded: str) -> str:
    """Guess a code with an ``X-Forwarded-For`` of that content, and return whose guess it was."""
    with site.story():
        pass
    browser = site.browser(address=PROXY)
    token = dict(browser.get("/s/demo/").form("/codes").fields)["csrf_token"]
    browser.raw(
        "/s/demo/codes",
        method="POST",
        data={"text": unknown_code(), "csrf_token": token},
        headers={"X-Forwarded-For": forwarded, "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    )
    counted = select(ThrottleFailure.key).where(ThrottleFailure.scope == Scope.ADDRESS)
    return site.read(lambda session: session.scalars(counted).one())


class TestTheAddressThatCounts:
    @pytest.mark.parametrize("forwarded", [MADE_UP, f"{MADE_UP}, {VISITOR}"])
    def test_is_the_connections_own_where_no_proxy_is_named(self, make_site: SiteMaker, forwarded: str):
        assert counted_address(make_site(), forwarded) == PROXY

    @pytest.mark.parametrize("forwarded", [VISITOR, f"{MADE_UP}, {VISITOR}", f"{VISITOR}, {MADE_UP}, {VISITOR}"])
    def test_is_the_one_that_the_only_proxy_wrote(self, make_site: SiteMaker, forwarded: str):
        assert counted_address(make_site(trusted_proxies=1), forwarded) == VISITOR

    def test_is_the_one_before_the_last_behind_two(self, make_site: SiteMaker):
        site = make_site(trusted_proxies=2)
        assert counted_address(site, f"{MADE_UP}, {VISITOR}, 10.0.0.1") == VISITOR

    def test_is_the_connections_own_where_fewer_hops_are_told_than_proxies_named(self, make_site: SiteMaker):
        assert counted_address(make_site(trusted_proxies=2), MADE_UP) == PROXY
