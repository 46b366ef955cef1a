"""Stock: own vouchers.

Revision: 0010_stock
After: 0009_orders
"""

import sqlalchemy as sa
from alembic import op

from migrations.vocabulary import KEY, MOMENT, integer_check

revision = "0010_stock"
down_revision = "0009_orders"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "stock_item",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("item_id", KEY, sa.ForeignKey("item.id"), nullable=False),
        sa.Column("book_owner", sa.String(100), nullable=False),
        sa.Column("low_stock_threshold", sa.Integer(), nullable=False),
        sa.UniqueConstraint("organization_id", "book_owner"),
        sa.UniqueConstraint("organization_id", "item_id"),
        sa.CheckConstraint("low_stock_threshold >= 0", name="threshold_is_not_negative"),
    )
    op.create_index("ix_stock_item_item_id", "stock_item", ["item_id"])
    op.create_table(
        "low_stock_notice",
        sa.Column("stock_item_id", KEY, sa.ForeignKey("stock_item.id"), primary_key=True),
        sa.Column("face_value_minor", KEY, primary_key=True, autoincrement=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.CheckConstraint("face_value_minor > 0", name="face_value_is_positive"),
        integer_check("face_value_minor"),
    )
    op.create_table(
        "stock_import",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("stock_item_id", KEY, sa.ForeignKey("stock_item.id"), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("vouchers", sa.Integer(), nullable=False),
        sa.Column("cost_minor", KEY, nullable=False),
        sa.Column("vat_minor", KEY, nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.UniqueConstraint("public_id"),
        integer_check("cost_minor"),
        sa.CheckConstraint("vouchers > 0", name="something_came_in"),
        integer_check("vat_minor"),
    )
    op.create_index("ix_stock_import_organization_id", "stock_import", ["organization_id", "id"])
    op.create_table(
        "voucher",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("item_id", KEY, sa.ForeignKey("item.id"), nullable=False),
        sa.Column("import_id", KEY, sa.ForeignKey("stock_import.id"), nullable=False),
        sa.Column("face_value_minor", KEY, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("cost_minor", KEY, nullable=False),
        sa.Column("vat_minor", KEY, nullable=False),
        sa.Column("sealed_number", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_pin", sa.LargeBinary()),
        sa.Column("number_hmac", sa.LargeBinary(32), nullable=False),
        sa.Column("content_hmac", sa.LargeBinary(32), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("last4", sa.String(4), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("barcode_type", sa.String(16), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("order_line_id", KEY, sa.ForeignKey("order_line.id")),
        sa.Column("state_changed_at", MOMENT, nullable=False),
        sa.UniqueConstraint("order_line_id"),
        sa.UniqueConstraint("organization_id", "item_id", "number_hmac"),
        sa.UniqueConstraint("public_id"),
        sa.CheckConstraint("face_value_minor > 0 AND cost_minor >= 0 AND vat_minor >= 0", name="amounts_are_usable"),
        integer_check("cost_minor"),
        integer_check("face_value_minor"),
        sa.CheckConstraint("(state = 'available') = (order_line_id IS NULL)", name="handed_out_to_a_line"),
        sa.CheckConstraint("state IN ('available', 'issued', 'void')", name="state_is_known"),
        integer_check("vat_minor"),
    )
    op.create_index("ix_voucher_import_id", "voucher", ["import_id"])
    op.create_index(
        "ix_voucher_pick", "voucher", ["item_id", "organization_id", "face_value_minor", "state", "expires_on", "id"]
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("voucher")
    op.drop_table("stock_import")
    op.drop_table("low_stock_notice")
    op.drop_table("stock_item")
