"""Alembic's entry point: one transaction for all steps, with every trigger put back at its end."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from catalog.search import is_search_table
from catalog.tables import UtcDateTime as CatalogMoment
from migrations.vocabulary import KEY
from rewards_service.kit.database import Base, UtcDateTime
from rewards_service.kit.schema import schema_change


def include_name(name: str | None, kind: str, _: object) -> bool:
    """Hide from comparison what the catalog's search derives: it is made anew, never altered."""
    return not (kind == "table" and is_search_table(name))


def render_item(kind: str, item: object, autogenerate: AutogenContext) -> str | Literal[False]:
    """Write types in the words of ``vocabulary``, and leave everything else to Alembic."""
    if kind != "type":
        return False
    words = {"MOMENT": isinstance(item, UtcDateTime | CatalogMoment), "KEY": repr(item) == repr(KEY)}
    word = next((word for word, fits in words.items() if fits), None)
    if word is None:
        return False
    autogenerate.imports.add(f"from migrations.vocabulary import {word}")
    return word


with schema_change(context.config.attributes["engine"]) as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        render_as_batch=True,
        render_item=render_item,
        compare_server_default=True,
        transactional_ddl=True,
    )
    context.run_migrations()
