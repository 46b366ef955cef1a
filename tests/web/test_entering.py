"""Codes in the box of the first screen."""

import pytest
from sqlalchemy import func, select

from rewards_service.codes.format import check_symbol
from rewards_service.identity.models import ProvedCode, SignInSession
from rewards_service.identity.policy import PROVED_CODES_MAX
from rewards_service.kit.throttle import Scope
from rewards_service.kit.throttle.models import ThrottleFailure
from rewards_service.web.shop.entering import claim_token_in, codes_in
from tests.web.site import Site

RIGHT = "7K3QH2M9XW4TRBN3"
OTHER = "ABCDEFGHJKMNPQRB"[:15]


def slip_of(code: str) -> str:
    """The code with its last symbol changed: the check symbol no longer fits."""
    return code[:-1] + ("A" if code[-1] != "A" else "B")


def unknown_code(number: int = 0) -> str:
    """A code whose check symbol fits and that nobody issued."""
    data = f"ZZZZZZZZZZZ{number:04}"
    return data + check_symbol(data)


class TestCodesIn:
    @pytest.mark.parametrize(
        "typed",
        [
            "7K3Q-H2M9-XW4T-RBN3",
            "7k3q h2m9 xw4t rbn3",
            "7K3QH2M9XW4TRBN3",
            "Your code: 7K3Q–H2M9–XW4T–RBN3.",
            "also 7K3Q-H2M9-XW4T-RBN3 for you",
            "with love from 7K3Q H2M9 XW4T RBN3",
            "７Ｋ３Ｑ-Ｈ２Ｍ９-ＸＷ４Ｔ-ＲＢＮ３",
            "7K3Q - H2M9 - XW4T - RBN3",
        ],
    )
    def test_finds_one_in_whatever_was_pasted(self, typed: str):
        assert codes_in(typed) == [RIGHT]

    def test_finds_several_once_each(self):
        assert codes_in(f"{RIGHT} and {RIGHT.lower()}, then {unknown_code()}") == [RIGHT, unknown_code()]

    @pytest.mark.parametrize("text", ["", "hello", "Dear team, this will take some time", "+49 151 1798 2458 and 12"])
    def test_finds_none_in_words(self, text: str):
        assert codes_in(text) == []

    def test_takes_a_short_text_as_a_code_of_another_length(self):
        assert codes_in("0123-4567-89AM") == ["0123456789AM"]

    @pytest.mark.parametrize(
        "typed",
        [
            "AC7K3QH2M9XW4TRBN{}",
            "also AC-7K3Q-H2M9-XW4T-RBN{} for you",
            "Dear you,\n AC 7K3Q H2M9 XW4T RBN{} \r\nhave fun",
            "AC – 7K3Q – H2M9 – XW4T – RBN{}",
        ],
    )
    def test_finds_one_of_another_length_in_a_text(self, typed: str):
        data = "AC7K3QH2M9XW4TRBN"
        assert codes_in(typed.format(check_symbol(data))) == [data + check_symbol(data)]

    def test_stops_at_what_one_order_takes(self):
        assert len(codes_in(" ".join(unknown_code(number) for number in range(30)))) == 15


class TestClaimTokenIn:
    def test_finds_the_link_that_was_pasted(self):
        assert (
            claim_token_in("See https://x.example/s/demo/k/abcdefghijklmnopqrstuv thanks") == "abcdefghijklmnopqrstuv"
        )
        assert claim_token_in("no link") == ""


