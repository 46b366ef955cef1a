"""The tables of the catalog, on one plain ``MetaData`` that an application may share.

Sharing the object gives real foreign keys from an application's rows to ``item`` and one target for migrations.
Amounts are integers in the smallest unit of their currency. Items are never deleted: one that its supplier no longer
lists is ``withdrawn``, so that orders and stock keep pointing at it.
"""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

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

KEY = BigInteger().with_variant(Integer, "sqlite")
"""The type of keys: bigint, and INTEGER on SQLite, where only that is the row's own address."""

POPULARITY_MAX = 2**24 - 1
"""Popularity and key of an item are packed into one 63-bit number (``catalog.search.documents``): 24 bits for it."""

BARCODE_TYPES = ("none", "qr", "code128", "code39", "ean13", "pdf417", "aztec", "datamatrix")
"""How a voucher's number is drawn for a till; ``none`` is typed in."""


class ItemState(StrEnum):
    """Whether an item is to be had: by its supplier's word, or not any more because the supplier stopped listing it."""

    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"
    WITHDRAWN = "withdrawn"


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in, aware in UTC out, also where the database keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 — SQLAlchemy's signature
        """Turn an aware moment into UTC."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 — SQLAlchemy's signature
        """Give a moment its time zone back."""
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


def integer_check(column: str) -> CheckConstraint:
    """Return the constraint that refuses anything but an integer in ``column`` on SQLite, which would keep ``1.5``."""
    return CheckConstraint(f"typeof({column}) = 'integer'", name=f"{column}_is_integer").ddl_if(dialect="sqlite")


brand = Table(
    "brand",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("name_key", String(200), nullable=False, unique=True, doc="The name folded, so that case makes no brand."),
)

category = Table(
    "category",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("slug", String(80), nullable=False, unique=True, doc="The name in addresses and filters."),
    Column("title", String(120), nullable=False),
)

item = Table(
    "item",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("public_id", String(40), nullable=False, unique=True),
    Column("owner_key", String(80), doc="Whose it is, in the application's own words; null: everybody's."),
    Column("supplier", String(64), nullable=False),
    Column("supplier_reference", String(100), nullable=False, doc="What the supplier calls the orderable thing."),
    Column("kind", String(32), nullable=False, doc="A name of catalog.kinds; never changes."),
    Column("brand_id", KEY, ForeignKey("brand.id"), nullable=False, index=True),
    Column("category_id", KEY, ForeignKey("category.id"), index=True),
    Column("title", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("terms", Text, nullable=False),
    Column("how_to_use", Text, nullable=False),
    Column("currency", String(3), nullable=False, doc="ISO 4217 of the face value; never changes."),
    Column("image_reference", String(500), doc="An https address or a name that the application resolves."),
    Column("barcode_type", String(16), nullable=False, doc="One of BARCODE_TYPES."),
    Column("state", String(16), nullable=False, doc="An ItemState."),
    Column("popularity", Integer, nullable=False, doc="Higher is shown first."),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    CheckConstraint("state IN ('available', 'unavailable', 'withdrawn')", name="state_is_known"),
    CheckConstraint(f"popularity BETWEEN 0 AND {POPULARITY_MAX}", name="popularity_fits_the_rank"),
    CheckConstraint("owner_key <> ''", name="owner_key_is_not_empty"),
)

Index(
    "uq_item_supplier_supplier_reference",
    item.c.supplier,
    item.c.supplier_reference,
    unique=True,
    sqlite_where=item.c.owner_key.is_(None),
    postgresql_where=item.c.owner_key.is_(None),
)
Index(
    "uq_item_owner_key_supplier_supplier_reference",
    item.c.owner_key,
    item.c.supplier,
    item.c.supplier_reference,
    unique=True,
    sqlite_where=item.c.owner_key.is_not(None),
    postgresql_where=item.c.owner_key.is_not(None),
)

item_country = Table(
    "item_country",
    metadata,
    Column("item_id", KEY, ForeignKey("item.id"), primary_key=True),
    Column("country", String(2), primary_key=True, doc="ISO 3166-1; an item without any is redeemable everywhere."),
)

fixed_denomination = Table(
    "fixed_denomination",
    metadata,
    Column("item_id", KEY, ForeignKey("item.id"), primary_key=True),
    Column("face_value_minor", KEY, primary_key=True, autoincrement=False, doc="In the item's currency."),
    Column("cost_minor", KEY, nullable=False, doc="What the supplier charges, in cost_currency."),
    Column("cost_currency", String(3), nullable=False, doc="ISO 4217."),
    CheckConstraint("face_value_minor > 0", name="face_value_is_positive"),
    CheckConstraint("cost_minor >= 0", name="cost_is_not_negative"),
    integer_check("face_value_minor"),
    integer_check("cost_minor"),
)

open_denomination = Table(
    "open_denomination",
    metadata,
    Column("item_id", KEY, ForeignKey("item.id"), primary_key=True),
    Column("min_minor", KEY, nullable=False, doc="In the item's currency, inclusive."),
    Column("max_minor", KEY, nullable=False, doc="In the item's currency, inclusive."),
    Column("cost_basis_points", Integer, nullable=False, doc="Of the face value, in its currency; 10,000 is all."),
    CheckConstraint("min_minor > 0 AND max_minor >= min_minor", name="range_is_not_empty"),
    CheckConstraint("cost_basis_points BETWEEN 0 AND 20000", name="cost_is_a_share"),
    integer_check("min_minor"),
    integer_check("max_minor"),
    integer_check("cost_basis_points"),
)
