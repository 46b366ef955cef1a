"""Alembic's entry point: one transaction for all steps, with every trigger put back at its end."""

from alembic import context

from rewards_service.kit.database import Base
from rewards_service.kit.schema import schema_change

MADE_BY_SEARCH = ("item_search",)


def include_name(name: str | None, kind: str, _: object) -> bool:
    """Hide from comparison what the search indexes make beside the tables that are declared."""
    return not (kind == "table" and name is not None and name.startswith(MADE_BY_SEARCH))


with schema_change(context.config.attributes["engine"]) as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        render_as_batch=True,
        compare_server_default=True,
        transactional_ddl=True,
    )
    context.run_migrations()
