"""The console: what is found, what may be done."""

import pytest
from sqlalchemy import func, select

from catalog import Item
from rewards_service.codes.models import Code
from rewards_service.codes.operations import deliver_code
from rewards_service.codes.queries import codes_by_last4
from rewards_service.delivery.models import Message
from rewards_service.identity.policy import Role
from rewards_service.kit.audit.models import AuditEvent
from rewards_service.kit.jobs import enqueue
from rewards_service.kit.jobs.models import Job
from rewards_service.kit.jobs.queries import LIST_LENGTH_MAX
from tests.web.browser import Browser
from tests.web.site import Site

AMARA = "amara@okonkwo.example"


@pytest.fixture
def owner(site: Site) -> Browser:
    """A browser of the owner."""
    return site.worker(Role.OWNER)


def sent_code(site: Site, units: int = 2_000, to: str = "wrong@okonkwo.example") -> Code:
    """A code that was sent to somebody."""
    with site.story() as story:
        text = story.code(units)
        (code,) = codes_by_last4(story.session, organization_id=story.program.organization_id, last4=text[-4:])
        deliver_code(story.session, code=code, channel="email", to=to, vault=story.vault, now=story.now)
        return code


def ordered(site: Site, item: Item) -> str:
    """The path of an order by a guest with a code, as the shop shows it."""
    with site.story() as story:
        code = story.code(3_000)
    guest = site.guest(code)
    page = guest.get(f"/s/demo/items/{item.public_id}")
    page = guest.send(guest.send(page, "/basket/lines", face_value_minor="2500"), "/orders")
    return page.response.request.path.rpartition("/")[2]


def actions(site: Site) -> list[str]:
    """Everything that was audited."""
    return list(site.read(lambda session: session.scalars(select(AuditEvent.action)).all()))


class TestHome:
    def test_says_what_is_owed_and_what_waits(self, site: Site, owner: Browser, item: Item):
        ordered(site, item)
        words = owner.get("/console/").words
        assert "Outstanding in Demo rewards €30.00" in words
        assert "Set aside for orders €25.00" in words
        assert "Bookworld card" in words
        assert "Nothing waits for you" in words

    def test_lists_what_needs_a_decision(self, site: Site, owner: Browser):
        sent_code(site)
        with site.story() as story:
            message = story.session.scalars(select(Message)).one()
            message.state, message.reason = "failed", "550 unknown"
            job = story.session.scalars(select(Job).where(Job.kind == "delivery.send_email")).one()
            job.state = "dead"
        words = owner.get("/console/").words
        assert "1 message was not sent" in words
        assert "1 job needs a decision" in words


class TestSearch:
    def test_finds_members_codes_and_orders(self, site: Site, owner: Browser, item: Item):
        with site.story() as story:
            story.member("amara", email=AMARA, phone="+4915112345678")
        code, order = sent_code(site), ordered(site, item)
        for text in ("AMARA", "okonkwo", "+49 151"):
            assert AMARA in owner.get(f"/console/search?q={text.replace('+', '%2B')}").words
        page = owner.get(f"/console/search?q={code.last4.lower()}")
        assert "wrong@okonkwo.example" in page.words
        assert "Bookworld card" in owner.get(f"/console/search?q={order}").words
        short = f"{order[-8:-4]}-{order[-4:]}"
        assert "Bookworld card" in owner.get(f"/console/search?q={short}").words

    @pytest.mark.parametrize("text", ["", "x", "%"])
    def test_asks_for_more_than_a_letter(self, owner: Browser, text: str):
        assert "Type two letters or more" in owner.get(f"/console/search?q={text}").words

    @pytest.mark.parametrize("text", ["nothing of the sort", "ZZZZ", "ord_unknown"])
    def test_says_so_when_there_is_nothing(self, owner: Browser, text: str):
        assert "Nothing found" in owner.get(f"/console/search?q={text}").words