class TestCheckCodes:
    def test_keeps_right_codes_and_shows_what_they_hold(self, site: Site):
        with site.story() as story:
            codes = [story.code(2_000), story.code(500, days=20)]
        browser = site.browser()
        page = browser.send(browser.get("/s/demo/"), "/codes", text=f"Hi! {codes[0]} and {codes[1].lower()}")
        assert "€25.00" in page.words
        assert codes[0][-4:] in page.words
        assert codes[0] not in page.html

    def test_uses_nothing_up(self, site: Site):
        with site.story() as story:
            code = story.code(2_000)
        site.guest(code)
        assert "€20.00" in site.guest(code).get("/s/demo/").words

    def test_says_which_one_has_a_slip_and_counts_no_guess(self, site: Site):
        with site.story() as story:
            code = story.code(2_000)
        browser = site.browser()
        page = browser.send(browser.get("/s/demo/"), "/codes", text=f"{code} {slip_of(code)}")
        assert "has a slip" in page.words
        assert "€20.00" in page.words
        assert site.read(lambda session: session.scalar(select(func.count(ThrottleFailure.id)))) == 0

    def test_keeps_what_was_typed_when_there_is_no_code_in_it(self, site: Site):
        browser = site.browser()
        page = browser.send(browser.get("/s/demo/"), "/codes", text="hello there")
        assert "There is no code in this text" in page.words
        assert "hello there" in page.words

    def test_answers_unknown_expired_blocked_and_foreign_codes_alike(self, site: Site):
        with site.story("other") as story:
            foreign = story.code(2_000)
        with site.story() as story:
            expired = story.code(2_000, days=1)
        site.clock.at = site.clock.at.replace(year=2028)
        answers = set()
        for wrong in (unknown_code(), expired, foreign):
            browser = site.browser(address=f"192.0.2.{len(answers) + 10}")
            page = browser.send(browser.get("/s/demo/"), "/codes", text=wrong)
            answers.add((page.status, page.words.replace(wrong, "").replace(wrong[-4:], "****")))
        assert len(answers) == 1, answers
        assert "cannot be used" in answers.pop()[1]

    def test_asks_to_wait_after_five_wrong_ones_and_keeps_the_text(self, site: Site):
        browser = site.browser()
        for number in range(5):
            browser.send(browser.get("/s/demo/"), "/codes", text=unknown_code(number))
        page = browser.send(browser.get("/s/demo/"), "/codes", text=unknown_code(9))
        assert page.status == 429
        assert page.response.headers["Retry-After"] == "60"
        assert "Please wait 60 seconds" in page.words
        assert unknown_code(9) in page.words

    def test_counts_each_of_many_wrong_ones_in_one_text(self, site: Site):
        browser = site.browser()
        wrong = [unknown_code(number) for number in range(PROVED_CODES_MAX)]
        page = browser.send(browser.get("/s/demo/"), "/codes", text=" ".join(wrong))
        assert page.status == 429
        assert page.response.headers["Retry-After"] == "60"
        failures = select(func.count(ThrottleFailure.id)).where(ThrottleFailure.scope == Scope.SESSION)
        assert site.read(lambda session: session.scalar(failures)) == 5

    def test_keeps_the_right_ones_before_too_many_wrong_ones_and_looks_at_none_behind(self, site: Site):
        with site.story() as story:
            first, last = story.code(2_000), story.code(500)
        wrong = [unknown_code(number) for number in range(5)]
        browser = site.browser()
        page = browser.send(browser.get("/s/demo/"), "/codes", text=" ".join([first, *wrong, last]))
        assert page.status == 429
        assert "€20.00" in browser.get("/s/demo/").words
        assert site.read(lambda session: session.scalar(select(func.count(ProvedCode.id)))) == 1

    def test_opens_one_session_for_many_codes(self, site: Site):
        with site.story() as story:
            codes = [story.code(100) for _ in range(3)]
        browser = site.guest(codes[0])
        browser.send(browser.get("/s/demo/"), "/codes", text=" ".join(codes))
        assert site.read(lambda session: session.scalar(select(func.count(SignInSession.id)))) == 1
        assert site.read(lambda session: session.scalar(select(func.count(ProvedCode.id)))) == 3

    def test_forgets_them_when_asked_to(self, site: Site):
        with site.story() as story:
            code = story.code(2_000)
        browser = site.guest(code)
        page = browser.send(browser.get("/s/demo/"), "/sign-out")
        assert "€20.00" not in page.words
        assert browser.get("/s/demo/orders").status == 401

    def test_leads_on_from_a_link_that_was_pasted(self, site: Site):
        browser = site.browser()
        page = browser.send(browser.get("/s/demo/"), "/codes", text="http://x.example/claim/abcdefghijklmnopqrstuvwx")
        assert page.status == 404
        assert "This link cannot be used" in page.words
