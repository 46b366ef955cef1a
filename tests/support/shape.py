"""The shape of a schema, as the database itself tells it: what two databases must have in common to be the same."""

import re

from sqlalchemy import Connection, Engine, inspect

from catalog.search import is_search_table

VERSION_TABLE = "alembic_version"

_POSTGRESQL = {
    "columns": """
        SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default,
               is_generated, generation_expression, collation_name
        FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2
    """,
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal ORDER BY 1, 2
    """,
    "functions": "SELECT proname, proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
}
_SQLITE = "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = '{kind}' AND sql IS NOT NULL ORDER BY 1, 2"

Shape = dict[str, list[tuple[object, ...]]]


def shape_of(engine: Engine) -> Shape:
    """Return everything about the schema but Alembic's own table."""
    with engine.connect() as connection:
        found = _sqlite_shape(connection) if engine.dialect.name == "sqlite" else _postgresql_shape(connection)
    return {kind: [row for row in rows if row[0] != VERSION_TABLE] for kind, rows in found.items()}


def triggers_of(engine: Engine) -> list[tuple[object, ...]]:
    """Return every trigger: its table, its name, its definition."""
    return shape_of(engine)["triggers"]


def tables_of(engine: Engine) -> set[str]:
    """Return the names of all tables that are declared, those that the search derives left out."""
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
    return {name for name in names if name != VERSION_TABLE and not is_search_table(name)}


def _postgresql_shape(connection: Connection) -> Shape:
    """Return what PostgreSQL's catalogs say."""
    return {kind: [tuple(row) for row in connection.exec_driver_sql(sql)] for kind, sql in _POSTGRESQL.items()}


def _sqlite_shape(connection: Connection) -> Shape:
    """Return what SQLite's pragmas and stored statements say; statements in one spelling."""
    inspector = inspect(connection)
    shape: Shape = {
        kind: [
            (table, name, _plain(sql))
            for table, name, sql in connection.exec_driver_sql(_SQLITE.format(kind=kind)).all()
        ]
        for kind in ("index", "trigger")
    }
    tables = sorted(inspector.get_table_names())
    return {
        "columns": [(t, *row[1:]) for t in tables for row in connection.exec_driver_sql(f"PRAGMA table_xinfo('{t}')")],
        "keys": sorted(
            (t, *row[2:]) for t in tables for row in connection.exec_driver_sql(f"PRAGMA foreign_key_list('{t}')")
        ),
        "uniques": sorted(
            (t, u["name"], *u["column_names"]) for t in tables for u in inspector.get_unique_constraints(t)
        ),
        "checks": sorted(
            (t, c["name"], _plain(c["sqltext"])) for t in tables for c in inspector.get_check_constraints(t)
        ),
        "indexes": shape["index"],
        "triggers": shape["trigger"],
    }


def _plain(sql: str) -> str:
    """Return a statement without the freedom of spelling: white space, quotes."""
    return re.sub(r"\s+", " ", sql.replace('"', "")).strip()
