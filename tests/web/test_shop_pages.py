"""Looking around, the wallet's statement, links that bring a code, and the front door."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from catalog import Item
from rewards_service.codes.operations import claim_token, create_claim_link
from rewards_service.codes.queries import codes_by_last4
from rewards_service.identity.models import LoginRequest
from rewards_service.kit.actor import SYSTEM
from rewards_service.programs.operations import set_offer
from rewards_service.wallets.operations import AwardTerms, Recipient, award_value
from tests.web.site import Site

AMARA = "amara@okonkwo.example"


def claim_link(site: Site, units: int, program: str = "demo") -> str:
    """The token of a link to a new code."""
    with site.story(program) as story:
        text = story.code(units)
        organization_id = story.program.organization_id
        (code,) = codes_by_last4(story.session, organization_id=organization_id, last4=text[-4:])
        link = create_claim_link(story.session, code=code, vault=story.vault, now=story.now)
        return claim_token(story.vault, link=link).reveal()


class TestCatalog:
    def test_shows_face_value_and_price_in_points(self, site: Site, item: Item):
        words = site.browser().get("/s/demo/catalog").words
        assert "1 reward" in words
        assert "€10, €25 or €50" in words
        assert "from 1,000 points" in words

    def test_keeps_its_state_in_the_address(self, site: Site, item: Item):
        page = site.browser().get("/s/demo/catalog?q=bookworld&sort=price&max=20")
        assert ("q", "bookworld") in [field for form in page.forms for field in form.fields]
        assert 'value="20"' in page.html
        assert "Bookworld card" in page.words

    def test_says_so_when_nothing_fits(self, site: Site, item: Item):
        page = site.browser().get("/s/demo/catalog?max=5")
        assert "Nothing found for these filters" in page.words
        assert page.links["Clear all filters"] == "/s/demo/catalog"

    def test_of_an_empty_shop_says_that_something_will_come(self, site: Site):
        words = site.browser().get("/s/demo/catalog").words
        assert "Nothing to choose from yet" in words
        assert "Clear all filters" not in words

    def test_shows_what_is_wrong_with_a_bound(self, site: Site):
        page = site.browser().get("/s/demo/catalog?max=abc")
        assert page.status == 422

    def test_ignores_an_order_that_is_none(self, site: Site, item: Item):
        assert site.browser().get("/s/demo/catalog?sort=nonsense&kind=none").status == 200

    def test_hides_what_the_program_does_not_show(self, site: Site, item: Item):
        with site.story() as story:
            set_offer(story.session, program=story.program, item_id=item.id, is_visible=False, margin_bp=None)
        assert "Bookworld" not in site.browser().get("/s/demo/catalog").words
        assert site.browser().get(f"/s/demo/items/{item.public_id}").status == 404

    def test_prices_with_the_margin_of_the_offer(self, site: Site, item: Item):
        with site.story() as story:
            set_offer(story.session, program=story.program, item_id=item.id, is_visible=True, margin_bp=500)
        assert "from 1,050 points" in site.browser().get("/s/demo/catalog").words

    def test_says_what_is_missing_to_somebody_with_too_little(self, site: Site, item: Item):
        with site.story() as story:
            code = story.code(400)
        assert "you need €6.00 more" in site.guest(code).get("/s/demo/catalog").words

    @pytest.mark.parametrize("path", ["/s/nowhere/", "/s/nowhere/catalog"])
    def test_of_an_unknown_program_does_not_exist(self, site: Site, path: str):
        assert site.browser().get(path).status == 404

    def test_answers_questions(self, site: Site):
        assert "Must I spend it all at once?" in site.browser().get("/s/demo/help").words


class TestWallet:
    def test_explains_each_unit_from_the_file_to_the_order(self, site: Site, item: Item):
        with site.story() as story:
            member = story.member("amara", email=AMARA)
            award_value(
                story.session,
                program=story.program,
                recipient=Recipient(member=member),
                terms=AwardTerms(4_000, story.program.points_unit, "Spring sale", source_row="oct.csv, line 17"),
                external_id="RE-17",
                actor=SYSTEM,
                now=story.now,
            )
        browser = site.member(AMARA)
        page = browser.get(f"/s/demo/items/{item.public_id}")
        browser.send(browser.send(page, "/basket/lines", face_value_minor="2500"), "/orders")
        site.run_jobs()
        words = browser.get("/s/demo/wallet").words
        for said in ("1,500 points", "Spring sale", "RE-17", "oct.csv, line 17", "line 1", "then 4,000 points"):
            assert said in words
        assert "≈ €15.00" in words

    def test_says_on_which_day_value_was_earned_that_was_earned_at_midnight(self, site: Site):
        with site.story() as story:
            earned_on = datetime(2026, 11, 4, 23, tzinfo=UTC)  # 5 November in Berlin
            award_value(
                story.session,
                program=story.program,
                recipient=Recipient(member=story.member("amara", email=AMARA)),
                terms=AwardTerms(100, story.program.points_unit, "Spring sale", earned_on=earned_on),
                external_id="RE-17",
                actor=SYSTEM,
                now=story.now,
            )
        words = site.member(AMARA).get("/s/demo/wallet").words
        assert "5 Nov 2026" in words
        assert "4 Nov 2026" not in words

    def test_takes_in_what_a_code_holds(self, site: Site):
        with site.story() as story:
            story.wallet((1_000, 90), member=story.member("amara", email=AMARA))
            code = story.code(500)
        browser = site.member(AMARA)
        browser.send(browser.get("/s/demo/"), "/codes", text=code)
        page = browser.send(browser.get("/s/demo/wallet"), "/wallet/codes")
        assert "1,500 points" in page.words
        assert "From a code" in page.words
        assert code[-4:] not in page.words

    def test_takes_in_no_code_that_was_not_typed(self, site: Site):
        with site.story() as story:
            story.wallet((1_000, 90), member=story.member("amara", email=AMARA))
            code = story.code(500)
        browser = site.member(AMARA)
        browser.send(browser.get("/s/demo/"), "/codes", text=code)
        page = browser.send(browser.get("/s/demo/wallet"), "/wallet/codes", code_id="cod_somebody_elses")
        assert page.status == 404

    def test_is_for_members_alone(self, site: Site):
        with site.story() as story:
            code = story.code(500)
        assert site.guest(code).get("/s/demo/wallet").status == 401

    def test_says_what_to_do_when_it_is_empty(self, site: Site):
        assert "Nothing in your wallet yet" in site.member("new@okonkwo.example").get("/s/demo/wallet").words


class TestClaim:
    def test_shows_the_value_and_uses_nothing_up(self, site: Site):
        token = claim_link(site, 2_000)
        for _ in range(3):
            page = site.browser().get(f"/s/demo/k/{token}")
            assert "2,000 points" in page.words
            assert page.response.headers["Referrer-Policy"] == "no-referrer"

    def test_lets_in_whoever_presses_the_button(self, site: Site):
        token = claim_link(site, 2_000)
        browser = site.browser()
        page = browser.send(browser.get(f"/s/demo/k/{token}"), f"/k/{token}")
        assert "€20.00" in page.words
        assert "ready to spend" in page.words

    def test_from_the_front_leads_to_the_right_shop(self, site: Site):
        token = claim_link(site, 300, program="other")
        page = site.browser().get(f"/claim/{token}")
        assert page.response.request.path == f"/s/other/k/{token}"

    def test_of_another_program_or_nobody_is_not_usable(self, site: Site):
        foreign = claim_link(site, 300, program="other")
        for token in (foreign, "a" * 43, "x" * 300):
            page = site.browser().get(f"/s/demo/k/{token}")
            assert page.status == 404
            assert "This link cannot be used" in page.words


class TestFront:
    def test_leads_on_to_the_only_program(self, site: Site):
        assert site.browser().get("/").response.request.path == "/s/demo/"

    def test_asks_where_there_are_several_and_finds_the_shop_of_a_code(self, site: Site):
        with site.story("other") as story:
            code = story.code(700)
        browser = site.browser()
        page = browser.get("/")
        assert "Got a code, or an account?" in page.words
        page = browser.send(page, "/", text=f" {code.lower()} ")
        assert page.response.request.path == "/s/other/"
        assert "€7.00" in page.words

    def test_sends_a_link_to_whoever_has_an_account_and_says_no_more(self, site: Site):
        with site.story("other") as story:
            story.member("amara", email=AMARA)
        answers = []
        for email in (AMARA, "nobody@okonkwo.example"):
            browser = site.browser()
            answers.append(browser.send(browser.get("/"), "/", text=email).words.replace(email, ""))
        assert answers[0] == answers[1]
        assert site.login(AMARA).code

    def test_answers_as_often_whether_or_not_an_address_is_known(self, site: Site):
        for program in ("other", "third", "fourth"):
            with site.story(program) as story:
                story.member("amara", email=AMARA)
        answers = []
        for email in (AMARA, "nobody@okonkwo.example"):
            browser = site.browser(address="192.0.2.7" if email == AMARA else "192.0.2.8")
            pages = [browser.send(browser.get("/"), "/", text=email) for _ in range(4)]
            answers.append([(page.status, page.words.partition(" · request ")[0].replace(email, "")) for page in pages])
        assert answers[0] == answers[1]
        assert [status for status, _ in answers[0]] == [200, 200, 200, 429]
        assert site.read(lambda session: session.scalar(select(func.count(LoginRequest.id)))) == 9

    @pytest.mark.parametrize("text", ["7K3Q-H2M9-XW4T-RBN3", "", "nonsense", "a@", "7K3Q-H2M9-XW4T-RBN4"])
    def test_refuses_what_leads_nowhere(self, site: Site, text: str):
        with site.story("other"):
            pass
        browser = site.browser()
        page = browser.send(browser.get("/"), "/", text=text)
        assert page.status in {404, 422}
        assert "Got a code, or an account?" in page.words