class TestMember:
    def test_shows_wallet_orders_messages_and_timeline(self, site: Site, owner: Browser):
        with site.story() as story:
            member = story.member("amara", email=AMARA)
            story.wallet((1_000, 90), (500, 30), member=member)
        site.member(AMARA)
        page = owner.get(f"/console/members/{member.public_id}")
        for said in ("1,500 points", "Value earned", "Sign-in message", AMARA, "proved"):
            assert said in page.words


class TestCode:
    def test_shows_all_but_the_code(self, site: Site, owner: Browser):
        code = sent_code(site)
        page = owner.get(f"/console/codes/{code.public_id}")
        for said in (
            f"Code ending {code.last4}",
            "2,000 points",
            "Can be spent",
            "Code issued",
            "wrong@okonkwo.example",
        ):
            assert said in page.words

    def test_is_sent_again_to_the_same_address(self, site: Site, owner: Browser):
        code = sent_code(site)
        site.run_jobs()
        page = owner.send(owner.get(f"/console/codes/{code.public_id}"), "/resend")
        assert "on its way once more" in page.words
        site.run_jobs()
        messages = site.read(lambda session: session.scalars(select(Message)).all())
        assert [message.recipient for message in messages] == ["wrong@okonkwo.example"]
        assert "message.resent" in actions(site)

    def test_that_was_never_sent_cannot_be_sent_again(self, site: Site, owner: Browser):
        with site.story() as story:
            text = story.code(700)
            (code,) = codes_by_last4(story.session, organization_id=story.program.organization_id, last4=text[-4:])
        page = owner.get(f"/console/codes/{code.public_id}")
        assert "It was never sent by message" in page.words
        assert not any(form.action.endswith("/resend") for form in page.forms)

    def test_is_replaced_and_the_old_one_dies(self, site: Site, owner: Browser):
        code = sent_code(site)
        page = owner.get(f"/console/codes/{code.public_id}")
        page = owner.send(page, "/reissue", to="right@okonkwo.example", reason="wrong address")
        assert "The old code is dead" in page.words
        assert "right@okonkwo.example" in page.words
        old = owner.get(f"/console/codes/{code.public_id}")
        assert "Replaced" in old.words
        assert "wrong address" in old.words
        assert not any(form.action.endswith("/reissue") for form in old.forms)

    def test_is_not_replaced_without_a_reason_or_for_nobody(self, site: Site, owner: Browser):
        code = sent_code(site)
        page = owner.get(f"/console/codes/{code.public_id}")
        assert owner.send(page, "/reissue", to="right@okonkwo.example", reason="").status == 422
        assert owner.send(page, "/reissue", to="nobody", reason="wrong address").status == 422
        assert site.read(lambda session: session.scalar(select(func.count(Code.id)))) == 1

    def test_is_blocked_and_unblocked_with_a_reason(self, site: Site, owner: Browser):
        code = sent_code(site)
        path = f"/console/codes/{code.public_id}"
        page = owner.send(owner.get(path), "/block", reason="seen by somebody else")
        assert "The code is blocked" in page.words
        page = owner.send(page, "/unblock", reason="false alarm")
        assert "can be spent again" in page.words
        assert "false alarm" in page.words
        assert {"code.blocked", "code.unblocked"} <= set(actions(site))


class TestOrder:
    def test_shows_lines_tenders_and_timeline_but_no_number(self, site: Site, owner: Browser, item: Item):
        order = ordered(site, item)
        site.run_jobs()
        page = owner.get(f"/console/orders/{order}")
        for said in ("Complete", "Bookworld card", "2,500 points", "Delivered", "a guest with codes"):
            assert said in page.words
        assert "6035-" not in page.html

    def test_is_cancelled_with_a_reason(self, site: Site, owner: Browser, item: Item):
        order = ordered(site, item)
        page = owner.send(owner.get(f"/console/orders/{order}"), "/cancel", reason="ordered twice")
        assert "The order is cancelled" in page.words
        assert "order.cancelled" in actions(site)

    def test_that_is_here_cannot_be_cancelled(self, site: Site, owner: Browser, item: Item):
        order = ordered(site, item)
        page = owner.get(f"/console/orders/{order}")
        site.run_jobs()
        refused = owner.send(page, "/cancel", reason="too late")
        assert refused.status == 409
        assert "can no longer be cancelled" in refused.words


