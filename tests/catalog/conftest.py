"""A connection to a database of either kind, and a way to fill it; the catalog knows no application."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from sqlalchemy import Connection, create_engine, select

from catalog import ItemDraft, apply_change_set, make_change_set
from catalog.tables import item

Fill = Callable[..., dict[str, int]]


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """An open transaction on a database with every table and no row."""
    engine = create_engine(database_url)
    with engine.connect() as opened:
        if opened.dialect.name == "sqlite":
            opened.exec_driver_sql("PRAGMA foreign_keys=ON")
        yield opened
    engine.dispose()


@pytest.fixture
def fill(connection: Connection, now: datetime) -> Fill:
    """Store drafts as a supplier's whole catalog, and return reference → key of all items."""

    def store(*drafts: ItemDraft, supplier: str = "acme", owner_key: str | None = None) -> dict[str, int]:
        change_set = make_change_set(connection, supplier=supplier, drafts=drafts, owner_key=owner_key)
        apply_change_set(connection, change_set, now=now)
        return dict(connection.execute(select(item.c.supplier_reference, item.c.id)).all())

    return store
