"""What every request meets before and after its endpoint."""

import json
import sys
from contextlib import contextmanager

import pytest
from marshmallow import ValidationError
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import object_session

from rewards_service.api.fields import Text
from rewards_service.api.resources import awards, programs
from rewards_service.delivery.kinds import is_clean
from rewards_service.identity.models import ApiKey
from rewards_service.identity.operations import revoke_api_key
from rewards_service.kit.database import db, unit_of_work
from tests.api.client import PROBLEM, Api, pointers, problem
from tests.api.made import award_body

MEMBER = {"program_id": "demo", "name": "Ana Soto"}


class TestAddresses:
    def test_of_nothing_are_problems_too(self, api):
        problem(api.get("/nothing"), 404, "not_found")

    def test_below_the_api_are_answered_in_json_even_outside_of_a_version(self, app):
        response = app.test_client().get("/api/v9/programs")
        assert (response.status_code, response.mimetype) == (404, PROBLEM)

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
    def test_say_which_methods_they_answer_to(self, api, method):
        response = api.send(method, "/programs")
        problem(response, 405, "method_not_allowed")
        assert response.headers["Allow"] == "GET, HEAD, POST"

    @pytest.mark.parametrize("odd", ["%00", "a%0ab", "%F0%9F%92%A9", "x" * 101, "..%2f"])
    def test_with_impossible_ids_are_not_there(self, api, odd):
        problem(api.get(f"/wallets/{odd}"), 404, "not_found")


class TestCredentials:
    @pytest.mark.parametrize("header", ["", "Basic cmV3YXJkcw==", "Bearer", "Bearer rw_live_x", "bearer  ", "rw_live_"])
    def test_that_are_none_are_refused_alike(self, app, header):
        response = app.test_client().get("/api/v1/programs", headers={"Authorization": header})
        problem(response, 401, "key_unknown")
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="rewards"'

    def test_that_were_revoked_are_refused(self, api, program, now):
        with unit_of_work() as session:
            revoke_api_key(session, key=session.query(ApiKey).one(), now=now)
        problem(api.get("/programs"), 401, "key_unknown")

    def test_are_checked_before_anything_else_is_read(self, app):
        response = app.test_client().post("/api/v1/awards", data=b"{", content_type="text/plain")
        problem(response, 401, "key_unknown")

    def test_without_the_scope_are_told_which(self, app, program, make_key):
        reading = Api(app, make_key(program, scopes=frozenset({"programs.read"})))
        assert reading.read("/programs")["items"]
        document = problem(reading.get("/members"), 403, "scope_missing")
        assert "members.read" in document["detail"]

    def test_of_one_program_do_not_make_another(self, program_api):
        problem(program_api.post("/programs", {}), 403, "organization_key_needed")

    def test_are_noted_as_used_once_an_hour(self, api, program, clock):
        api.read("/programs")
        api.read("/programs")
        with unit_of_work() as session:
            assert session.query(ApiKey).one().used_at == clock.now()


class TestBodies:
    @pytest.mark.parametrize(
        "raw",
        [
            b"{",
            b"{'a': 1}",
            b'{"a": NaN}',
            b'{"a": 1, "a": 2}',
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"a": 1e',
            b'"\xed\xa0\x80"',
        ],
        ids=["cut", "quotes", "nan", "twice", "utf16", "deep", "number", "surrogate"],
    )
    def test_that_are_no_json_are_refused(self, api, raw):
        problem(api.send("POST", "/members", raw=raw), 400, "json_unusable")

    @pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
    def test_that_do_not_say_that_they_are_json_are_refused(self, api, content_type):
        refused = api.send("POST", "/members", raw=json.dumps(MEMBER).encode(), content_type=content_type)
        problem(refused, 415, "media_type_unsupported")

    def test_that_are_too_large_are_refused(self, api):
        problem(api.send("POST", "/members", raw=b" " * 1_000_001), 413, "body_too_large")

    @pytest.mark.parametrize("raw", [b"[]", b'"text"', b"1", b"null", b"true"])
    def test_that_are_no_object_are_refused(self, api, raw):
        assert problem(api.send("POST", "/members", raw=raw), 422, "validation_failed")["errors"]

    def test_that_are_missing_name_what_is_needed(self, api):
        document = problem(api.send("POST", "/programs"), 422, "validation_failed")
        assert pointers(document)["/name"] == "required"

    def test_with_unknown_fields_are_refused(self, api):
        document = problem(api.post("/members", {**MEMBER, "emial": "x", "a/b~": 1}), 422, "validation_failed")
        assert pointers(document) == {"/emial": "unknown_field", "/a~1b~0": "unknown_field"}

    def test_with_every_field_wrong_name_each(self, api):
        body = {"program_id": 1, "name": None, "email": "nobody", "phone": "0151", "locale": "", "external_id": "a\nb"}
        document = problem(api.post("/members", body), 422, "validation_failed")
        assert pointers(document) == {
            "/program_id": "not_a_text",
            "/name": "null",
            "/email": "email_unusable",
            "/phone": "unusable",
            "/locale": "unusable",
            "/external_id": "unusable",
        }

    @pytest.mark.parametrize(
        "text", ["a\r\nBcc: x@y.z", "\x00", "\u2028", "a\u202eb", " led", "trail ", "", "\ud800", "x" * 201]
    )
    def test_with_unusable_texts_are_refused(self, api, text):
        document = problem(api.post("/members", {**MEMBER, "name": text}), 422, "validation_failed")
        assert pointers(document).keys() == {"/name"}

    def test_with_a_name_that_no_message_may_show_are_refused(self):
        signs = [chr(point) for point in range(sys.maxunicode + 1) if not is_clean(chr(point))]
        assert "\u202e" in signs
        for sign in signs:
            with pytest.raises(ValidationError):
                Text().read(f"Ana{sign}Soto")

    def test_name_no_more_problems_than_a_reader_needs(self, api):
        document = problem(api.post("/members", {f"f{n}": 1 for n in range(500)}), 422, "validation_failed")
        assert len(document["errors"]) == 100


