"""Messages are sent again, reported about, found, and in the end forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from rewards_service.delivery.errors import (
    MessageNotFound,
    MessageNotResendable,
)
from rewards_service.delivery.models import Message
from rewards_service.delivery.operations import record_receipt
from rewards_service.delivery.policy import ALLOWED_MOVES, MessageState, ReceiptKind
from rewards_service.delivery.queries import (
    message_by_public_id,
    messages_about,
    messages_page,
    receipts_of_message,
)
from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import audit_of_object
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.jobs import enqueue
from rewards_service.kit.signing import Signer
from tests.delivery.conftest import CODE, resend

STAFF = Actor("staff", "stf_1")
HOUR = timedelta(hours=1)


def report(message, kind, now, reference="r-1", detail="5.1.1 ada@example.org unknown"):
    return transact(
        lambda session: record_receipt(
            session,
            message=session.get_one(Message, message.id),
            kind=kind,
            reference=reference,
            detail=detail,
            occurred_at=now,
            now=now,
        )
    )


def wipe(post):
    transact(lambda session: enqueue(session, kind="delivery.wipe_words", payload={}, now=post.clock.now()))
    post.send()


class TestResendMessage:
    def test_is_the_same_message_for_the_same_recipient(self, post):
        message = post.file()
        post.send()
        again = resend(message, post.clock.now(), to="ada@example.org")
        assert (again.id, again.state) == (message.id, "queued")
        post.send()
        assert [a.outcome for a in post.attempts(message)] == ["accepted", "accepted"]
        assert len({letter.message["Message-ID"] for letter in post.gateways.mail.letters}) == 1

    def test_is_a_message_of_its_own_for_another_recipient(self, post):
        message = post.file(**CODE)
        post.send()
        again = resend(message, post.clock.now(), to="bob@example.org")
        assert (again.repeat_of_id, again.recipient) == (message.id, "bob@example.org")
        assert "name" not in again.context
        post.send()
        first, second = post.gateways.mail.letters
        assert first.message["Message-ID"] != second.message["Message-ID"]
        assert "token-of-lnk_1" in second.message.get_body(("plain",)).get_content()

    def test_is_audited(self, post):
        message = post.file()
        post.send()
        resend(message, post.clock.now())
        with read_session() as reader:
            (event,) = audit_of_object(
                reader, organization_id=message.organization_id, object_type="message", object_id=message.public_id
            )
            assert (event.action, event.actor_reference) == ("message.resent", "stf_1")
            assert event.detail == {"as": message.public_id, "to_another_recipient": False}

    def test_refuses_what_is_under_way(self, post):
        with pytest.raises(MessageNotResendable):
            resend(post.file(), post.clock.now())

    def test_refuses_whoever_complained(self, post):
        message = post.file()
        post.send()
        report(message, ReceiptKind.COMPLAINED, post.clock.now())
        with pytest.raises(MessageNotResendable):
            resend(message, post.clock.now())

    @pytest.mark.parametrize(("channel", "to"), [("email", "ada@example.org"), ("sms", "+4915112345678")])
    def test_lets_the_job_of_before_do_nothing(self, post, channel, to):
        message = post.file(to, channel=channel)
        first_job = message.job_id
        post.send()
        resend(message, post.clock.now())
        transact(
            lambda s: s.execute(text(f"UPDATE job SET state = 'pending', run_at = created_at WHERE id = {first_job}"))
        )
        assert post.send() == 2
        assert len(post.attempts(message)) == 2

    def test_refuses_words_that_were_wiped(self, post):
        message = post.file()
        post.send()
        post.clock.advance(timedelta(days=181))
        wipe(post)
        with pytest.raises(MessageNotResendable):
            resend(message, post.clock.now())


class TestWipeWords:
    def test_takes_the_words_of_old_messages_and_leaves_the_evidence(self, post, monkeypatch):
        monkeypatch.setattr("rewards_service.delivery.jobs.WIPE_CHUNK", 2)
        old = [post.file(f"ada{number}@example.org") for number in range(3)]
        post.send()
        post.clock.advance(timedelta(days=180))
        young = post.file("bob@example.org")
        wipe(post)
        assert [post.look(message).context for message in old] == [{}] * 3
        assert post.look(young).context != {}
        assert len(post.attempts(old[0])) == 1


class TestRecordReceipt:
    @pytest.mark.parametrize("kind", list(ReceiptKind))
    def test_moves_a_sent_message(self, post, kind):
        message = post.file()
        post.send()
        report(message, kind, post.clock.now())
        assert post.look(message).state == kind
        with read_session() as reader:
            (receipt,) = receipts_of_message(reader, message=message)
            assert receipt.detail == "5.1.1 [email] unknown"

    def test_counts_the_same_report_once(self, post):
        message = post.file()
        post.send()
        first = report(message, ReceiptKind.DELIVERED, post.clock.now())
        assert report(message, ReceiptKind.DELIVERED, post.clock.now()).id == first.id

    def test_that_comes_late_changes_nothing(self, post):
        message = post.file()
        post.send()
        report(message, ReceiptKind.COMPLAINED, post.clock.now())
        report(message, ReceiptKind.DELIVERED, post.clock.now())
        assert post.look(message).state == "complained"


class TestQueries:
    def test_find_a_message_only_for_its_organization(self, post, reader):
        message = post.file()
        asked = {"public_id": message.public_id}
        assert message_by_public_id(reader, organization_id=message.organization_id, **asked).id == message.id
        with pytest.raises(MessageNotFound):
            message_by_public_id(reader, organization_id=message.organization_id + 1, **asked)

    def test_list_the_outbox_newest_first_in_pages(self, post, reader):
        messages = [post.file(f"ada{number}@example.org") for number in range(3)]
        asked = {"organization_id": post.program.organization_id, "signer": Signer([b"k" * 32])}
        page = messages_page(reader, **asked, limit=2)
        assert [m.id for m in page.items] == [messages[2].id, messages[1].id]
        rest = messages_page(reader, **asked, cursor=page.next_cursor)
        assert [m.id for m in rest.items] == [messages[0].id]
        assert messages_page(reader, **asked, state=MessageState.SENT).items == []
        assert len(messages_page(reader, **asked, recipient="ada1@example.org").items) == 1
        assert len(messages_page(reader, **asked, program_ids={post.program.id}).items) == 3
        assert messages_page(reader, **asked, program_ids=()).items == []

    def test_list_what_was_said_about_one_thing(self, post, reader):
        message = post.file(about_id="lgn_7")
        post.file("bob@example.org")
        asked = {"about_type": "login_request", "about_id": "lgn_7"}
        assert [m.id for m in messages_about(reader, organization_id=message.organization_id, **asked)] == [message.id]


class TestPolicy:
    def test_lets_every_state_be_reached_and_complaints_be_final(self):
        reachable = {target for targets in ALLOWED_MOVES.values() for target in targets}
        assert reachable | {MessageState.SCHEDULED} == set(MessageState)
        assert ALLOWED_MOVES[MessageState.COMPLAINED] == frozenset()
        assert set(ALLOWED_MOVES) == set(MessageState)
