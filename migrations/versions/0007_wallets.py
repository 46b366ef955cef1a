"""Wallets: wallets and awards.

Revision: 0007_wallets
After: 0006_ledger
"""

import sqlalchemy as sa
from alembic import op

from migrations.vocabulary import KEY, MOMENT, integer_check

revision = "0007_wallets"
down_revision = "0006_ledger"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "wallet",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("unit_id", KEY, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("account_id", KEY, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("member_id", KEY, sa.ForeignKey("member.id")),
        sa.Column("pending_address", sa.String(254)),
        sa.Column("merged_into_id", KEY, sa.ForeignKey("wallet.id")),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("account_id"),
        sa.UniqueConstraint("member_id", "unit_id"),
        sa.UniqueConstraint("program_id", "pending_address", "unit_id"),
        sa.UniqueConstraint("public_id"),
        sa.CheckConstraint("(member_id IS NULL) <> (pending_address IS NULL)", name="has_one_sort_of_holder"),
    )
    op.create_index("ix_wallet_program_id", "wallet", ["program_id"])
    op.create_table(
        "award",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("wallet_id", KEY, sa.ForeignKey("wallet.id"), nullable=False),
        sa.Column("unit_id", KEY, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("value_units", KEY, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("source_row", sa.String(300)),
        sa.Column("earned_on", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("program_id", "external_id"),
        sa.UniqueConstraint("public_id"),
        sa.CheckConstraint("value_units > 0", name="value_is_positive"),
        integer_check("value_units"),
    )
    op.create_index("ix_award_wallet_id", "award", ["wallet_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("award")
    op.drop_table("wallet")
