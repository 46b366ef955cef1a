"""A member proves another address: what waited for it, or was registered with it, joins the wallet."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from catalog import Item
from rewards_service.identity.models import LoginRequest, Member
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.audit.models import AuditEvent
from rewards_service.orders.operations import put_in_basket
from rewards_service.orders.policy import member_basket_key
from rewards_service.orders.requests import WantedLine
from rewards_service.wallets.operations import AwardTerms, Recipient, award_value
from tests.web.browser import Browser, Page
from tests.web.site import Site

EMAIL, PHONE = "amara@okonkwo.example", "+4915112345678"


@pytest.fixture
def amara(site: Site) -> Browser:
    """A browser of a member with 1,000 points, signed in by email, in a program of Germany."""
    with site.story() as story:
        story.program.country = "DE"
        story.wallet((1_000, 100), member=story.member("amara", email=EMAIL))
    return site.member(EMAIL)


def await_address(site: Site, address: str, units: int = 2_500) -> None:
    with site.story() as story:
        award_value(
            story.session,
            program=story.program,
            recipient=Recipient(address=address),
            terms=AwardTerms(units, story.program.points_unit, "sale"),
            external_id=f"W{address}",
            actor=SYSTEM,
            now=story.now,
        )


def ask(browser: Browser, address: str = PHONE) -> Page:
    return browser.send(browser.get("/s/demo/wallet"), "/wallet/addresses", address=address)


def add(site: Site, browser: Browser, address: str = PHONE) -> Page:
    return browser.send(ask(browser, address), "/addresses/sent", code=site.login(address).code)


class TestAddAddress:
    def test_brings_what_waited_for_the_phone_into_one_balance(self, site: Site, amara: Browser):
        await_address(site, PHONE)
        page = browser_words(add(site, amara, PHONE))
        assert "3,500 points" in page
        assert "Waited for you to sign in" in page
        assert "on your phone, too" not in page

    def test_of_somebody_who_came_by_phone_is_the_email(self, site: Site):
        await_address(site, PHONE)
        await_address(site, EMAIL, units=700)
        browser = site.member(PHONE)
        assert "by email, too" in browser.get("/s/demo/wallet").words
        assert "3,200 points" in browser_words(add(site, browser, EMAIL))
        member = site.read(lambda session: session.scalars(select(Member)).one())
        assert (member.email, member.phone) == (EMAIL, PHONE)

    def test_lets_the_person_in_by_either_afterwards(self, site: Site, amara: Browser):
        await_address(site, PHONE)
        add(site, amara)
        for address in (EMAIL, PHONE):
            assert "3,500 points" in site.member(address).get("/s/demo/wallet").words

    def test_of_another_member_brings_what_he_meant_to_order(self, site: Site, amara: Browser, item: Item):
        with site.story() as story:
            story.member("amara-shop", email="shop@okonkwo.example", phone=PHONE)
        other = site.member(PHONE)
        other.send(other.get(f"/s/demo/items/{item.public_id}"), "/basket/lines", face_value_minor="2500")
        add(site, amara)
        assert item.title in amara.get("/s/demo/basket").words

    def test_says_how_much_of_both_baskets_one_order_does_not_take(self, site: Site, amara: Browser, item: Item):
        with site.story() as story:
            members = [site.member_row(EMAIL), story.member("amara-shop", email="shop@okonkwo.example", phone=PHONE)]
            for member in members:
                key, line = member_basket_key(member.public_id), WantedLine(item.public_id, 2500, 51)
                put_in_basket(story.session, program=story.program, holder_key=key, line=line, now=story.now)
        said = "2 rewards were left out of the basket"
        assert said in browser_words(add(site, amara))
        assert said not in amara.get("/s/demo/basket").words

    def test_makes_two_registered_members_one_and_says_so_in_the_trail(self, site: Site, amara: Browser):
        with site.story() as story:
            story.member("amara-shop", email="shop@okonkwo.example", phone=PHONE)
        await_address(site, PHONE, units=2_000)
        assert "3,000 points" in browser_words(add(site, amara))
        kept, merged = site.member_row(EMAIL), site.member_row("shop@okonkwo.example")
        assert merged.merged_into_id == kept.id
        trail = site.read(
            lambda session: session.scalars(select(AuditEvent).where(AuditEvent.action == "member.took_over")).one()
        )
        assert (trail.object_id, trail.actor_kind, trail.actor_reference) == (kept.public_id, "member", kept.public_id)

    def test_leaves_a_member_as_another_system_told_it(self, site: Site, amara: Browser):
        with site.story() as story:
            story.member("bob", email="bob@okonkwo.example", external_id="P-7")
        add(site, site.member("bob@okonkwo.example"))
        kept = site.member_row("bob@okonkwo.example")
        found = site.read(lambda session: session.scalars(select(Member).where(Member.phone == PHONE)).one())
        assert (kept.phone, found.merged_into_id) == (None, kept.id)

    def test_by_the_link_is_one_press_where_it_was_asked_for(self, site: Site, amara: Browser):
        await_address(site, PHONE)
        ask(amara)
        page = amara.get(f"/s/demo/sign-in/{site.login(PHONE).link_token}")
        assert "This address is yours" in page.words
        assert "1,000 points" in amara.get("/s/demo/wallet").words
        assert "3,500 points" in browser_words(amara.send(page, "/sign-in/lgn_"))

    def test_gives_a_fresh_session(self, site: Site, amara: Browser):
        before = amara.client.get_cookie(shop_cookie_of(site)).value
        add(site, amara)
        assert amara.client.get_cookie(shop_cookie_of(site)).value != before


class TestRefusedProof:
    def test_wrong_expired_and_used_codes_add_nothing(self, site: Site, amara: Browser):
        await_address(site, PHONE)
        sent = ask(amara)
        code = site.login(PHONE).code
        assert amara.send(sent, "/addresses/sent", code="00000000").status == 422
        site.clock.advance(timedelta(minutes=10))
        assert amara.send(sent, "/addresses/sent", code=code).status == 410
        assert "1,000 points" in amara.get("/s/demo/wallet").words
        add(site, amara)
        sent = amara.get("/s/demo/wallet/addresses/sent")
        assert amara.send(sent, "/addresses/sent", code=site.login(PHONE).code).status == 410

    def test_five_wrong_codes_end_the_message(self, site: Site, amara: Browser):
        sent = ask(amara)
        for _ in range(5):
            assert amara.send(sent, "/addresses/sent", code="00000000").status == 422
        site.clock.advance(timedelta(minutes=2))
        assert amara.send(sent, "/addresses/sent", code=site.login(PHONE).code).status == 410

    def test_code_does_not_sign_anybody_in_nor_help_another_browser(self, site: Site, amara: Browser):
        await_address(site, PHONE)
        ask(amara)
        code, other = site.login(PHONE).code, site.member(EMAIL)
        assert other.send(other.get("/s/demo/wallet/addresses/sent"), "/addresses/sent", code=code).status == 410
        assert amara.send(amara.get("/s/demo/sign-in/sent"), "/sign-in/sent", code=code).status == 410

    def test_code_for_signing_in_adds_nothing(self, site: Site, amara: Browser):
        amara.send(amara.get("/s/demo/sign-in"), "/sign-in", address=PHONE)
        sent = amara.get("/s/demo/wallet/addresses/sent")
        assert amara.send(sent, "/addresses/sent", code=site.login(PHONE).code).status == 410

    def test_link_pressed_when_somebody_else_is_signed_in_adds_nothing(self, site: Site, amara: Browser):
        await_address(site, PHONE)
        ask(amara)
        page = amara.get(f"/s/demo/sign-in/{site.login(PHONE).link_token}")
        with site.story() as story:
            story.member("bob", email="bob@okonkwo.example")
        site.sign_in(amara, "bob@okonkwo.example")
        again = amara.get(f"/s/demo/sign-in/{site.login(PHONE).link_token}")
        assert page.form("/sign-in/lgn_").action == again.form("/sign-in/lgn_").action
        refused = amara.send(again, "/sign-in/lgn_")
        assert refused.status == 401
        assert "sign in again as you were" in refused.words
        asked = select(LoginRequest).where(LoginRequest.address == PHONE)
        assert site.read(lambda session: session.scalars(asked).one()).used_at is None

    def test_answers_alike_whether_somebody_has_the_number(self, site: Site, amara: Browser):
        with site.story() as story:
            story.member("bob", email=None, phone="+4915199999999")
        answers = [ask(amara, number) for number in ("+4915199999999", "+4915188888888")]
        assert len({(answer.status, answer.words) for answer in answers}) == 1

    def test_writes_at_most_three_times_in_ten_minutes_to_one_number(self, site: Site, amara: Browser):
        assert [ask(amara).status for _ in range(4)] == [200, 200, 200, 429]

    @pytest.mark.parametrize("typed", ["", "nobody", "12", "+49 151 12345678\r\nBcc: eve@okonkwo.example"])
    def test_shows_the_wallet_again_with_what_is_wrong(self, amara: Browser, typed: str):
        page = ask(amara, typed)
        assert page.status == 422
        assert "1,000 points" in page.words


def browser_words(page: Page) -> str:
    assert page.status == 200, page.words
    return page.words


def shop_cookie_of(site: Site) -> str:
    with site.story() as story:
        return f"shop-{story.program.public_id}"
