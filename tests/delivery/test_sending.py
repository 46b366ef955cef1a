"""Messages are filed with what they tell, sent once, and kept with what was answered."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from rewards_service.delivery.errors import (
    MessageContextError,
    RecipientUnusable,
    TextUnusable,
)
from rewards_service.delivery.jobs import STATE_AFTER
from rewards_service.delivery.models import Message
from rewards_service.delivery.operations import queue_message
from rewards_service.delivery.policy import ALLOWED_MOVES, MessageState
from rewards_service.gateways import Acceptance, VendorAnswer
from rewards_service.gateways.mail import MemoryMail
from rewards_service.gateways.sms import MemorySms
from rewards_service.kit.actor import SYSTEM, Actor
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.errors import Conflict
from rewards_service.kit.jobs import cancel_job, job_by_id, retry_job
from tests.delivery.conftest import CODE, resend
from tests.support.gateways import make_gateways

STAFF = Actor("staff", "stf_1")
HOUR = timedelta(hours=1)
BUSY = VendorAnswer(Acceptance.TEMPORARY, "4.7.1 greylisted", 451)
GONE = VendorAnswer(Acceptance.PERMANENT, "5.1.1 <ada@example.org>: no such user", 550)
SILENT = VendorAnswer(Acceptance.UNKNOWN, "no answer after the content")


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

    @pytest.mark.parametrize("gateways", [[SILENT] * 12], indirect=True)
    def test_that_never_come_leave_a_letter_to_a_person_before_it_arrives_too_often(self, post):
        message = post.file()
        for _ in range(12):
            post.send()
            post.clock.advance(HOUR)
        assert [a.outcome for a in post.attempts(message)] == ["unknown"] * 3
        assert len(post.gateways.mail.letters) == 3
        assert post.look(message).state == "sending"
        with read_session() as reader:
            assert job_by_id(reader, job_id=message.job_id).state == "unknown"

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


class TestStateAfter:
    def test_is_known_for_every_answer(self):
        assert set(STATE_AFTER) == set(Acceptance)

    def test_is_one_to_which_a_message_may_move_unless_it_stays(self):
        moves = {answer: state for answer, state in STATE_AFTER.items() if state is not MessageState.SENDING}
        assert set(STATE_AFTER) - set(moves) == {Acceptance.UNKNOWN}
        assert set(moves.values()) <= ALLOWED_MOVES[MessageState.SENDING]


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
