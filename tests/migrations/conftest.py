"""An engine on a blank database, with the product's rules of transactions."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine

from rewards_service.kit.database import connect_database, db
from tests.support.schema import import_all_models


@pytest.fixture
def engine(blank_database_url: str) -> Iterator[Engine]:
    """An engine on a database without any table; the test runs once for each kind."""
    import_all_models()
    application = Flask("migrations")
    application.config["SQLALCHEMY_DATABASE_URI"] = blank_database_url
    connect_database(application)
    with application.app_context():
        yield db.engine
        db.engine.dispose()
