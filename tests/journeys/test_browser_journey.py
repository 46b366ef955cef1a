"""A partner with a browser: from a message to a voucher, on pages that a real Chromium shows."""

import io
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.journeys.test_command_journey import ANA, assert_beancount_accepts, award_file, export, issue_codes
from tests.support.commands import CommandLine
from tests.support.mail_server import MailServer, running_mail_server
from tests.support.serving import serve

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run", "--disable-quic"),
)
PHONE = {"width": 360, "height": 800}
MAIL_SECONDS_MAX = 60
LOGIN_CODE = re.compile(r"\b([0-9A-HJKMNP-TV-Z]{4} [0-9A-HJKMNP-TV-Z]{4})\b")
SHOP_LINK = re.compile(r"(http://\S+/s/demo/)\s")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not there: apt-get install chromium")


@dataclass(frozen=True)
class Shop:
    """A shop that is served, its mail server, and a shell beside it."""

    address: str
    mail: MailServer
    shell: CommandLine
    directory: Path


class TestBrowserJourney:
    def test_leads_from_a_message_to_a_voucher_and_to_books_that_agree(self, shop: Shop, phone: Page) -> None:
        shop.shell.json("awards", "import", award_file(shop.directory), "--program", "demo", "--notify", status=1)
        codes = issue_codes(shop.shell, shop.directory / "codes.csv")
        sign_in(shop, phone)
        enter_codes(phone, codes)
        order_a_gift_card(phone)
        number = reveal(phone)
        (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(phone.locator(".qr").screenshot())))
        assert read.text == number
        assert shop.shell.run("ledger", "verify").exit_code == 0
        assert_beancount_accepts(export(shop.shell, "beancount", shop.directory))


@pytest.fixture
def shop(blank_database_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A shop with the demo's catalog and stock, whose mail goes over real SMTP."""
    with running_mail_server() as mail:
        environ = {
            "REWARDS_HOME": str(tmp_path / "home"),
            "REWARDS_DATABASE_URL": blank_database_url,
            "REWARDS_MAIL_URL": mail.url,
        }
        shell = CommandLine(environ)
        assert shell.run("init", "--demo").exit_code == 0
        with serve(environ) as address:
            yield Shop(address, mail, shell, tmp_path)


@pytest.fixture
def phone() -> Iterator[Page]:
    """A phone's browser in which no page breaks its own policy."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        page = browser.new_context(viewport=PHONE, has_touch=True).new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        yield page
        browser.close()
    assert not [text for text in said if "Content Security Policy" in text]


def sign_in(shop: Shop, page: Page) -> None:
    """Press the button of the message that tells of the award, ask for another to sign in, and type its code."""
    page.goto(found_in_mail(shop.mail, SHOP_LINK))
    page.goto(f"{shop.address}/s/demo/sign-in")
    page.get_by_label("Email").fill(ANA)
    page.get_by_role("button", name="Send me the link").click()
    page.get_by_label("Code from the message").fill(found_in_mail(shop.mail, LOGIN_CODE))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Sign in")).to_have_count(0)


def found_in_mail(mail: MailServer, wanted: re.Pattern[str]) -> str:
    """What a message to Ana holds that the mail server took."""
    end = time.monotonic() + MAIL_SECONDS_MAX
    while time.monotonic() < end:
        for letter in mail.letters:
            if letter["To"] is not None and ANA in letter["To"]:
                found = wanted.search(letter.get_body(("plain",)).get_content())
                if found:
                    return found[1]
        time.sleep(0.2)
    raise AssertionError("no message came")


def enter_codes(page: Page, codes: list[str]) -> None:
    """Paste both codes, as a message would hold them."""
    page.goto(re.sub(r"(/s/demo/).*", r"\1", page.url))
    page.locator("textarea").fill("Thank you! " + " and ".join(code.lower() for code in codes))
    page.get_by_role("button", name="Check value").click()
    for code in codes:
        expect(page.get_by_text(code[-4:]).first).to_be_visible()


def order_a_gift_card(page: Page) -> None:
    """Search for it, choose 30 euro, and pay with points and codes together."""
    page.goto(re.sub(r"(/s/demo/).*", r"\1catalog?q=kopi", page.url))
    page.get_by_role("link", name=re.compile("Kopi Senja")).first.click()
    page.get_by_role("radio", name=re.compile("€30")).check()
    page.get_by_role("button", name="Put into basket").click()
    page.get_by_role("button", name=re.compile("Order for €30")).click()
    expect(page).to_have_url(re.compile("/orders/ord_"))


def reveal(page: Page) -> str:
    """Ask for the number, once it is there, and read it."""
    show = page.get_by_role("button", name="Show the number")
    end = time.monotonic() + MAIL_SECONDS_MAX
    while not show.count() and time.monotonic() < end:
        page.wait_for_timeout(300)
        page.reload()
    expect(page.get_by_text("•••• ••••").first).to_be_visible()
    show.click()
    return page.locator(".secret").first.inner_text()
