"""Staff come in to the console, are led to where they wanted to go, and go."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select

from rewards_service.identity.policy import Role
from rewards_service.kit.audit.models import AuditEvent
from tests.web.browser import Browser
from tests.web.site import PASSWORD, Site


@pytest.fixture
def owner(site: Site) -> Browser:
    """A browser of the owner."""
    return site.worker(Role.OWNER)


class TestSignIn:
    def test_leads_to_the_page_that_was_asked_for(self, site: Site):
        email, browser = site.hire(Role.OWNER), site.browser()
        asked = browser.raw("/console/jobs?state=done")
        assert (asked.status_code, asked.location) == (303, "/console/sign-in?next=/console/jobs?state%3Ddone")
        page = browser.get("/console/jobs?state=done")
        page = browser.send(page, "/console/sign-in", email=email, password=PASSWORD)
        assert page.response.request.full_path == "/console/jobs?state=done"
        assert site.read(lambda session: session.scalars(select(AuditEvent.action)).all()) == ["staff.signed_in"]

    @pytest.mark.parametrize(
        "target",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example/",
            "/%2f%2fevil.example/",
            "/%09/evil.example",
            "\t//evil.example",
            "javascript:alert(1)",
            "http:evil.example",
            "/console/sign-out",
            "/console/..//evil.example",
            "@evil.example",
        ],
    )
    def test_leads_nowhere_but_to_pages_of_ours(self, site: Site, target: str):
        email, browser = site.hire(Role.OWNER), site.browser()
        page = browser.get(f"/console/sign-in?next={quote(target, safe='')}")
        page = browser.send(page, "/console/sign-in", follow=False, email=email, password=PASSWORD)
        assert page.response.location == "/console/"
        assert browser.raw(f"/console/sign-in?next={quote(target, safe='')}").location == "/console/"

    def test_is_asked_for_again_when_a_form_comes_too_late(self, site: Site, owner: Browser):
        page = owner.get("/console/")
        owner.send(page, "/console/sign-out")
        late = owner.raw("/console/jobs/1/retry", method="POST")
        assert late.status_code in {401, 419}

    @pytest.mark.parametrize(
        ("email", "password"),
        [("owner@demo.example", "wrong password 1"), ("x@y.example", PASSWORD), ("x", "no such password")],
    )
    def test_does_not_say_what_was_wrong(self, site: Site, email: str, password: str):
        site.hire(Role.OWNER)
        browser = site.browser()
        page = browser.send(browser.get("/console/sign-in"), "/console/sign-in", email=email, password=password)
        assert page.status == 401
        assert "Email and password do not match" in page.words
        assert password not in page.html

    def test_asks_to_wait_after_five_wrong_passwords(self, site: Site):
        email, browser = site.hire(Role.OWNER), site.browser()
        for _ in range(5):
            browser.send(browser.get("/console/sign-in"), "/console/sign-in", email=email, password="wrong one")
        page = browser.send(browser.get("/console/sign-in"), "/console/sign-in", email=email, password=PASSWORD)
        assert page.status == 429
        site.clock.advance(timedelta(minutes=2))
        page = browser.send(browser.get("/console/sign-in"), "/console/sign-in", email=email, password=PASSWORD)
        assert "Hello Owner" in page.words

    def test_ends_after_fifteen_idle_minutes_and_by_a_button(self, site: Site, owner: Browser):
        page = owner.get("/console/")
        owner.send(page, "/console/sign-out")
        assert owner.raw("/console/").location == "/console/sign-in?next=/console/"
        again = site.worker(Role.FINANCE)
        site.clock.advance(timedelta(minutes=15))
        assert again.raw("/console/").location == "/console/sign-in?next=/console/"
