"""Signing in by a message that works once, in the browser that asked for it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from rewards_service.delivery.models import Message
from rewards_service.identity.models import LoginRequest, Member, SignInSession
from rewards_service.kit.actor import SYSTEM
from rewards_service.wallets.operations import AwardTerms, Recipient, award_value
from tests.web.browser import Browser, Page
from tests.web.site import Site

AMARA = "amara@okonkwo.example"
BROWSERS = 3


@pytest.fixture
def amara(site: Site) -> str:
    """The address of a member with 1,000 points."""
    with site.story() as story:
        story.wallet((1_000, 100), member=story.member("amara", email=AMARA))
    return AMARA


class TestFirstSignIn:
    def test_of_one_address_in_several_browsers_at_once_is_of_one_member(self, site: Site):
        new, gate, pages = "new@okonkwo.example", Barrier(BROWSERS), []
        for browser in [site.browser() for _ in range(BROWSERS)]:
            sent = browser.send(browser.get("/s/demo/sign-in"), "/sign-in", address=new)
            pages.append((browser, sent, site.login(new).code))

        def come_in(browser: Browser, sent: Page, code: str) -> int:
            gate.wait()
            return browser.send(sent, "/sign-in/sent", follow=False, code=code).status

        with ThreadPoolExecutor(BROWSERS) as pool:
            assert list(pool.map(lambda each: come_in(*each), pages)) == [302] * BROWSERS
        assert len(site.read(lambda session: session.scalars(select(Member.id)).all())) == 1


class TestSendLogin:
    def test_files_a_message_without_a_secret_in_it(self, site: Site, amara: str):
        browser = site.browser()
        page = browser.send(browser.get("/s/demo/sign-in"), "/sign-in", address=f" {amara.upper()} ")
        assert "Look into your mail" in page.words
        message = site.read(lambda session: session.scalars(select(Message)).one())
        secrets = site.login(amara)
        assert (message.recipient, message.kind) == (amara, "sign_in")
        assert secrets.code not in str(message.context)
        assert secrets.link_token not in str(message.context)

    def test_answers_alike_whether_the_address_is_known(self, site: Site, amara: str):
        answers = [
            browser.send(browser.get("/s/demo/sign-in"), "/sign-in", address=email)
            for browser, email in ((site.browser(), amara), (site.browser(), "nobody@okonkwo.example"))
        ]
        assert answers[0].words == answers[1].words
        assert answers[0].status == answers[1].status

    def test_shows_what_is_wrong_with_an_address(self, site: Site):
        browser = site.browser()
        page = browser.send(browser.get("/s/demo/sign-in"), "/sign-in", address="amara")
        assert page.status == 422
        assert "This is not an email address" in page.words
        assert ("address", "amara") in page.form("/sign-in").fields

    def test_writes_at_most_three_times_in_ten_minutes_to_one_address(self, site: Site, amara: str):
        statuses = []
        for number in range(4):
            browser = site.browser(address=f"192.0.2.{number + 20}")
            statuses.append(browser.send(browser.get("/s/demo/sign-in"), "/sign-in", address=amara).status)
        assert statuses == [200, 200, 200, 429]


class TestLoginLink:
    def test_opening_it_uses_nothing_up_however_often(self, site: Site, amara: str):
        asking, scanner = site.browser(), site.browser()
        asking.send(asking.get("/s/demo/sign-in"), "/sign-in", address=amara)
        link = f"/s/demo/sign-in/{site.login(amara).link_token}"
        for browser in (scanner, asking, scanner, asking):
            assert browser.get(link).status == 200
        assert site.read(lambda session: session.scalars(select(LoginRequest)).one()).used_at is None

    def test_is_one_press_in_the_browser_that_asked(self, site: Site, amara: str):
        browser = site.browser()
        browser.send(browser.get("/s/demo/sign-in"), "/sign-in", address=amara)
        page = browser.get(f"/s/demo/sign-in/{site.login(amara).link_token}")
        page = browser.send(page, "/sign-in/lgn_")
        assert "Hello Amara" in page.words
        assert "€10.00" in page.words

    def test_shows_the_code_to_type_in_any_other_browser(self, site: Site, amara: str):
        asking, other = site.browser(), site.browser()
        sent = asking.send(asking.get("/s/demo/sign-in"), "/sign-in", address=amara)
        secrets = site.login(amara)
        page = other.get(f"/s/demo/sign-in/{secrets.link_token}")
        assert f"{secrets.code[:4]} {secrets.code[4:]}" in page.words
        assert not any("/sign-in/lgn_" in form.action for form in page.forms)
        assert "Hello Amara" in asking.send(sent, "/sign-in/sent", code=secrets.code.lower()).words

    def test_pressed_elsewhere_is_refused_and_stays_usable(self, site: Site, amara: str):
        asking, other = site.browser(), site.browser()
        sent = asking.send(asking.get("/s/demo/sign-in"), "/sign-in", address=amara)
        secrets = site.login(amara)
        elsewhere = other.get("/s/demo/sign-in")
        elsewhere.form("/sign-in").action = f"/s/demo/sign-in/{secrets.link_token}"
        page = other.send(elsewhere, "/sign-in/lgn_")
        assert page.status == 403
        assert "belongs to another browser" in page.words
        assert "Hello Amara" in asking.send(sent, "/sign-in/sent", code=secrets.code).words

    def test_works_once(self, site: Site, amara: str):
        browser = site.browser()
        sent = browser.send(browser.get("/s/demo/sign-in"), "/sign-in", address=amara)
        secrets = site.login(amara)
        browser.send(sent, "/sign-in/sent", code=secrets.code)
        again = browser.get(f"/s/demo/sign-in/{secrets.link_token}")
        assert again.status == 410
        assert "no longer works" in again.words

    def test_is_over_after_ten_minutes(self, site: Site, amara: str):
        browser = site.browser()
        sent = browser.send(browser.get("/s/demo/sign-in"), "/sign-in", address=amara)
        secrets = site.login(amara)
        site.clock.advance(timedelta(minutes=10))
        assert browser.get(f"/s/demo/sign-in/{secrets.link_token}").status == 410
        assert browser.send(sent, "/sign-in/sent", code=secrets.code).status == 410

    @pytest.mark.parametrize("token", ["lgn_x", "lgn_x.y", "nothing", "%00"])
    def test_of_our_own_making_alone_is_believed(self, site: Site, token: str):
        assert site.browser().get(f"/s/demo/sign-in/{token}").status in {404, 410}


class TestEnterLoginCode:
    def test_five_wrong_codes_end_the_message(self, site: Site, amara: str):
        browser = site.browser()
        sent = browser.send(browser.get("/s/demo/sign-in"), "/sign-in", address=amara)
        for _ in range(5):
            page = browser.send(sent, "/sign-in/sent", code="00000000")
            assert (page.status, "not the code from the message" in page.words) == (422, True)
        site.clock.advance(timedelta(minutes=2))
        assert browser.send(sent, "/sign-in/sent", code=site.login(amara).code).status == 410

    def test_of_another_browsers_message_is_worth_nothing(self, site: Site, amara: str):
        asking, other = site.browser(), site.browser()
        asking.send(asking.get("/s/demo/sign-in"), "/sign-in", address=amara)
        page = other.send(other.get("/s/demo/sign-in/sent"), "/sign-in/sent", code=site.login(amara).code)
        assert page.status == 410

    def test_either_of_two_messages_of_one_browser_works(self, site: Site, amara: str):
        browser = site.browser()
        browser.send(browser.get("/s/demo/sign-in"), "/sign-in", address=amara)
        first = site.login(amara)
        sent = browser.send(browser.get("/s/demo/sign-in"), "/sign-in", address=amara)
        assert "Hello Amara" in browser.send(sent, "/sign-in/sent", code=first.code).words


class TestCompleteLogin:
    def test_brings_value_that_waited_for_the_address(self, site: Site):
        with site.story() as story:
            award_value(
                story.session,
                program=story.program,
                recipient=Recipient(address="new@okonkwo.example"),
                terms=AwardTerms(2_500, story.program.points_unit, "sale"),
                external_id="W1",
                actor=SYSTEM,
                now=story.now,
            )
        page = site.member("new@okonkwo.example").get("/s/demo/wallet")
        assert "2,500 points" in page.words
        member = site.read(lambda session: session.scalars(select(Member)).one())
        assert member.email_verified_at == site.clock.at

    def test_keeps_the_codes_and_the_basket_of_the_guest(self, site: Site, amara: str, item):
        with site.story() as story:
            code = story.code(2_000)
        browser = site.guest(code)
        page = browser.get(f"/s/demo/items/{item.public_id}")
        browser.send(page, "/basket/lines", face_value_minor="2500")
        site.sign_in(browser, amara)
        page = browser.get("/s/demo/basket")
        assert "Bookworld card" in page.words
        assert code[-4:] in page.words

    def test_as_somebody_else_shows_no_code_of_whoever_was_here(self, site: Site, amara: str):
        with site.story() as story:
            code, _ = story.code(2_000), story.member("bob", email="bob@okonkwo.example")
        browser = site.guest(code)
        site.sign_in(browser, amara)
        assert code[-4:] in browser.get("/s/demo/").words
        site.sign_in(browser, "bob@okonkwo.example")
        assert code[-4:] not in browser.get("/s/demo/").words

    def test_gives_a_fresh_session_and_ends_the_old_one(self, site: Site, amara: str):
        with site.story() as story:
            code = story.code(2_000)
        browser = site.guest(code)
        before = browser.client.get_cookie(f"shop-{_program_id(site)}").value
        site.sign_in(browser, amara)
        after = browser.client.get_cookie(f"shop-{_program_id(site)}").value
        assert before != after
        rows = site.read(lambda session: session.scalars(select(SignInSession).order_by(SignInSession.id)).all())
        assert [row.closed_at is None for row in rows] == [False, True]

    def test_ends_after_thirty_idle_minutes(self, site: Site, amara: str):
        browser = site.member(amara)
        site.clock.advance(timedelta(minutes=29))
        assert browser.get("/s/demo/wallet").status == 200
        site.clock.advance(timedelta(minutes=30))
        page = browser.get("/s/demo/wallet")
        assert page.status == 401
        assert page.links["Sign in"] == "/s/demo/sign-in?next=/s/demo/wallet"

    def test_in_one_shop_is_not_in_another(self, site: Site, amara: str):
        with site.story("other"):
            pass
        browser = site.member(amara)
        assert browser.get("/s/other/wallet").status == 401
        assert browser.get("/s/demo/wallet").status == 200


def _program_id(site: Site) -> str:
    with site.story() as story:
        return story.program.public_id
