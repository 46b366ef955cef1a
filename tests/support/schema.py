"""Every table of the product, in an empty database."""

import importlib
import pkgutil

from sqlalchemy import Column, Table, create_engine

import catalog
import rewards_service
from rewards_service.kit.database import KEY, Base

TABLE_MODULES = ("models", "tables")


def build_schema(url: str) -> None:
    """Create all tables, triggers and search indexes that any package declares, in the empty database at ``url``."""
    import_all_models()
    stand_in_for_missing_tables()
    engine = create_engine(url)
    forget_added_constraints()
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        catalog.create_search(connection)
    engine.dispose()


def forget_added_constraints() -> None:
    """Let the next database have the foreign key that closes a cycle.

    PostgreSQL adds it apart from its table, and SQLAlchemy notes in the constraint itself that no table declares it
    from then on (``sqlalchemy.schema.AddConstraint``); SQLite, which adds none later, would be left without.
    """
    for table in Base.metadata.tables.values():
        for key in table.foreign_key_constraints:
            if key.use_alter:
                key._create_rule = None  # there is no public way back


def import_all_models() -> None:
    """Import every module that declares tables, so that the metadata is whole."""
    for package in (catalog, rewards_service):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            parts = module.name.split(".")
            if any(part in TABLE_MODULES or part.endswith(("_models", "_tables")) for part in parts):
                importlib.import_module(module.name)


def stand_in_for_missing_tables() -> None:
    """Give every foreign key that points to a table nobody declares yet a bare table to point to."""
    known = set(Base.metadata.tables)
    targets = {
        key.target_fullname.split(".")[0] for table in Base.metadata.tables.values() for key in table.foreign_keys
    }
    for name in sorted(targets - known):
        Table(name, Base.metadata, Column("id", KEY, primary_key=True))
