"""Catalog: what can be had, and the search over it.

Revision: 0001_catalog
After: nothing
"""

import sqlalchemy as sa
from alembic import op

from catalog.search import create_search, drop_search
from migrations.vocabulary import KEY, MOMENT, integer_check

revision = "0001_catalog"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "brand",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.UniqueConstraint("name_key"),
    )
    op.create_table(
        "category",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.UniqueConstraint("slug"),
    )
    op.create_table(
        "item",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("owner_key", sa.String(80)),
        sa.Column("supplier", sa.String(64), nullable=False),
        sa.Column("supplier_reference", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("brand_id", KEY, sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("category_id", KEY, sa.ForeignKey("category.id")),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("how_to_use", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("image_reference", sa.String(500)),
        sa.Column("barcode_type", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("popularity", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.UniqueConstraint("public_id"),
        sa.CheckConstraint("owner_key <> ''", name="owner_key_is_not_empty"),
        sa.CheckConstraint("popularity BETWEEN 0 AND 16777215", name="popularity_fits_the_rank"),
        sa.CheckConstraint("state IN ('available', 'unavailable', 'withdrawn')", name="state_is_known"),
    )
    op.create_index("ix_item_brand_id", "item", ["brand_id"])
    op.create_index("ix_item_category_id", "item", ["category_id"])
    op.create_index(
        "uq_item_owner_key_supplier_supplier_reference",
        "item",
        ["owner_key", "supplier", "supplier_reference"],
        unique=True,
        sqlite_where=sa.text("owner_key IS NOT NULL"),
        postgresql_where=sa.text("owner_key IS NOT NULL"),
    )
    op.create_index(
        "uq_item_supplier_supplier_reference",
        "item",
        ["supplier", "supplier_reference"],
        unique=True,
        sqlite_where=sa.text("owner_key IS NULL"),
        postgresql_where=sa.text("owner_key IS NULL"),
    )
    op.create_table(
        "fixed_denomination",
        sa.Column("item_id", KEY, sa.ForeignKey("item.id"), primary_key=True),
        sa.Column("face_value_minor", KEY, primary_key=True, autoincrement=False),
        sa.Column("cost_minor", KEY, nullable=False),
        sa.Column("cost_currency", sa.String(3), nullable=False),
        sa.CheckConstraint("cost_minor >= 0", name="cost_is_not_negative"),
        integer_check("cost_minor", nullable=False),
        sa.CheckConstraint("face_value_minor > 0", name="face_value_is_positive"),
        integer_check("face_value_minor", nullable=False),
    )
    op.create_table(
        "item_country",
        sa.Column("item_id", KEY, sa.ForeignKey("item.id"), primary_key=True),
        sa.Column("country", sa.String(2), primary_key=True),
    )
    op.create_table(
        "open_denomination",
        sa.Column("item_id", KEY, sa.ForeignKey("item.id"), primary_key=True),
        sa.Column("min_minor", KEY, nullable=False),
        sa.Column("max_minor", KEY, nullable=False),
        sa.Column("cost_basis_points", sa.Integer(), nullable=False),
        integer_check("cost_basis_points", nullable=False),
        sa.CheckConstraint("cost_basis_points BETWEEN 0 AND 20000", name="cost_is_a_share"),
        integer_check("max_minor", nullable=False),
        integer_check("min_minor", nullable=False),
        sa.CheckConstraint("min_minor > 0 AND max_minor >= min_minor", name="range_is_not_empty"),
    )
    create_search(op.get_bind())


def downgrade() -> None:
    """Drop them."""
    drop_search(op.get_bind())
    op.drop_table("open_denomination")
    op.drop_table("item_country")
    op.drop_table("fixed_denomination")
    op.drop_table("item")
    op.drop_table("category")
    op.drop_table("brand")
