"""An application with its API, keys of all sorts, and a client that speaks to it."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask

from rewards_service.app import create_app
from rewards_service.config import Settings
from rewards_service.identity.operations import create_api_key
from rewards_service.identity.policy import API_SCOPES
from rewards_service.kit.clock import FixedClock
from rewards_service.kit.crypto import KeyRing
from rewards_service.kit.database import db, unit_of_work
from rewards_service.kit.services import services_of
from rewards_service.programs.models import Program
from tests.api.client import Api
from tests.api.made import Shop

KeyMaker = Callable[..., str]


@pytest.fixture
def app(settings: Settings, clock: FixedClock, keys: KeyRing) -> Iterator[Flask]:
    """The whole application on a fresh database, with its context open."""
    application = create_app(settings, clock=clock, keys=keys)
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def make_key(clock: FixedClock) -> KeyMaker:
    """Makes keys: for a program or its whole organization, with every scope or with some."""

    def make(program: Program, *, whole_organization: bool = False, scopes: frozenset[str] = API_SCOPES) -> str:
        with unit_of_work() as session:
            return create_api_key(
                session,
                organization_id=program.organization_id,
                program_id=None if whole_organization else program.id,
                name="test",
                scopes=scopes,
                now=clock.now(),
            ).key

    return make


@pytest.fixture
def api(app: Flask, program: Program, make_key: KeyMaker) -> Api:
    """A caller with a key of the whole organization ``demo``."""
    return Api(app, make_key(program, whole_organization=True))


@pytest.fixture
def program_api(app: Flask, program: Program, make_key: KeyMaker) -> Api:
    """A caller with a key of the program ``demo`` alone."""
    return Api(app, make_key(program))


@pytest.fixture
def foreign_api(app: Flask, other_program: Program, make_key: KeyMaker) -> Api:
    """A caller with a key of another organization."""
    return Api(app, make_key(other_program, whole_organization=True))


@pytest.fixture
def shop(api: Api, app: Flask, program: Program, now: datetime) -> Shop:
    """The program ``demo`` with something to sell, called by ``api``."""
    return Shop(api, program, services_of(app).vault, now)


@pytest.fixture
def foreign_shop(foreign_api: Api, app: Flask, other_program: Program, now: datetime) -> Shop:
    """The program ``other`` of another organization, with something to sell."""
    return Shop(foreign_api, other_program, services_of(app).vault, now, path="other")
