"""One world per database, shared by every test of a module: what is asked for by others stays as it is."""

from collections.abc import Iterator

import pytest

from rewards_service.app import create_app
from rewards_service.config import read_settings
from rewards_service.kit.clock import FixedClock
from rewards_service.kit.crypto import new_key_ring
from rewards_service.kit.database import db
from tests.conftest import NOW
from tests.isolation.world import World
from tests.support.databases import KINDS, Databases


@pytest.fixture(scope="module", params=KINDS)
def world(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Two organizations with three programs."""
    directory = tmp_path_factory.mktemp("world")
    with databases.filled(request.param, directory) as url:
        settings = read_settings({"REWARDS_ENV": "test", "REWARDS_HOME": str(directory), "REWARDS_DATABASE_URL": url})
        app = create_app(settings, clock=FixedClock(NOW), keys=new_key_ring())
        yield World(app, NOW)
        with app.app_context():
            db.engine.dispose()
