"""What every test may ask for: a database of either kind, an application on it, a clock that stands still, a seed."""

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from rewards_service.config import Settings, read_settings
from rewards_service.kit.clock import FixedClock
from rewards_service.kit.crypto import KeyRing, Vault, new_key_ring
from rewards_service.kit.database import connect_database, db, read_session, unit_of_work
from rewards_service.programs.models import Program
from tests.support.databases import KINDS, Databases
from tests.support.made_up import make_program
from tests.support.network import refuse_network
from tests.support.schema import build_schema

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SEED_VARIABLE = "REWARDS_TEST_SEED"
REQUIRE_ALL_VARIABLE = "REWARDS_TEST_REQUIRE_ALL"

hypothesis.settings.register_profile("rewards", deadline=None, print_blob=True, database=None)
hypothesis.settings.load_profile("rewards")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Close the network and fix the seed, the same in every process of one run."""
    refuse_network()
    seed = os.environ.setdefault(SEED_VARIABLE, str(random.SystemRandom().randrange(2**32)))
    if config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = seed


def pytest_report_header() -> str:
    """Say the seed that repeats this run."""
    return f"seed: {SEED_VARIABLE}={os.environ[SEED_VARIABLE]}; databases: {', '.join(KINDS)}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say the seed again where something failed, because the header may have scrolled away."""
    if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
        terminalreporter.write_line(f"repeat with {SEED_VARIABLE}={os.environ[SEED_VARIABLE]}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped something where the whole of it was asked for."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get(REQUIRE_ALL_VARIABLE) and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Where this process gets its databases from."""
    source = Databases(tmp_path_factory.mktemp("databases"), build_schema)
    yield source
    source.close()


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with every table and no row; the test runs once for each kind."""
    with databases.filled(request.param, tmp_path) as url:
        yield url


@pytest.fixture(params=KINDS)
def blank_database_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table; the test runs once for each kind."""
    with databases.blank(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    """An application on a fresh database, with its context open."""
    application = Flask("rewards_service")
    application.config["SQLALCHEMY_DATABASE_URI"] = database_url
    connect_database(application)
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def program(app: Flask) -> Program:
    """The program ``demo`` of the organization ``demo``: points PTS, EUR, 100 points to the euro."""
    with unit_of_work() as writing:
        return make_program(writing, external_id="demo", now=NOW)


@pytest.fixture
def other_program(app: Flask) -> Program:
    """The program ``other`` of another organization, which ``demo`` must never see."""
    with unit_of_work() as writing:
        return make_program(writing, external_id="other", now=NOW)


@pytest.fixture
def session(app: Flask, request: pytest.FixtureRequest) -> Iterator[Session]:
    """The writing session of one unit of work that is open for the whole test; it knows the programs asked for."""
    asked_for = [request.getfixturevalue(n) for n in ("program", "other_program") if n in request.fixturenames]
    with unit_of_work() as writing:
        writing.add_all(asked_for)
        yield writing


@pytest.fixture(scope="session")
def keys() -> KeyRing:
    """The keys of this run."""
    return new_key_ring()


@pytest.fixture(scope="session")
def vault(keys: KeyRing) -> Vault:
    """A vault with the keys of this run."""
    return Vault(keys)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of an installation on a fresh database, at home in the test's own folder."""
    home = tmp_path / "home"
    home.mkdir()
    return read_settings({"REWARDS_ENV": "test", "REWARDS_HOME": str(home), "REWARDS_DATABASE_URL": database_url})


@pytest.fixture
def reader(app: Flask) -> Iterator[Session]:
    """A session that cannot write."""
    with read_session() as reading:
        yield reading


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at ``NOW`` until the test moves it."""
    return FixedClock(NOW)


@pytest.fixture
def now() -> datetime:
    """The moment at which tests happen."""
    return NOW


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Randomness that the printed seed and the test's name repeat."""
    return random.Random(f"{os.environ[SEED_VARIABLE]}:{request.node.nodeid}")
