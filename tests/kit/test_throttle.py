"""Too many failures close the door for a while, and only for whoever failed."""

import threading
import time
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select
from structlog.testing import capture_logs

from rewards_service.kit.database import db, read_session, unit_of_work
from rewards_service.kit.errors import RateLimited
from rewards_service.kit.throttle import (
    Caller,
    Scope,
    count_failures,
    purge_failures,
    record_failure,
    require_below_limits,
    site_standing,
)
from rewards_service.kit.throttle.models import ThrottleFailure

GUEST = Caller(session="s-1", address="192.0.2.7", organization_id=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LINGER_SECONDS = 0.3


@pytest.fixture
def fail(app: Flask, now):
    def failing(times, *, caller=GUEST, purpose="code", at=now, apart=timedelta(0)):
        with unit_of_work() as session:
            for number in range(times):
                record_failure(session, purpose=purpose, caller=caller, now=at + number * apart)

    return failing


def attempt(at, *, caller=GUEST, purpose="code"):
    with read_session() as reader:
        return require_below_limits(reader, purpose=purpose, caller=caller, now=at)


def seconds_refused(at, *, caller=GUEST, purpose="code"):
    with pytest.raises(RateLimited) as refusal:
        attempt(at, caller=caller, purpose=purpose)
    return refusal.value.retry_after


class TestSession:
    def test_may_fail_four_times(self, fail, now):
        fail(4)
        assert not attempt(now).needs_proof

    @pytest.mark.parametrize(("failures", "wait"), [(5, 60), (9, 60), (10, 300), (15, 1800), (19, 1800)])
    def test_waits_longer_the_more_it_fails(self, fail, now, failures, wait):
        fail(failures, caller=Caller(session="s-1"))
        assert seconds_refused(now, caller=Caller(session="s-1")) == wait

    def test_is_let_in_at_the_very_end_of_the_wait(self, fail, now):
        fail(5)
        assert seconds_refused(now + MINUTE - SECOND) == 1
        attempt(now + MINUTE)

    def test_is_not_held_to_failures_that_lie_far_apart(self, fail, now):
        fail(5, apart=timedelta(minutes=2, seconds=30))
        attempt(now + timedelta(minutes=10))

    def test_does_not_pay_for_another_purpose(self, fail, now):
        fail(5)
        attempt(now, purpose="sign_in")


class TestAddress:
    def test_may_fail_nineteen_times_an_hour_over_all_sessions(self, fail, now):
        for number in range(20):
            attempt(now, caller=Caller(session=f"n-{number}", address="192.0.2.7"))
            fail(1, caller=Caller(session=f"s-{number}", address="192.0.2.7"))
        assert seconds_refused(now, caller=Caller(session="new", address="192.0.2.7")) == 3600

    def test_is_let_in_when_the_first_failure_is_an_hour_old(self, fail, now):
        fail(20, caller=Caller(address="192.0.2.7"), apart=MINUTE)
        assert seconds_refused(now + HOUR - SECOND, caller=Caller(address="192.0.2.7")) == 1
        attempt(now + HOUR, caller=Caller(address="192.0.2.7"))

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("2001:db8::1", "2001:db8::ffff:2"),
            ("192.0.2.7", "::ffff:192.0.2.7"),
            ("fe80::1%eth0", "fe80::2"),
        ],
    )
    def test_counts_one_network_as_one(self, first, second):
        assert Caller(address=first).counted_as() == Caller(address=second).counted_as()

    def test_counts_neighbours_apart(self):
        assert Caller(address="192.0.2.7").counted_as() != Caller(address="192.0.2.8").counted_as()
        assert Caller(address="2001:db8::1").counted_as() != Caller(address="2001:db8:0:1::1").counted_as()

    @pytest.mark.parametrize("address", [None, "", "unix:", "999.1.1.1"])
    def test_is_left_out_where_there_is_none(self, address):
        assert Scope.ADDRESS not in Caller(address=address).counted_as()


class TestOrganization:
    def test_lets_newcomers_in_during_an_attack(self, fail, now):
        for number in range(30):
            fail(10, caller=Caller(address=f"198.51.100.{number}", organization_id=1))
        attempt(now, caller=GUEST)
        fail(1, caller=GUEST)
        assert seconds_refused(now, caller=GUEST) == 3600
        attempt(now, caller=Caller(session="s-1", address="192.0.2.7", organization_id=2))

    def test_takes_a_repentant_for_a_newcomer(self, fail, now):
        fail(1, at=now - HOUR)
        for number in range(30):
            fail(10, caller=Caller(address=f"198.51.100.{number}", organization_id=1))
        attempt(now)


class TestRecipient:
    def test_gets_three_messages_in_ten_minutes(self, fail, now):
        caller = Caller(recipient="ada@example.org", address="192.0.2.7")
        fail(3, caller=caller, purpose="sign_in_request")
        assert seconds_refused(now, caller=caller, purpose="sign_in_request") == 600
        attempt(now, caller=Caller(recipient="bob@example.org"), purpose="sign_in_request")

    def test_is_not_kept_in_clear(self, fail, app: Flask):
        fail(1, caller=Caller(recipient="ada@example.org", session="s-1"))
        with read_session() as reader:
            keys = " ".join(reader.scalars(select(ThrottleFailure.key)))
            assert "ada" not in keys
            assert "s-1" not in keys