class TestMessages:
    def test_are_listed_by_state(self, site: Site, owner: Browser):
        sent_code(site)
        assert "wrong@okonkwo.example" in owner.get("/console/messages").words
        assert "wrong@okonkwo.example" in owner.get("/console/messages?state=queued").words
        assert "No messages here" in owner.get("/console/messages?state=bounced").words
        assert owner.get("/console/messages?state=nonsense").status == 200
        assert owner.get("/console/messages?cursor=forged").status == 422

    def test_show_their_words_with_every_secret_masked(self, site: Site, owner: Browser):
        code = sent_code(site)
        site.run_jobs()
        page = owner.get(owner.get("/console/messages").links["A code"])
        assert "2,000 points for you" in page.words
        assert "/k/hidden" in page.words
        frame = owner.raw(f"{page.response.request.path}/html")
        assert "sandbox" in frame.headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in frame.headers["Content-Security-Policy"]
        assert "cid:qr" not in frame.text
        assert "data:image/png" in frame.text
        assert code.last4 not in frame.text

    def test_in_the_outbox_are_opened_by_the_owner_alone_and_noted(self, site: Site, owner: Browser):
        sent_code(site)
        site.run_jobs()
        path = owner.get("/console/messages").links["A code"]
        page = owner.send(owner.get(path), "/open")
        link = page.links["Follow its link"]
        assert "2,000 points" in site.browser().get(link.removeprefix("http://localhost")).words
        assert "message.opened" in actions(site)
        support = site.worker(Role.SUPPORT_AGENT)
        assert not any(form.action.endswith("/open") for form in support.get(path).forms)

    def test_are_sent_again(self, site: Site, owner: Browser):
        sent_code(site)
        site.run_jobs()
        path = owner.get("/console/messages").links["A code"]
        page = owner.send(owner.get(path), "/resend")
        assert "on its way once more" in page.words
        assert "Queued" in page.words


class TestJobs:
    def test_that_gave_up_are_tried_again_or_given_up(self, site: Site, owner: Browser):
        sent_code(site)
        with site.story() as story:
            job = story.session.scalars(select(Job).where(Job.kind == "delivery.send_email")).one()
            job.state, job.reason, job.live_key = "dead", "the server is gone", None
        page = owner.get("/console/jobs")
        assert "the server is gone" in page.words
        page = owner.send(page, "/retry")
        assert "tried again within seconds" in page.words
        page = owner.send(page, "/cancel")
        assert "was dropped" in page.words
        assert {"job.retried", "job.cancelled"} <= set(actions(site))

    def test_come_in_pages_and_are_counted_so_far(self, site: Site, owner: Browser):
        organization_id = site.staff_row("owner@demo.example").organization_id
        with site.story() as story:
            for _ in range(LIST_LENGTH_MAX + 1):
                enqueue(
                    story.session,
                    kind="wallets.expire_value",
                    payload={},
                    organization_id=organization_id,
                    now=story.now,
                )
        page, seen = owner.get("/console/jobs?state=pending"), 0
        assert f"Waiting {LIST_LENGTH_MAX}+" in page.words
        while "Older jobs" in page.links:
            seen += page.words.count("Let value expire")
            page = owner.get(page.links["Older jobs"])
        assert seen + page.words.count("Let value expire") == LIST_LENGTH_MAX + 1

    def test_beyond_all_numbers_do_not_exist(self, owner: Browser):
        assert owner.get(f"/console/jobs/{2**63}").status == 404
        assert owner.get(f"/console/jobs?before={2**63}").status == 200
        assert owner.raw(f"/console/jobs/{2**63}/retry", method="POST").status_code != 500

    def test_of_another_organization_do_not_exist(self, site: Site, owner: Browser):
        with site.story("other") as story:
            foreign = enqueue(
                story.session,
                kind="wallets.expire_value",
                payload={},
                organization_id=story.program.organization_id,
                now=story.now,
            )
        assert owner.get(f"/console/jobs/{foreign}").status == 404
        assert "wallets.expire_value" not in owner.get("/console/jobs?state=pending").words
