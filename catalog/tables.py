"""The tables of the catalog, on one plain ``MetaData`` that an application may share.

Sharing the object gives real foreign keys from an application's rows to ``item`` and one target for migrations.
"""

from __future__ import annotations

from sqlalchemy import MetaData

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name that follows from its columns, so that a migration can drop it on either database."""

metadata = MetaData(naming_convention=NAMING_CONVENTION)
"""Where the catalog's tables live; an application builds its own models on the same object."""
