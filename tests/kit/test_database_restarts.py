"""A database server that restarted: whoever asks next notices nothing."""

from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from rewards_service.kit import database_postgresql
from rewards_service.kit.database import db, read_session, transact
from tests.support.databases import KINDS

pytestmark = pytest.mark.skipif("postgresql" not in KINDS, reason="SQLite has no server that could restart")

SESSIONS = 3


@pytest.fixture
def end_backends(database_url: str) -> Callable[[], int]:
    """Ends every other connection to the database, as a restart does, and says how many there were."""
    address = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    mine = " WHERE datname = current_database() AND pid <> pg_backend_pid()"

    def end() -> int:
        with psycopg.connect(address, autocommit=True) as connection:
            return len(connection.execute(others + mine).fetchall())

    return end


def fill_pool() -> None:
    """Leave several idle connections in the pool."""
    connections = [db.engine.connect() for _ in range(SESSIONS)]
    for connection in connections:
        connection.close()


def answer() -> int:
    """Ask the database something in a session that reads."""
    with read_session() as session:
        return session.scalar(text("SELECT 42"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestRestart:
    def test_is_not_noticed_by_whoever_asks_next(self, app, end_backends, monkeypatch) -> None:
        monkeypatch.setattr(database_postgresql, "IDLE_SECONDS_MAX", -1)
        fill_pool()
        assert end_backends() == SESSIONS
        assert answer() == 42
        assert transact(lambda session: session.scalar(text("SELECT 43"))) == 43
        assert [answer() for _ in range(SESSIONS)] == [42] * SESSIONS

    def test_replaces_every_connection_at_once(self, app, end_backends, monkeypatch) -> None:
        monkeypatch.setattr(database_postgresql, "IDLE_SECONDS_MAX", -1)
        fill_pool()
        end_backends()
        answer()
        fill_pool()
        assert end_backends() == SESSIONS

    def test_is_not_looked_for_while_connections_are_in_use(self, app, monkeypatch) -> None:
        asked: list[object] = []
        answer()
        monkeypatch.setattr(db.engine.dialect, "do_ping", asked.append)
        answer()
        assert asked == []
        monkeypatch.setattr(database_postgresql, "IDLE_SECONDS_MAX", -1)
        answer()
        assert len(asked) == 1
