"""What strangers are asked to do while codes of the whole site are being guessed."""

from datetime import timedelta
from itertools import count

import pytest

from rewards_service.kit.throttle.limits import SITE_BUDGET
from rewards_service.web.proof import PROOF_BITS, PROOF_LIFETIME, solves
from tests.web.browser import Page
from tests.web.guessing import guess_everywhere
from tests.web.site import Site


@pytest.fixture
def code(site: Site) -> str:
    with site.story() as story:
        return story.code(2_000)


def answer_to(page: Page, action: str = "/codes") -> str:
    """Do the sum that a page asks for."""
    task = dict(page.form(action).fields)["proof_task"]
    return next(str(answer) for answer in count() if solves(task, str(answer)))


class TestRequireProof:
    def test_asks_nobody_while_nobody_guesses(self, site: Site, code: str):
        browser = site.browser()
        assert browser.send(browser.get("/s/demo/"), "/codes", text=code).status == 200

    def test_lets_in_whoever_did_the_sum(self, site: Site, code: str):
        guess_everywhere(site)
        browser = site.browser()
        asked = browser.send(browser.get("/s/demo/"), "/codes", text=f"Dear you,\r\n {code}")
        assert asked.status == 428
        assert "your code is not locked" in asked.words
        page = browser.send(asked, "/codes", proof_answer=answer_to(asked))
        assert page.status == 200
        assert "€20.00" in page.words

    def test_asks_again_for_another_text_and_after_a_while(self, site: Site, code: str):
        guess_everywhere(site)
        browser = site.browser()
        asked = browser.send(browser.get("/s/demo/"), "/codes", text=code)
        answer = answer_to(asked)
        assert browser.send(asked, "/codes", proof_answer=answer, text=f"{code} {code}").status == 428
        assert browser.send(asked, "/codes", proof_answer="", text=code).status == 428
        assert browser.send(asked, "/codes", proof_answer=answer, proof_task="made-up").status == 428
        site.clock.advance(PROOF_LIFETIME)
        assert browser.send(asked, "/codes", proof_answer=answer).status == 428

    def test_asks_for_more_work_the_more_codes_there_are(self, site: Site, code: str):
        guess_everywhere(site)
        browser = site.browser()
        text = f"{code} 7K3Q-H2M9-XW4T-RBN3 0000-0000-0000-0012"
        asked = browser.send(browser.get("/s/demo/"), "/codes", text=text)
        task = dict(asked.form("/codes").fields)["proof_task"]
        assert f'data-proof="{PROOF_BITS + 2}"' in asked.html
        too_little = next(
            str(answer) for answer in count() if solves(task, str(answer)) and not solves(task, str(answer), tries=3)
        )
        enough = next(str(answer) for answer in count() if solves(task, str(answer), tries=3))
        assert browser.send(asked, "/codes", proof_answer=too_little).status == 428
        assert browser.send(asked, "/codes", proof_answer=enough).status == 200

    def test_spares_whoever_has_a_session_or_a_link(self, site: Site, code: str):
        browser = site.guest(code)
        guess_everywhere(site)
        with site.story() as story:
            other = story.code(1_000)
        assert browser.send(browser.get("/s/demo/"), "/codes", text=other).status == 200

    def test_ends_when_the_guessing_has_ended(self, site: Site, code: str):
        guess_everywhere(site)
        site.clock.advance(SITE_BUDGET.window + timedelta(seconds=1))
        browser = site.browser()
        assert browser.send(browser.get("/s/demo/"), "/codes", text=code).status == 200

    def test_holds_at_the_front_door_too(self, site: Site, code: str):
        with site.story("other"):
            pass
        guess_everywhere(site)
        browser = site.browser()
        asked = browser.send(browser.get("/"), "/", text=code)
        assert asked.status == 428
        page = browser.send(asked, "/", proof_answer=answer_to(asked, "/"))
        assert "€20.00" in page.words