class TestQueries:
    def test_with_unknown_parameters_are_refused(self, api):
        document = problem(api.get("/programs", limits=3), 422, "validation_failed")
        assert pointers(document) == {"/limits": "unknown_field"}

    @pytest.mark.parametrize("limit", ["0", "201", "-1", "1.0", "one", "", "9" * 40, "１"])
    def test_with_unusable_limits_are_refused(self, api, limit):
        assert pointers(problem(api.get("/programs", limit=limit), 422, "validation_failed")).keys() == {"/limit"}

    @pytest.mark.parametrize("cursor", ["x", "a.b", "\x00", "x" * 1001, ""])
    def test_with_unusable_cursors_are_refused(self, api, cursor):
        assert pointers(problem(api.get("/programs", cursor=cursor), 422, "validation_failed")).keys() == {"/cursor"}


class TestFailures:
    def test_of_the_database_say_when_to_come_back(self, api, monkeypatch):
        monkeypatch.setattr(programs, "rate_in_force", raising(OperationalError("", None, Exception("gone"))))
        response = api.get("/programs/demo")
        problem(response, 503, "database_unavailable")
        assert response.headers["Retry-After"] == "5"

    def test_of_ours_say_nothing_of_themselves(self, api, monkeypatch, capsys):
        monkeypatch.setattr(programs, "rate_in_force", raising(RuntimeError("secret cause")))
        response = api.get("/programs/demo")
        problem(response, 500, "internal_error")
        assert "secret cause" not in response.get_data(as_text=True)
        assert "secret cause" in capsys.readouterr().out

    def test_of_a_vanished_database_are_problems_too(self, api, monkeypatch):
        monkeypatch.setattr(
            "rewards_service.api.authorization.authenticate_api_key",
            raising(OperationalError("", None, Exception("gone"))),
        )
        problem(api.get("/programs"), 503, "database_unavailable")


class TestFullDisk:
    @pytest.fixture
    def database_url(self, databases, tmp_path):
        """The database that can be given a limit of its own."""
        with databases.filled("sqlite", tmp_path) as url:
            yield url

    def test_is_said_and_leaves_nothing_half_done(self, shop):
        wallet = shop.wallet(100)
        with limited_pages():
            refused = [shop.api.post("/awards", award_body(reason="x" * 200)) for _ in range(60)][-1]
            problem(refused, 503, "database_unavailable")
            held = len(shop.api.read("/ledger/entries", limit=200)["items"])
            assert shop.api.read(f"/wallets/{wallet}")["balance_units"] == 100
        assert shop.api.made("/awards", award_body())
        assert len(shop.api.read("/ledger/entries", limit=200)["items"]) == held + 1


class TestVanishedDatabase:
    @pytest.fixture
    def database_url(self, databases, tmp_path):
        """The database that lives in a process of its own."""
        with databases.filled("postgresql", tmp_path) as url:
            yield url

    def test_is_said_and_forgotten_when_it_is_back(self, shop, monkeypatch):
        with monkeypatch.context() as cut:
            cut.setattr(awards, "value_unit", end_connection)
            problem(shop.api.post("/awards", award_body()), 503, "database_unavailable")
        assert shop.api.made("/awards", award_body())


class TestHeaders:
    def test_keep_answers_out_of_caches(self, api):
        response = api.get("/programs")
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Request-Id"].startswith("req_")


@contextmanager
def limited_pages():
    """Let the database grow by a few pages and no more: its disk is full."""

    def limit(dbapi_connection, *_: object) -> None:
        (pages,) = dbapi_connection.execute("PRAGMA page_count").fetchone()
        dbapi_connection.execute(f"PRAGMA max_page_count={pages + 4}")

    db.engine.dispose()
    event.listen(db.engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(db.engine, "connect", limit)
        db.engine.dispose()


def end_connection(program, **_: object) -> None:
    """End the connection in the middle of a request, as a server does that is shut down."""
    object_session(program).execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def raising(error: Exception):
    """Return a function that raises ``error`` whatever it is given."""

    def fail(*_: object, **__: object) -> None:
        raise error

    return fail
