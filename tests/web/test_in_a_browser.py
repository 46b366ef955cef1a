"""The shop in a real Chromium: with and without its script, on a phone and on a desk, in both themes.

Skipped with a reason where no Chromium is installed: neither Playwright's own nor one named ``chromium`` on the path.
"""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import func, select
from werkzeug.serving import make_server

from catalog import Item
from rewards_service.identity.policy import Role
from rewards_service.orders.models import Order
from tests.web.guessing import guess_everywhere
from tests.web.site import PASSWORD, Site

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective));
"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDTHS = (320, 360, 768, 1280)
TABS = 12
OUTLINE_AROUND_FOCUS = """
(() => {
    const focused = document.activeElement;
    const near = [focused.nextElementSibling];
    for (let each = focused; each; each = each.parentElement) near.push(each);
    const shown = (each) => each && getComputedStyle(each).outlineStyle !== 'none';
    return focused === document.body || near.some(shown) ? '' : focused.outerHTML.slice(0, 120);
})()
"""
"""The focused element when nothing on or around it is outlined."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A Chromium, Playwright's own or the system's."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        path = own if Path(own).exists() else shutil.which("chromium") or shutil.which("google-chrome")
        if path is None:
            pytest.skip("no Chromium: neither Playwright's own nor one named chromium on the path")
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """Where the installation is served on loopback."""
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_browser(chromium: Browser, address: str) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a browser of its own, which notes what breaks the policy and what the script cannot do."""
    opened: list[BrowserContext] = []
    problems: list[str] = []

    def make(width: int = 1280, **options: object) -> BrowserContext:
        context = chromium.new_context(base_url=address, viewport={"width": width, "height": 800}, **options)
        context.add_init_script(WATCH)
        context.on("page", lambda page: page.on("pageerror", lambda error: problems.append(str(error))))
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()
    assert problems == []


@pytest.fixture
def codes(site: Site) -> list[str]:
    """Two codes of 20 and 30 euros."""
    with site.story() as story:
        return [story.code(2_000), story.code(3_000, days=30)]


def violations(page: Page) -> list[str]:
    """What broke the content policy on this page."""
    found: list[str] = page.evaluate("window.violations")
    return found


def fill_basket(page: Page, codes: list[str], item: Item) -> None:
    """From the first screen to a basket for 25 euros."""
    page.goto("/s/demo/")
    page.fill("#code", f"Hi! {codes[0].lower()} and {codes[1]}")
    page.click("text=Check value")
    page.goto(f"/s/demo/items/{item.public_id}")
    page.get_by_role("radio", name="€25").check()
    page.click("text=Put into basket")


def buy(page: Page, codes: list[str], item: Item) -> None:
    """From the first screen to an order for 25 euros."""
    fill_basket(page, codes, item)
    page.click("button:has-text('Order for €25.00')")


@pytest.mark.parametrize("has_script", [True, False], ids=["with a script", "without a script"])
class TestBuying:
    def test_leads_from_a_pasted_message_to_a_number(
        self, site: Site, open_browser: Callable[..., BrowserContext], codes: list[str], item: Item, has_script: bool
    ):
        page = open_browser(java_script_enabled=has_script).new_page()
        buy(page, codes, item)
        assert "being prepared" in page.inner_text("h1")
        site.run_jobs()
        page.reload()
        assert page.inner_text("h1") == "Your reward is here"
        assert "6035-" not in page.content()
        page.click("text=Show the number")
        assert page.inner_text("#number-1").startswith("6035-")
        assert page.locator(".qr svg path").count() == 1
        assert not page.locator("text=4711").is_visible()
        page.click("text=Show PIN")
        assert page.locator("text=4711").is_visible()

    def test_is_one_order_however_fast_it_is_pressed(
        self, site: Site, open_browser: Callable[..., BrowserContext], codes: list[str], item: Item, has_script: bool
    ):
        page = open_browser(java_script_enabled=has_script).new_page()
        fill_basket(page, codes, item)
        page.dblclick("button:has-text('Order for')")
        page.wait_for_url("**/orders/ord_*")
        assert site.read(lambda session: session.scalar(select(func.count(Order.id)))) == 1


