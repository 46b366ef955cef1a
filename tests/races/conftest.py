"""A crew on a database with a program, and what must be true of its books afterwards."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rewards_service.finance.verify import verify_books
from rewards_service.kit.crypto import KeyRing, Vault, new_key_ring
from rewards_service.kit.database import read_session, transact
from tests.conftest import SEED_VARIABLE
from tests.support.commerce import Commerce
from tests.support.crew import ROUNDS_VARIABLE, Crew, Stage, crew


@pytest.fixture(autouse=True)
def say_rounds() -> Iterator[None]:
    """Say with each test how often its races were run; ``pytest -rP`` shows it."""
    yield
    usual = os.environ.get(ROUNDS_VARIABLE, "usual")
    print(f"{ROUNDS_VARIABLE}={usual} {SEED_VARIABLE}={os.environ[SEED_VARIABLE]}")  # noqa: T201 — for the report


@pytest.fixture
def ring() -> KeyRing:
    """The keys that all processes share."""
    return new_key_ring()


@pytest.fixture
def stage(app, program, database_url, ring, now) -> Stage:
    """The database of the test, with the program ``demo``."""
    return Stage(database_url, ring, now)


@pytest.fixture
def players(stage) -> Iterator[Crew]:
    """Four processes with five threads each."""
    with crew(stage) as engaged:
        yield engaged


@pytest.fixture
def arrange(program, ring, now) -> Callable[[Callable[[Commerce], Any]], Any]:
    """Runs one scene of a story in a transaction of its own and returns what it returns."""
    vault = Vault(ring)

    def run(scene: Callable[[Commerce], Any]) -> Any:
        def operation(session):
            session.add(program)
            return scene(Commerce(session, program, vault, now))

        return transact(operation)

    return run


@pytest.fixture
def look(program, ring, now) -> Callable[[Callable[[Commerce], Any]], Any]:
    """Asks the database something, without a right to write."""
    vault = Vault(ring)

    def run(question: Callable[[Commerce], Any]) -> Any:
        with read_session() as reading:
            return question(Commerce(reading, reading.merge(program, load=False), vault, now))

    return run


@pytest.fixture
def books(app, now) -> Callable[[], list[str]]:
    """Returns what is wrong with the books, nothing if all is well."""

    def verify() -> list[str]:
        with read_session() as reading:
            return [f"{r.number}: {r.claim}: {r.broken_by}" for r in verify_books(reading, now=now) if not r.holds]

    return verify
