"""Orders: orders, their lines, tenders and events.

Revision: 0009_orders
After: 0008_codes
"""

import sqlalchemy as sa
from alembic import op

from migrations.vocabulary import KEY, MOMENT, integer_check

revision = "0009_orders"
down_revision = "0008_codes"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "basket",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("holder_key", sa.String(80), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.UniqueConstraint("program_id", "holder_key"),
    )
    op.create_table(
        "basket_line",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("basket_id", KEY, sa.ForeignKey("basket.id"), nullable=False),
        sa.Column("item_public_id", sa.String(40), nullable=False),
        sa.Column("face_value_minor", KEY, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.UniqueConstraint("basket_id", "item_public_id", "face_value_minor"),
        integer_check("face_value_minor"),
        sa.CheckConstraint("quantity > 0 AND face_value_minor > 0", name="something_is_wanted"),
    )
    op.create_index("ix_basket_line_basket_id", "basket_line", ["basket_id"])
    op.create_table(
        "customer_order",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("content_hmac", sa.LargeBinary(32), nullable=False),
        sa.Column("member_id", KEY, sa.ForeignKey("member.id")),
        sa.Column("recipient_name", sa.String(200)),
        sa.Column("recipient_email", sa.String(254)),
        sa.Column("recipient_phone", sa.String(20)),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("awaits_approval", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.UniqueConstraint("program_id", "external_id"),
        sa.UniqueConstraint("public_id"),
        sa.CheckConstraint(
            "state IN ('pending_approval', 'processing', 'complete', 'partial', 'failed', 'cancelled')",
            name="state_is_known",
        ),
    )
    op.create_index("ix_customer_order_member_id", "customer_order", ["member_id", "id"])
    op.create_index("ix_customer_order_organization_id", "customer_order", ["organization_id", "id"])
    op.create_index("ix_customer_order_program_id", "customer_order", ["program_id", "id"])
    op.create_table(
        "order_event",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("order_id", KEY, sa.ForeignKey("customer_order.id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("line_number", sa.Integer()),
        sa.Column("detail", sa.JSON(), nullable=False),
    )
    op.create_index("ix_order_event_order_id", "order_event", ["order_id", "id"])
    op.create_table(
        "order_line",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("order_id", KEY, sa.ForeignKey("customer_order.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item_id", KEY, sa.ForeignKey("item.id"), nullable=False),
        sa.Column("item_public_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("supplier", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("face_value_minor", KEY, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("margin_bp", sa.Integer(), nullable=False),
        sa.Column("rate_version_id", KEY, sa.ForeignKey("rate_version.id"), nullable=False),
        sa.Column("rate_units", KEY, nullable=False),
        sa.Column("rate_minor", KEY, nullable=False),
        sa.Column("price_units", KEY, nullable=False),
        sa.Column("unit_id", KEY, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("state_reason", sa.String(60)),
        sa.Column("state_changed_at", MOMENT, nullable=False),
        sa.Column("revealed_at", MOMENT),
        sa.Column("refunded_face_minor", KEY, nullable=False),
        sa.UniqueConstraint("order_id", "number"),
        sa.CheckConstraint("face_value_minor > 0 AND price_units > 0", name="amounts_are_positive"),
        integer_check("face_value_minor"),
        integer_check("price_units"),
        integer_check("rate_minor"),
        integer_check("rate_units"),
        sa.CheckConstraint(
            "refunded_face_minor >= 0 AND refunded_face_minor <= face_value_minor", name="refund_is_within_the_line"
        ),
        integer_check("refunded_face_minor"),
        sa.CheckConstraint(
            "state IN ('held', 'issuing', 'issued', 'uncertain', 'refunded', 'failed', 'cancelled')",
            name="state_is_known",
        ),
    )
    op.create_index("ix_order_line_item_id", "order_line", ["item_id"])
    op.create_table(
        "order_line_recovery",
        sa.Column("order_line_id", KEY, sa.ForeignKey("order_line.id"), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("amount_minor", KEY, nullable=False),
        integer_check("amount_minor"),
    )
    op.create_table(
        "order_tender",
        sa.Column("order_line_id", KEY, sa.ForeignKey("order_line.id"), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("wallet_id", KEY, sa.ForeignKey("wallet.id")),
        sa.Column("code_id", KEY, sa.ForeignKey("code.id")),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("units", KEY, nullable=False),
        sa.Column("hold_id", KEY, sa.ForeignKey("hold.id"), nullable=False),
        sa.ForeignKeyConstraint(["account_id", "unit_id"], ["account.id", "account.unit_id"]),
        sa.UniqueConstraint("hold_id"),
        sa.CheckConstraint("(wallet_id IS NULL) <> (code_id IS NULL)", name="is_a_wallet_or_a_code"),
        sa.CheckConstraint("units > 0", name="units_are_positive"),
        integer_check("units"),
    )
    op.create_index("ix_order_tender_account_id", "order_tender", ["account_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("order_tender")
    op.drop_table("order_line_recovery")
    op.drop_table("order_line")
    op.drop_table("order_event")
    op.drop_table("customer_order")
    op.drop_table("basket_line")
    op.drop_table("basket")
