"""A connection to a database of either kind, and a way to fill it; the catalog knows no application.

The catalog never commits, so all its tests share one database of each kind: what a test wrote is rolled back.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, select

from catalog import ItemDraft, apply_change_set, make_change_set
from catalog.tables import item
from tests.support.databases import KINDS, Databases

Fill = Callable[..., dict[str, int]]


@pytest.fixture(scope="package", params=KINDS)
def engine(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """An engine on a database with every table and no row."""
    with databases.filled(request.param, tmp_path_factory.mktemp("catalog")) as url:
        connecting = create_engine(url)
        if request.param == "sqlite":
            event.listen(connecting, "connect", take_over_transactions)
            event.listen(connecting, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        yield connecting
        connecting.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """An open transaction that is rolled back."""
    with engine.connect() as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def fill(connection: Connection, now: datetime) -> Fill:
    """Store drafts as a supplier's whole catalog, and return reference → key of all items."""

    def store(*drafts: ItemDraft, supplier: str = "acme", owner_key: str | None = None) -> dict[str, int]:
        change_set = make_change_set(connection, supplier=supplier, drafts=drafts, owner_key=owner_key)
        apply_change_set(connection, change_set, now=now)
        return dict(connection.execute(select(item.c.supplier_reference, item.c.id)).all())

    return store


def take_over_transactions(dbapi_connection, _):
    """Let a schema change be part of a transaction too, and foreign keys hold."""
    dbapi_connection.isolation_level = None
    dbapi_connection.execute("PRAGMA foreign_keys=ON")
