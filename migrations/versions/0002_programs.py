"""Programs: organizations, programs, units, rates, offers, budgets.

Revision: 0002_programs
After: 0001_catalog
"""

import sqlalchemy as sa
from alembic import op

from migrations.vocabulary import KEY, MOMENT, integer_check

revision = "0002_programs"
down_revision = "0001_catalog"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "organization",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("functional_currency", sa.String(3), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("external_id"),
        sa.UniqueConstraint("public_id"),
    )
    op.create_table(
        "partner",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("organization_id", "external_id"),
        sa.UniqueConstraint("public_id"),
    )
    op.create_table(
        "unit",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY),
        sa.Column("symbol", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("currency", sa.String(3)),
        sa.Column("exponent", sa.Integer(), nullable=False),
        sa.UniqueConstraint("organization_id", "symbol"),
        sa.CheckConstraint("kind IN ('money', 'points', 'promise')", name="kind_is_known"),
        sa.CheckConstraint("(kind = 'money') = (program_id IS NULL)", name="value_belongs_to_a_program"),
    )
    op.create_index("ix_unit_program_id", "unit", ["program_id"])
    op.create_table(
        "program",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("book_name", sa.String(100), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("points_unit_id", KEY, sa.ForeignKey("unit.id")),
        sa.Column("promise_unit_id", KEY, sa.ForeignKey("unit.id")),
        sa.Column("money_unit_id", KEY, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("catalog_mode", sa.String(8), nullable=False),
        sa.Column("default_margin_bp", sa.Integer(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("code_prefix", sa.String(4), nullable=False),
        sa.Column("code_symbols", sa.Integer(), nullable=False),
        sa.Column("code_days", sa.Integer()),
        sa.Column("code_copy_days", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(2)),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("organization_id", "book_name"),
        sa.UniqueConstraint("organization_id", "external_id"),
        sa.UniqueConstraint("public_id"),
        sa.CheckConstraint("catalog_mode IN ('all', 'listed')", name="catalog_mode_is_known"),
        sa.CheckConstraint("default_margin_bp >= 0", name="margin_is_not_negative"),
        sa.CheckConstraint("code_symbols BETWEEN 12 AND 24", name="codes_are_long_enough"),
        sa.CheckConstraint("code_days > 0", name="codes_live"),
        sa.CheckConstraint("code_copy_days >= 0", name="copies_end"),
    )
    op.create_table(
        "budget",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id")),
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("organization_id", "external_id"),
        sa.UniqueConstraint("public_id"),
    )
    op.create_table(
        "offer",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("item_id", KEY, sa.ForeignKey("item.id"), nullable=False),
        sa.Column("is_visible", sa.Boolean(), nullable=False),
        sa.Column("margin_bp", sa.Integer()),
        sa.UniqueConstraint("program_id", "item_id"),
        sa.CheckConstraint("margin_bp IS NULL OR margin_bp >= 0", name="margin_is_not_negative"),
    )
    op.create_index("ix_offer_item_id", "offer", ["item_id"])
    op.create_table(
        "rate_version",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("units", KEY, nullable=False),
        sa.Column("minor", KEY, nullable=False),
        sa.UniqueConstraint("program_id", "version"),
        sa.CheckConstraint("units > 0 AND minor > 0", name="both_sides_are_positive"),
        integer_check("minor"),
        integer_check("units"),
    )
    with op.batch_alter_table("unit") as batch:
        batch.create_foreign_key("fk_unit_program_id_program", "program", ["program_id"], ["id"])


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("unit") as batch:
        batch.drop_constraint("fk_unit_program_id_program", type_="foreignkey")
    op.drop_table("rate_version")
    op.drop_table("offer")
    op.drop_table("budget")
    op.drop_table("program")
    op.drop_table("unit")
    op.drop_table("partner")
    op.drop_table("organization")