class TestScript:
    def test_says_while_typing_how_many_codes_there_are_and_which_has_a_slip(
        self, open_browser: Callable[..., BrowserContext], codes: list[str]
    ):
        page = open_browser().new_page()
        page.goto("/s/demo/")
        page.fill("#code", codes[0])
        expect(page.locator("#code-hint")).to_contain_text("One code found")
        page.fill("#code", f"with love {' '.join(codes[0].split('-'))} {codes[1]}")
        expect(page.locator("#code-hint")).to_contain_text("2 codes found")
        page.fill("#code", codes[0][:-1] + ("A" if codes[0][-1] != "A" else "B"))
        expect(page.locator("#code-hint")).to_contain_text("has a slip")

    def test_searches_while_typing_and_keeps_the_address(self, open_browser: Callable[..., BrowserContext], item: Item):
        page = open_browser().new_page()
        page.goto("/s/demo/catalog")
        page.locator("#q").press_sequentially("zzzz")
        page.wait_for_selector("text=Nothing found for these filters")
        assert "q=zzzz" in page.url
        page.fill("#q", "bookw")
        page.wait_for_selector("#results >> text=Bookworld card")

    def test_copies_the_number_and_says_so(
        self, site: Site, open_browser: Callable[..., BrowserContext], codes: list[str], item: Item
    ):
        context = open_browser()
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        buy(page, codes, item)
        site.run_jobs()
        page.reload()
        page.click("text=Show the number")
        page.click("text=Copy number")
        assert "The PIN is separate" in page.locator("[role=status]:visible").inner_text()
        assert page.evaluate("navigator.clipboard.readText()") == page.inner_text("#number-1")

    def test_does_the_sum_by_itself_while_codes_are_being_guessed(
        self, site: Site, open_browser: Callable[..., BrowserContext], codes: list[str]
    ):
        guess_everywhere(site)
        page = open_browser().new_page()
        page.goto("/s/demo/")
        page.fill("#code", f"Hello,\nthis is yours: {codes[0]}")
        page.click("text=Check value")
        page.wait_for_selector("text=€20.00")


class TestLook:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_keeps_to_the_policy_and_to_its_width(
        self, site: Site, open_browser: Callable[..., BrowserContext], codes: list[str], item: Item, scheme: str
    ):
        email = site.hire(Role.OWNER)
        page = open_browser(color_scheme=scheme).new_page()
        buy(page, codes, item)
        order = page.url
        page.goto("/console/sign-in")
        page.fill("#email", email)
        page.fill("#password", PASSWORD)
        page.click("main button")
        paths = ("/s/demo/", "/s/demo/catalog", f"/s/demo/items/{item.public_id}", "/s/demo/basket", order)
        paths += ("/s/demo/help", "/s/demo/sign-in", "/nowhere", "/console/", "/console/messages", "/console/jobs")
        for path in paths:
            page.goto(path)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate(OVERFLOW) <= 0, (path, width)
            assert violations(page) == [], path

    def test_every_field_has_a_name_and_every_id_is_there_once(
        self, site: Site, open_browser: Callable[..., BrowserContext], codes: list[str], item: Item
    ):
        page = open_browser().new_page()
        buy(page, codes, item)
        for path in ("/s/demo/", "/s/demo/catalog", f"/s/demo/items/{item.public_id}", "/s/demo/sign-in", page.url):
            page.goto(path)
            assert page.locator("h1").count() == 1, path
            assert (
                page.evaluate(
                    "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]"
                    ".filter((field) => !field.labels.length).map((field) => field.name)"
                )
                == []
            ), path
            assert (
                page.evaluate(
                    "[...document.querySelectorAll('[id]')].map((each) => each.id)"
                    ".filter((id, index, all) => all.indexOf(id) !== index)"
                )
                == []
            ), path

    def test_shows_where_the_keyboard_is(self, site: Site, open_browser: Callable[..., BrowserContext], item: Item):
        page = open_browser().new_page()
        for path in ("/s/demo/", "/s/demo/catalog", f"/s/demo/items/{item.public_id}", "/console/sign-in"):
            page.goto(path)
            for _ in range(TABS):
                page.keyboard.press("Tab")
                assert page.evaluate(OUTLINE_AROUND_FOCUS) == "", path

    def test_breaks_a_long_address_rather_than_the_page(
        self, site: Site, open_browser: Callable[..., BrowserContext], codes: list[str]
    ):
        email = site.hire(Role.OWNER)
        page = open_browser(width=360).new_page()
        page.goto("/console/sign-in?next=/console/search?q=" + codes[0][-4:])
        page.fill("#email", email)
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.click(f"text=…{codes[0][-4:]}")
        page.fill("input[name=to]", "somebody.with.a.long.name@subsidiary.of-a-company-with-a-long-name.example")
        page.locator("input[name=reason]").first.fill("x" * 200)
        page.click("text=Replace the code")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(OVERFLOW) <= 0, width
