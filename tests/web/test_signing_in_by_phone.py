"""Signing in by a text message, under the rules of signing in by mail."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from rewards_service.delivery.models import Message
from rewards_service.identity.models import LoginRequest, Member
from rewards_service.kit.actor import SYSTEM
from rewards_service.programs.models import Program
from rewards_service.wallets.operations import AwardTerms, Recipient, award_value
from tests.web.browser import Browser, Page
from tests.web.site import Site

PHONE = "+4915112345678"


@pytest.fixture
def waiting(site: Site) -> str:
    """A number for which 2,500 points wait, in a program of Germany."""
    with site.story() as story:
        story.program.country = "DE"
        award_value(
            story.session,
            program=story.program,
            recipient=Recipient(address=PHONE),
            terms=AwardTerms(2_500, story.program.points_unit, "sale"),
            external_id="W1",
            actor=SYSTEM,
            now=story.now,
        )
    return PHONE


def ask(browser: Browser, address: str) -> Page:
    return browser.send(browser.get("/s/demo/sign-in"), "/sign-in", address=address)


class TestSendLogin:
    @pytest.mark.parametrize("typed", ["0151 12345678", "+49 (151) 1234-5678", "0049 151 12345678", PHONE])
    def test_files_a_text_message_without_a_secret_in_it(self, site: Site, waiting: str, typed: str):
        page = ask(site.browser(), typed)
        message = site.read(lambda session: session.scalars(select(Message)).one())
        secrets = site.login(waiting)
        assert "text messages" in page.words
        assert (message.channel, message.recipient, message.kind) == ("sms", waiting, "sign_in")
        assert secrets.code not in str(message.context)
        assert secrets.link_token not in str(message.context)

    def test_answers_alike_whether_the_number_is_known(self, site: Site, waiting: str):
        with site.story() as story:
            story.member("bob", email=None, phone="+4915199999999")
        answers = [ask(site.browser(), number) for number in ("+4915199999999", "+4915188888888", waiting)]
        assert len({(answer.status, answer.words) for answer in answers}) == 1

    @pytest.mark.parametrize(
        "typed", ["12", "01", "+49 151 12345678 or so", "+4915112345678\r\nBcc: eve", "+49151\r\n12345678", "+1555"]
    )
    def test_refuses_what_is_no_number_and_files_nothing(self, site: Site, waiting: str, typed: str):
        assert ask(site.browser(), typed).status == 422
        assert site.read(lambda session: session.scalars(select(Message)).all()) == []

    def test_needs_the_country_where_the_program_has_none(self, site: Site):
        with site.story() as story:
            story.session.get_one(Program, story.program.id).country = None
        assert ask(site.browser(), "0151 12345678").status == 422
        assert ask(site.browser(), PHONE).status == 200

    def test_writes_at_most_three_times_in_ten_minutes_to_one_number_however_typed(self, site: Site, waiting: str):
        spellings = [PHONE, "0151 12345678", "0049 151 12345678", "0151/12345678"]
        statuses = [
            ask(site.browser(address=f"192.0.2.{place + 20}"), typed).status for place, typed in enumerate(spellings)
        ]
        assert statuses == [200, 200, 200, 429]

    def test_writes_at_most_twenty_times_in_an_hour_for_one_network(self, site: Site, waiting: str):
        statuses = [ask(site.browser(), f"+49151123456{place:02}").status for place in range(21)]
        assert statuses == [200] * 20 + [429]


class TestCompleteLogin:
    def test_brings_value_that_waited_for_the_number(self, site: Site, waiting: str):
        browser = site.browser()
        sent = ask(browser, "0151 12345678")
        browser.send(sent, "/sign-in/sent", code=site.login(waiting).code)
        assert "2,500 points" in browser.get("/s/demo/wallet").words
        member = site.read(lambda session: session.scalars(select(Member)).one())
        assert (member.phone, member.phone_verified_at, member.email_verified_at) == (waiting, site.clock.at, None)

    def test_lets_a_member_in_whom_the_program_told_the_number_of(self, site: Site, waiting: str):
        with site.story() as story:
            story.wallet((1_000, 100), member=story.member("amara", email=None, phone="+4915199999999"))
        browser = site.browser()
        page = browser.send(ask(browser, "0151 99999999"), "/sign-in/sent", code=site.login("+4915199999999").code)
        assert "Hello Amara" in page.words

    def test_by_the_link_is_one_press_that_looking_does_not_make(self, site: Site, waiting: str):
        browser, scanner = site.browser(), site.browser()
        ask(browser, waiting)
        secrets = site.login(waiting)
        link = f"/s/demo/sign-in/{secrets.link_token}"
        assert f"{secrets.code[:4]} {secrets.code[4:]}" in scanner.get(link).words
        page = browser.get(link)
        assert site.read(lambda session: session.scalars(select(LoginRequest)).one()).used_at is None
        browser.send(page, "/sign-in/lgn_")
        assert "2,500 points" in browser.get("/s/demo/wallet").words

    def test_works_once_and_in_the_browser_that_asked(self, site: Site, waiting: str):
        browser, other = site.browser(), site.browser()
        sent, code = ask(browser, waiting), site.login(waiting).code
        assert other.send(other.get("/s/demo/sign-in/sent"), "/sign-in/sent", code=code).status == 410
        assert browser.send(sent, "/sign-in/sent", code="00000000").status == 422
        assert browser.send(sent, "/sign-in/sent", code=code).status == 200
        assert browser.send(browser.get("/s/demo/sign-in/sent"), "/sign-in/sent", code=code).status == 410

    def test_is_over_after_ten_minutes(self, site: Site, waiting: str):
        browser = site.browser()
        sent = ask(browser, waiting)
        site.clock.advance(timedelta(minutes=10))
        assert browser.send(sent, "/sign-in/sent", code=site.login(waiting).code).status == 410
