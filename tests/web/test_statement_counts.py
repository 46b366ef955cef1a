"""No page and no list asks the database more often because it shows more rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from sqlalchemy import event, select

from rewards_service.codes.models import Code
from rewards_service.codes.operations import deliver_code
from rewards_service.identity.models import Member
from rewards_service.identity.operations import create_api_key
from rewards_service.identity.policy import API_SCOPES, Role
from rewards_service.kit.database import db
from tests.support.commerce import Commerce
from tests.support.made_up import add_program
from tests.web.browser import Browser
from tests.web.site import Site

FEW, MANY = 2, 20
EMAIL = "amara@okonkwo.example"
LAST4 = "7777"
SHOP = ("/s/demo/", "/s/demo/catalog", "/s/demo/catalog?q=card", "/s/demo/wallet", "/s/demo/orders")
CONSOLE = ("/console/", "/console/search?q=listed", f"/console/search?q={LAST4}", "/console/messages", "/console/jobs")
CONSOLE_STATES = ("/console/messages?state=queued", "/console/jobs?state=pending")
API = ("programs", "members", "catalog/items", "ledger/entries", "events", "wallets/{wallet}/entries")


class Growing:
    """A shop in which more of everything that is ever listed comes to be."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._numbers = count(1)
        with site.story() as story:
            self.wallet_id = story.wallet((1_000, 20), member=story.member("amara", email=EMAIL)).public_id

    def grow(self, rows: int) -> None:
        """Let so many more come to be."""
        with self.site.story() as story:
            for _ in range(rows):
                number = next(self._numbers)
                story.numbers = count(number * 1_000)
                self._sell(story, number)
                self._send(story, number)
                story.member(f"listed{number}")
                more(story, number)

    def _sell(self, story: Commerce, number: int) -> None:
        """Amara earns, and orders something new."""
        amara = story.session.scalars(select(Member).where(Member.email == EMAIL)).one()
        item = story.item(f"Shop {number}")
        story.stock(item)
        wallet = story.wallet((5_000, 30 + number), member=amara)
        story.order(item, wallet, member=amara)

    def _send(self, story: Commerce, number: int) -> None:
        """A code is issued and sent to Amara; all these codes end alike."""
        story.code(100 + number)
        code = story.session.scalars(select(Code).order_by(Code.id.desc()).limit(1)).one()
        deliver_code(story.session, code=code, channel="email", to=EMAIL, vault=story.vault, now=story.now)
        code.last4 = LAST4


def more(story: Commerce, number: int) -> None:
    """One more program of the organization."""
    add_program(
        story.session,
        organization=story.program.organization,
        external_id=f"more-{number}",
        unit=f"MORE{chr(ord('A') + number)}",
        now=story.now,
    )


@contextmanager
def counted(site: Site) -> Iterator[list[str]]:
    """Note every statement that is sent to the database."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def asked(site: Site, ask: Callable[[], int]) -> list[str]:
    """Return what one request asks of the database; a first one fills what is kept between requests."""
    assert ask() == 200
    with counted(site) as statements:
        assert ask() == 200
    return statements


@pytest.fixture
def growing(site: Site) -> Growing:
    """A shop that sells, still empty."""
    return Growing(site)


def compare(growing: Growing, requests: dict[str, Callable[[], int]]) -> dict[str, tuple[int, int]]:
    """Return the requests that ask more often of many rows than of few, with how often."""
    growing.grow(FEW)
    few = {name: asked(growing.site, ask) for name, ask in requests.items()}
    growing.grow(MANY - FEW)
    many = {name: asked(growing.site, ask) for name, ask in requests.items()}
    return {name: (len(few[name]), len(many[name])) for name in requests if len(many[name]) > len(few[name])}


def opening(browser: Browser, path: str) -> Callable[[], int]:
    """Return what opens a page."""
    return lambda: browser.raw(path).status_code


class TestStatements:
    def test_of_a_page_of_the_shop_do_not_grow_with_its_rows(self, growing: Growing):
        browser = growing.site.member(EMAIL)
        assert compare(growing, {path: opening(browser, path) for path in SHOP}) == {}

    def test_of_a_page_of_the_console_do_not_grow_with_its_rows(self, growing: Growing):
        browser = growing.site.worker(Role.OWNER)
        member = f"/console/members/{growing.site.member_row(EMAIL).public_id}"
        assert compare(growing, {path: opening(browser, path) for path in (*CONSOLE, *CONSOLE_STATES, member)}) == {}

    def test_of_a_list_of_the_api_do_not_grow_with_its_rows(self, growing: Growing):
        with growing.site.story() as story:
            key = create_api_key(
                story.session,
                organization_id=story.program.organization_id,
                program_id=None,
                name="test",
                scopes=API_SCOPES,
                now=story.now,
            ).key
        client = growing.site.app.test_client()

        def listing(path: str) -> Callable[[], int]:
            address = f"/api/v1/{path.format(wallet=growing.wallet_id)}"
            return lambda: client.get(address, headers={"Authorization": f"Bearer {key}"}).status_code

        assert compare(growing, {path: listing(path) for path in API}) == {}
