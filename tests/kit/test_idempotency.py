"""A keyed request has one effect and one answer."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.audit import record_audit
from rewards_service.kit.audit.models import AuditEvent
from rewards_service.kit.crypto import Vault, new_key_ring, with_new_key
from rewards_service.kit.database import db, read_session, transact, unit_of_work
from rewards_service.kit.errors import Conflict, RateLimited
from rewards_service.kit.idempotency import (
    Answer,
    AnswerSecret,
    IdempotencyInProgress,
    IdempotencyKeyMissing,
    IdempotencyKeyUnusable,
    IdempotencyMismatch,
    KeyedRequest,
    answer_once,
    new_key,
    purge_answers,
    read_key,
    turn_postgresql,
    wipe_answers,
)
from rewards_service.kit.idempotency import answers as answers_module
from rewards_service.kit.idempotency.models import StoredAnswer
from tests.conftest import NOW
from tests.support.databases import KINDS

REQUEST = KeyedRequest(
    key="k-1", credential="api_key:key_1", method="POST", route="/orders", content=b'{"units": 5}', organization_id=1
)
JSON = (("Content-Type", "application/json"),)


@pytest.fixture
def vault():
    return Vault(new_key_ring())


def effects(reader):
    return reader.scalar(select(func.count()).select_from(AuditEvent))


def leave_a_trace(session, now, action="order.placed"):
    record_audit(
        session, organization_id=1, actor=SYSTEM, action=action, object_type="order", object_id="ord_1", now=now
    )
    session.flush()


@pytest.fixture
def ask(app: Flask, vault, now):
    """Ask with ``REQUEST`` or another; the effect is one audit row, the answer says how many there are."""

    def produce(session):
        leave_a_trace(session, now)
        return Answer(201, JSON, json.dumps({"effects": effects(session)}).encode())

    def asking(request=REQUEST, *, produce=produce, at=now, refused=None):
        return answer_once(request, produce=produce, refuse=as_problem, refused=refused, vault=vault, now=at)

    return asking


def as_problem(refusal):
    return Answer(refusal.status, JSON, json.dumps({"code": refusal.code}).encode())


def refuse(_session):
    raise Conflict


def ok(_session):
    return Answer(200, (), b"fine")


class TestAnswerOnce:
    def test_has_one_effect_and_repeats_the_bytes(self, ask):
        first, again = ask(), ask()
        assert (first.status, first.body, first.is_replay) == (201, b'{"effects": 1}', False)
        assert again == replace(first, is_replay=True)
        with read_session() as reader:
            assert effects(reader) == 1

    @pytest.mark.parametrize(
        "other", [{"key": "k-2"}, {"credential": "api_key:key_2"}, {"method": "PUT"}, {"route": "/codes"}]
    )
    def test_takes_the_key_for_another_one_in_another_scope(self, ask, other):
        ask()
        assert not ask(replace(REQUEST, **other)).is_replay

    def test_refuses_the_key_for_other_content(self, ask):
        ask()
        with pytest.raises(IdempotencyMismatch):
            ask(replace(REQUEST, content=b'{"units": 6}'))

    def test_stores_a_business_refusal_without_its_effect(self, ask, now):
        def place_and_refuse(session):
            leave_a_trace(session, now)
            raise Conflict

        assert ask(produce=place_and_refuse).status == 409
        again = ask()
        assert (again.status, again.is_replay, again.body) == (409, True, b'{"code": "conflict"}')
        with read_session() as reader:
            assert effects(reader) == 0

    def test_keeps_what_outlives_a_refusal(self, ask, now):
        ask(produce=refuse, refused=lambda session, _: leave_a_trace(session, now, "order.refused"))
        with read_session() as reader:
            assert effects(reader) == 1

    @pytest.mark.parametrize("failure", [ZeroDivisionError(), RateLimited(retry_after=60)])
    def test_stores_no_failure_of_ours_and_no_throttle(self, ask, failure):
        def fail(_session):
            raise failure

        with pytest.raises(type(failure)):
            ask(produce=fail)
        assert ask().status == 201

    def test_knows_a_repeat_after_the_lookup_key_changed(self, app: Flask, now):
        ring = new_key_ring()
        for keys, is_replay in ((ring, False), (with_new_key(ring, "lookup"), True)):
            answer = answer_once(REQUEST, produce=ok, refuse=as_problem, vault=Vault(keys), now=now)
            assert answer.is_replay == is_replay


class TestTwins:
    def test_get_one_effect_and_equal_bytes(self, app: Flask, ask):
        gate, answers = threading.Barrier(6), []

        def twin():
            with app.app_context():
                gate.wait()
                answers.append(ask())

        run_all([threading.Thread(target=twin) for _ in range(6)])
        assert {answer.body for answer in answers} == {b'{"effects": 1}'}
        assert sum(not answer.is_replay for answer in answers) == 1

    def test_are_told_when_the_first_takes_too_long(self, app: Flask, ask, now):
        working, go_on = threading.Event(), threading.Event()

        def dawdle(_session):
            working.set()
            go_on.wait(20)
            return Answer(201, (), b"late")

        def first():
            with app.app_context():
                ask(produce=dawdle)

        thread = threading.Thread(target=first)
        thread.start()
        working.wait(20)
        try:
            with pytest.raises(IdempotencyInProgress):
                ask()
        finally:
            go_on.set()
            thread.join(20)
        assert ask().body == b"late"

    def test_cannot_make_two_answers_of_a_refusal(self, ask, vault, now, monkeypatch):
        def transact_after_a_twin(operation):
            if operation.func is answers_module._keep_refusal:
                transact(partial(answers_module._answer, request=REQUEST, vault=vault, now=now, produce=ok))
            return transact(operation)

        monkeypatch.setattr(answers_module, "transact", transact_after_a_twin)
        assert ask(produce=refuse) == replace(ok(None), is_replay=True)


@pytest.mark.skipif("postgresql" not in KINDS, reason="on SQLite twins wait for a lock file")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestTwinsOnPostgresql:
    def test_leave_the_usual_patience_to_the_statements_that_follow(self, ask):
        def look(session):
            return Answer(200, (), session.connection().exec_driver_sql("SHOW lock_timeout").scalar().encode())

        assert ask(produce=look).body == b"10s"

    def test_are_not_blamed_for_what_is_wrong_with_the_database(self, ask):
        def claim_on_a_connection_that_was_ended(session):
            backend = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with db.engine.connect() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({backend}, 5000)")
            row = {"organization_id": 1, "key_digest": b"d", "fingerprint": b"f", "created_at": NOW}
            turn_postgresql.claim_key(session, row)

        with pytest.raises(OperationalError, match="terminating connection"):
            transact(claim_on_a_connection_that_was_ended)


class TestSecrets:
    @pytest.fixture
    def secretive(self, ask):
        secret = AnswerSecret(references=("cod_1", "cod_2"), body_without=b'{"code": null}')
        return lambda at: ask(produce=lambda _: Answer(201, JSON, '{"code": "7K3Q…"}'.encode(), secret), at=at)

    def test_are_sealed_and_replayed(self, secretive, now):
        first = secretive(now)
        assert secretive(now).body == first.body
        with read_session() as reader:
            row = reader.scalars(select(StoredAnswer)).one()
            assert "7K3Q" not in repr((row.body, row.sealed_body))

    def test_are_gone_after_a_day(self, secretive, now):
        secretive(now)
        assert secretive(now + timedelta(hours=24)).body == b'{"code": null}'

    def test_are_wiped_with_the_code(self, secretive, now):
        secretive(now)
        assert transact(lambda session: wipe_answers(session, references=["cod_2"])) == 1
        assert transact(lambda session: wipe_answers(session, references=["cod_2"])) == 0
        again = secretive(now)
        assert (again.status, again.body) == (201, b'{"code": null}')


class TestPurgeAnswers:
    def test_forgets_after_thirty_days(self, ask, now):
        ask()
        with unit_of_work() as session:
            assert purge_answers(session, now=now + timedelta(days=29)) == 0
            assert purge_answers(session, now=now + timedelta(days=30)) == 1


class TestReadKey:
    def test_takes_what_a_header_may_hold(self):
        assert read_key("8e03978e-40d5") == "8e03978e-40d5"
        assert read_key(new_key()) != new_key()

    @pytest.mark.parametrize("missing", [None, ""])
    def test_refuses_none(self, missing):
        with pytest.raises(IdempotencyKeyMissing):
            read_key(missing)

    @pytest.mark.parametrize("bad", ["a b", "x" * 256, "a\r\nb", "schlüssel", "\x00"])
    def test_refuses_what_no_header_may_hold(self, bad):
        with pytest.raises(IdempotencyKeyUnusable):
            read_key(bad)


def run_all(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
