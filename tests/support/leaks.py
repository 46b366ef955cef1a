"""Searching everything that an installation leaves behind for what must stand nowhere in clear."""

import base64
import io
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import structlog
from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.engine import make_url

from rewards_service.kit.database import db
from rewards_service.kit.logs import configure_logs


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile, statements with their parameters included."""
    root, engine = logging.getLogger(), logging.getLogger("sqlalchemy.engine.Engine")
    handlers, levels = root.handlers[:], (root.level, engine.level)
    stream = io.StringIO()
    configure_logs(stream=stream, level="DEBUG")
    engine.setLevel(logging.INFO)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(levels[0])
        engine.setLevel(levels[1])
        structlog.reset_defaults()


def leaks(secrets: Iterable[str], places: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """Return where any of the secrets stands, and in which form."""
    return [
        (place, form)
        for secret in secrets
        for form, written in forms(secret).items()
        for place, content in places.items()
        if written in content
    ]


def forms(secret: str) -> dict[str, bytes]:
    """Return the ways in which a secret might lie about."""
    groups = "-".join(secret[at : at + 4] for at in range(0, 16, 4)) if len(secret) == 16 else secret
    plain = secret.encode()
    return {
        "clear": plain,
        "lower case": secret.lower().encode(),
        "groups": groups.encode(),
        "lower-case groups": groups.lower().encode(),
        "reversed": plain[::-1],
        "hex": plain.hex().encode(),
        "base64": base64.b64encode(plain)[:-4],
        "base64 of groups": base64.b64encode(groups.encode())[:-4],
        "UTF-16": secret.encode("utf-16-le"),
    }


def tables() -> dict[str, bytes]:
    """Return the content of every table, each value as bytes or as text."""
    contents: dict[str, bytes] = {}
    with db.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()
            contents[f"table {table}"] = b"\n".join(
                bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                for row in rows
                for value in row
            )
    return contents


def files(app: Flask) -> dict[str, bytes]:
    """Return the content of the files that hold tables and indexes: the database's own, as bytes on disk."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "sqlite":
        return {
            f"file {path.name}": path.read_bytes() for path in Path(url.database).parent.glob("*") if path.is_file()
        }
    return relation_files()


def relation_files() -> dict[str, bytes]:
    """Return the files of PostgreSQL's tables and indexes, read through the server."""
    with db.engine.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        relations = connection.exec_driver_sql(
            "SELECT c.relname, pg_read_binary_file(pg_relation_filepath(c.oid)) FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'i') AND pg_relation_size(c.oid) > 0"
        ).all()
    return {f"file {name}": bytes(content) for name, content in relations}
