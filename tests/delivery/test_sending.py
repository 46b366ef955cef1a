"""Messages are filed with what they tell, sent once, and kept with what was answered."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from rewards_service.delivery.errors import (
    MessageContextError,
    MessageNotFound,
    MessageNotResendable,
    RecipientUnusable,
    TextUnusable,
)
from rewards_service.delivery.models import Message
from rewards_service.delivery.operations import queue_message, record_receipt, resend_message
from rewards_service.delivery.policy import ALLOWED_MOVES, MessageState, ReceiptKind
from rewards_service.delivery.queries import (
    message_by_public_id,
    messages_about,
    messages_page,
    receipts_of_message,
)
from rewards_service.gateways import Acceptance, VendorAnswer
from rewards_service.gateways.mail import MemoryMail
from rewards_service.gateways.sms import MemorySms
from rewards_service.kit.actor import SYSTEM, Actor
from rewards_service.kit.audit import audit_of_object
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.errors import Conflict
from rewards_service.kit.jobs import cancel_job, enqueue, job_by_id, retry_job
from rewards_service.kit.signing import Signer
from tests.delivery.conftest import CODE
from tests.support.gateways import make_gateways

STAFF = Actor("staff", "stf_1")
HOUR = timedelta(hours=1)
BUSY = VendorAnswer(Acceptance.TEMPORARY, "4.7.1 greylisted", 451)
GONE = VendorAnswer(Acceptance.PERMANENT, "5.1.1 <ada@example.org>: no such user", 550)
SILENT = VendorAnswer(Acceptance.UNKNOWN, "no answer after the content")


def resend(message, now, **more):
    return transact(
        lambda session: resend_message(
            session, message=session.get_one(Message, message.id), actor=STAFF, now=now, **more
        )
    )


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


def answering(*answers):
    return make_gateways(mail=MemoryMail(answers), sms=MemorySms(answers))


class TestQueueMessage:
    def test_is_sent_after_the_commit(self, post):
        message = post.file()
        assert (message.state, message.recipient) == ("queued", "ada@example.org")
        assert post.send() == 1
        sent = post.look(message)
        assert (sent.state, sent.sent_at, sent.reason) == ("sent", post.clock.now(), None)
        assert sent.message_id == f"<{message.public_id}@shop.example>"
        (attempt,) = post.attempts(message)
        assert (attempt.outcome, attempt.status, attempt.answer) == ("accepted", 250, "kept in memory")

    def test_is_filed_once_for_one_fact(self, post):
        first = post.file(reference="award:1")
        assert post.file(reference="award:1").id == first.id
        assert post.send() == 1

    def test_waits_until_its_time(self, post):
        message = post.file(send_at=post.clock.now() + HOUR)
        assert post.send() == 0
        assert post.look(message).state == "scheduled"
        post.clock.advance(HOUR)
        assert post.send() == 1
        assert post.look(message).state == "sent"

    def test_goes_away_with_the_transaction_of_what_it_tells(self, post):
        def file_and_refuse(session):
            queue_message(
                session,
                organization_id=post.program.organization_id,
                program=post.program,
                channel="email",
                to="ada@example.org",
                template="sign_in",
                context={"login": "lgn_1", "minutes": 10},
                locale="en",
                now=post.clock.now(),
                about_type="x",
                about_id="x",
                reference="x",
            )
            raise Conflict

        with pytest.raises(Conflict):
            transact(file_and_refuse)
        assert post.send() == 0

    @pytest.mark.parametrize(
        ("channel", "to"),
        [
            ("email", "ada"),
            ("email", "ada@example.org\r\nBcc: all@example.org"),
            ("email", "ada@example.org\n"),
            ("email", "a@b@c"),
            ("sms", "0151 12345678"),
            ("sms", "+49"),
            ("sms", "+1555"),
            ("sms", "+49151\n12345678x"),
        ],
    )
    def test_refuses_a_recipient_that_is_none(self, post, channel, to):
        with pytest.raises(RecipientUnusable):
            post.file(to, channel=channel)

    @pytest.mark.parametrize("smuggled", ["Ada\r\nBcc: all@example.org", "Ada\nX: y", "A\x00", "A\u202e", "A\u2028"])
    def test_refuses_a_name_that_would_break_a_header(self, post, smuggled):
        with pytest.raises(TextUnusable):
            post.file(context={"login": "lgn_1", "minutes": 10, "name": smuggled})

    @pytest.mark.parametrize("name", ["Zoë O'Brien-Łukasz", "علی\u200cرضا", "李小龍", "Fein\u00adkost", "👩\u200d💻"])
    def test_takes_names_of_all_kinds(self, post, name):
        post.file(context={"login": "lgn_1", "minutes": 10, "name": name})
        post.send()
        assert post.gateways.mail.letters[0].message["To"].addresses[0].display_name == name

    def test_lets_a_note_have_lines_but_nothing_else(self, post):
        post.file(**{**CODE, "context": {**CODE["context"], "note": "Well done.\nThank you!"}})
        with pytest.raises(TextUnusable):
            post.file(**{**CODE, "context": {**CODE["context"], "note": "Well\rdone"}}, reference="other")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"template": "no_such"},
            {"context": {"login": "lgn_1"}},
            {"context": {"login": 7, "minutes": 10}},
            {"context": {"login": "lgn_1", "minutes": 10, "secret": "x"}},
        ],
    )
    def test_refuses_what_its_kind_does_not_know(self, post, wrong):
        with pytest.raises(MessageContextError):
            post.file(**wrong)


class TestAnswers:
    @pytest.fixture
    def gateways(self, request):
        return answering(*request.param)

    @pytest.mark.parametrize("gateways", [[BUSY, BUSY]], indirect=True)
    def test_that_may_pass_are_waited_out(self, post):
        message = post.file()
        post.send()
        assert (post.look(message).state, post.look(message).reason) == ("queued", "4.7.1 greylisted")
        for _ in range(2):
            post.clock.advance(HOUR)
            post.send()
        assert post.look(message).state == "sent"
        assert [(a.outcome, a.status) for a in post.attempts(message)] == [
            ("temporary", 451),
            ("temporary", 451),
            ("accepted", 250),
        ]

    @pytest.mark.parametrize("gateways", [[GONE]], indirect=True)
    def test_that_are_final_end_it_and_name_nobody(self, post):
        message = post.file()
        post.send()
        failed = post.look(message)
        assert (failed.state, failed.is_retryable, failed.reason) == ("failed", False, "5.1.1 <[email]>: no such user")
        assert "ada" not in post.attempts(message)[0].answer

    @pytest.mark.parametrize("gateways", [[SILENT]], indirect=True)
    def test_that_never_came_are_no_failure_and_the_repeat_can_be_recognised(self, post):
        message = post.file()
        post.send()
        assert post.look(message).state == "sending"
        post.clock.advance(HOUR)
        post.send()
        assert [a.outcome for a in post.attempts(message)] == ["unknown", "accepted"]
        assert len({letter.message["Message-ID"] for letter in post.gateways.mail.letters}) == 1
        assert len(post.gateways.mail.letters) == 2

    @pytest.mark.parametrize("gateways", [[SILENT]], indirect=True)
    def test_that_never_came_leave_a_text_to_a_person(self, post):
        message = post.file("+4915112345678", channel="sms")
        post.send()
        post.clock.advance(HOUR)
        assert post.send() == 0
        assert post.look(message).state == "sending"
        with read_session() as reader:
            assert job_by_id(reader, job_id=message.job_id).state == "unknown"

    @pytest.mark.parametrize("gateways", [[BUSY] * 12], indirect=True)
    def test_that_never_get_better_end_it_after_all_tries(self, post):
        message = post.file()
        for _ in range(12):
            post.send()
            post.clock.advance(HOUR)
        failed = post.look(message)
        assert (failed.state, failed.is_retryable, failed.reason) == ("failed", True, "4.7.1 greylisted")
        transact(lambda s: retry_job(s, job_id=message.job_id, actor=SYSTEM, now=post.clock.now()))
        post.send()
        assert post.look(message).state == "sent"

    @pytest.mark.parametrize(
        "gateways", [[VendorAnswer(Acceptance.TEMPORARY, "slow down", 429, retry_after=2 * HOUR)]], indirect=True
    )
    def test_that_say_when_to_come_back_are_heeded(self, post):
        message = post.file("+4915112345678", channel="sms")
        post.send()
        with read_session() as reader:
            assert job_by_id(reader, job_id=message.job_id).run_at == post.clock.now() + 2 * HOUR


class TestAttempts:
    def test_are_only_ever_added(self, post):
        post.file()
        post.send()
        with pytest.raises(DBAPIError):
            transact(lambda session: session.execute(text("UPDATE message_attempt SET answer = ''")))


class TestCancelled:
    def test_shows_as_failed(self, post):
        message = post.file()
        transact(lambda s: cancel_job(s, job_id=message.job_id, actor=SYSTEM, now=post.clock.now()))
        assert (post.look(message).state, post.look(message).reason) == ("failed", "cancelled")

    def test_does_not_touch_what_another_job_sends_now(self, post):
        message = post.file()
        first_job = message.job_id
        post.send()
        resend(message, post.clock.now())
        transact(lambda s: s.execute(text(f"UPDATE job SET state = 'dead' WHERE id = {first_job}")))
        transact(lambda s: cancel_job(s, job_id=first_job, actor=SYSTEM, now=post.clock.now()))
        assert post.look(message).state == "queued"


class TestSecrets:
    def test_stand_in_the_letter_and_nowhere_else(self, post):
        message = post.file()
        post.send()
        letter = post.gateways.mail.letters[0].message.as_string()
        assert "7K3Q H2M9" in letter
        assert "lgn_1.proof" in letter
        with read_session() as reader:
            row = reader.execute(select(Message.__table__)).mappings().one()
            assert "7K3Q" not in repr(dict(row))
        assert post.look(message).context == {"login": "lgn_1", "minutes": 10}

    def test_that_cannot_be_read_any_more_end_it(self, post):
        def gone(_, __):
            raise Conflict

        post.gateways.secrets["sign_in.code"] = gone
        message = post.file()
        post.send()
        assert (post.look(message).state, post.look(message).reason) == (
            "failed",
            "conflict: This does not fit the present state",
        )


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


def wipe(post):
    transact(lambda session: enqueue(session, kind="delivery.wipe_words", payload={}, now=post.clock.now()))
    post.send()


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
        assert len(messages_page(reader, **asked, program_id=post.program.id).items) == 3

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
