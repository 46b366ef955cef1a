"""Addresses for machines that watch."""

import re

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from rewards_service.kit import schema
from rewards_service.kit.database import db

LINE = re.compile(r"^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? -?\d+(\.\d+)?)$")


class TestHealthz:
    def test_says_that_the_process_answers(self, app):
        response = app.test_client().get("/healthz")
        assert (response.status_code, response.get_json()) == (200, {"status": "ok"})

    def test_asks_nobody(self, app, monkeypatch):
        monkeypatch.setattr("rewards_service.api.health.read_session", vanished)
        assert app.test_client().get("/healthz").status_code == 200


class TestReadyz:
    def test_needs_the_schema_of_this_version(self, app, monkeypatch):
        monkeypatch.setattr("rewards_service.api.health.revision_of", lambda _engine: schema.newest_revision())
        response = app.test_client().get("/readyz")
        assert (response.status_code, response.get_json()) == (
            200,
            {"status": "ok", "checks": {"database": "ok", "schema": "ok"}},
        )

    def test_refuses_an_older_schema(self, app):
        with db.engine.connect() as connection:
            connection.execute(text("DELETE FROM alembic_version")) if has_versions(connection) else None
            connection.commit()
        response = app.test_client().get("/readyz")
        assert response.status_code == 503
        assert response.get_json()["checks"]["database"] == "ok"
        assert schema.newest_revision() in response.get_json()["checks"]["schema"]

    def test_refuses_without_a_database(self, app, monkeypatch):
        for name in ("read_session", "revision_of"):
            monkeypatch.setattr(f"rewards_service.api.health.{name}", vanished)
        response = app.test_client().get("/readyz")
        assert response.status_code == 503
        assert response.get_json()["checks"] == {"database": "does not answer", "schema": "unknown"}


class TestMetrics:
    def test_are_in_the_text_format(self, api):
        api.read("/programs")
        api.get("/wallets/nothing")
        response = api.app.test_client().get("/metrics")
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        lines = response.get_data(as_text=True).splitlines()
        assert [line for line in lines if not LINE.match(line)] == []
        counted = [line for line in lines if line.startswith("rewards_http_requests_total{")]
        assert any('endpoint="api.list_programs",method="GET",status="200"} 1' in line for line in counted)
        assert any('endpoint="api.read_wallet",method="GET",status="404"} 1' in line for line in counted)

    def test_show_what_waits(self, shop):
        shop.code(deliver={"channel": "email", "to": "ana@example.com"})
        figures = shop.api.app.test_client().get("/metrics").get_data(as_text=True)
        assert 'rewards_jobs{state="pending"} 1' in figures
        assert "rewards_job_oldest_due_seconds 0" in figures

    def test_hold_nothing_that_a_caller_wrote(self, app):
        app.test_client().get('/evil"} 1\n')
        assert "evil" not in app.test_client().get("/metrics").get_data(as_text=True)


def vanished(*_: object) -> None:
    """Fail as a database that is not there."""
    raise OperationalError("", None, Exception("gone"))


def has_versions(connection) -> bool:
    """Tell whether migrations made this database."""
    return bool(db.inspect(connection).has_table("alembic_version"))