class TestSite:
    def test_asks_everybody_for_proof_but_stops_nobody(self, fail, now):
        fail(999, caller=Caller())
        assert not attempt(now).needs_proof
        fail(1, caller=Caller())
        assert attempt(now).needs_proof
        assert not attempt(now + HOUR).needs_proof

    def test_raises_the_alarm_once(self, fail, now):
        fail(299, caller=Caller())
        with capture_logs() as logs:
            fail(3, caller=Caller())
        assert [entry["event"] for entry in logs] == ["throttle_alarm"]
        with read_session() as reader:
            assert site_standing(reader, purpose="code", now=now).is_alarming

    def test_raises_the_alarm_also_where_the_last_failures_are_committed_side_by_side(self, app: Flask, fail, now):
        fail(298, caller=Caller())
        barrier = threading.Barrier(2)

        def fail_beside_another():
            with app.app_context(), unit_of_work() as session:
                barrier.wait(20)
                record_failure(session, purpose="code", caller=Caller(), now=now)
                time.sleep(LINGER_SECONDS)

        with capture_logs() as logs:
            threads = [threading.Thread(target=fail_beside_another) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(20)
        assert [entry["event"] for entry in logs] == ["throttle_alarm"]

    def test_says_nothing_of_an_alarm_that_did_not_come_about(self, app: Flask, fail, now):
        def fail_and_give_up():
            with unit_of_work() as session:
                record_failure(session, purpose="code", caller=Caller(), now=now)
                raise ZeroDivisionError

        fail(299, caller=Caller())
        with capture_logs() as logs:
            for _ in range(3):
                with pytest.raises(ZeroDivisionError):
                    fail_and_give_up()
            assert logs == []
            fail(1, caller=Caller())
        assert [entry["event"] for entry in logs] == ["throttle_alarm"]

    def test_says_nothing_of_an_alarm_whose_commit_failed(self, app: Flask, fail, now):
        def give_up(_):
            raise ZeroDivisionError

        fail(299, caller=Caller())
        with capture_logs() as logs, db.session() as session:
            record_failure(session, purpose="code", caller=Caller(), now=now)
            event.listen(db.engine, "commit", give_up)
            with pytest.raises(ZeroDivisionError):
                session.commit()
            event.remove(db.engine, "commit", give_up)
            session.rollback()
            session.execute(select(1))
            session.commit()
        assert logs == []

    def test_has_failures_wait_for_each_other_no_sooner_than_they_are_committed(self, app: Flask, fail, now):
        statements = []

        def note(*given):
            statements.append(given[2])

        fail(250, caller=Caller())
        event.listen(db.engine, "before_cursor_execute", note)
        with unit_of_work() as session:
            with session.begin_nested():
                record_failure(session, purpose="code", caller=Caller(), now=now)
            session.add(ThrottleFailure(purpose="any", scope="any", key="any", failed_at=now))
            assert not any("throttle_alarm" in statement for statement in statements)
        event.remove(db.engine, "before_cursor_execute", note)
        locked = [number for number, statement in enumerate(statements) if "INTO throttle_alarm" in statement]
        written = [number for number, statement in enumerate(statements) if "INTO throttle_failure" in statement]
        assert len(locked) == 1
        assert len(written) == 2
        assert max(written) < locked[0]

    def test_raises_the_alarm_again_when_an_hour_has_passed_and_not_before(self, fail, now):
        with capture_logs() as logs:
            fail(299, caller=Caller())
            fail(1, caller=Caller(), at=now + 50 * MINUTE)
            fail(300, caller=Caller(), at=now + HOUR)
            assert [entry["event"] for entry in logs] == ["throttle_alarm"]
            fail(1, caller=Caller(), at=now + HOUR + 50 * MINUTE)
        assert [entry["event"] for entry in logs] == ["throttle_alarm"] * 2

    def test_raises_an_alarm_for_each_purpose(self, fail):
        with capture_logs() as logs:
            for purpose in ("code", "sign_in_code"):
                fail(300, caller=Caller(), purpose=purpose)
        assert [entry["purpose"] for entry in logs] == ["code", "sign_in_code"]


class TestCountFailures:
    def test_counts_what_happened_since(self, fail, now):
        fail(3, apart=MINUTE)
        with read_session() as reader:
            asked = {"purpose": "code", "caller": GUEST}
            assert count_failures(reader, scope=Scope.SESSION, since=now, **asked) == 2
            assert count_failures(reader, scope=Scope.SESSION, since=now - MINUTE, at_most=1, **asked) == 1
            assert count_failures(reader, scope=Scope.RECIPIENT, since=now - MINUTE, **asked) == 0


class TestRequireBelowLimits:
    def test_lets_a_purpose_without_any_scope_pass(self, app: Flask, now):
        attempt(now, caller=Caller(), purpose="sms")


class TestPurgeFailures:
    def test_forgets_after_a_day(self, fail, now):
        fail(1)
        with unit_of_work() as session:
            assert purge_failures(session, now=now + timedelta(hours=23)) == 0
            assert purge_failures(session, now=now + timedelta(days=1)) == 4
