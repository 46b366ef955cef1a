"""Ledger: accounts, entries, postings, lots, holds.

Revision: 0006_ledger
After: 0005_delivery
"""

import sqlalchemy as sa
from alembic import op

from migrations.vocabulary import KEY, MOMENT, integer_check
from rewards_service.kit.commit_order import CommitMark

revision = "0006_ledger"
down_revision = "0005_delivery"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "roll_mark",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("cluster", sa.String(40), nullable=False),
        sa.Column("below", KEY, nullable=False),
        sa.Column("floor_entry_id", KEY, nullable=False),
    )
    op.create_table(
        "account",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id")),
        sa.Column("unit_id", KEY, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("book_name", sa.String(200), nullable=False),
        sa.Column("balance_units", KEY),
        sa.UniqueConstraint("id", "unit_id"),
        sa.UniqueConstraint("organization_id", "book_name", "unit_id"),
        integer_check("balance_units"),
        sa.CheckConstraint("balance_units >= 0", name="bearer_is_not_overdrawn"),
    )
    op.create_index("ix_account_program_role", "account", ["program_id", "role"])
    op.create_table(
        "account_day",
        sa.Column("account_id", KEY, primary_key=True),
        sa.Column("role", sa.String(24), primary_key=True),
        sa.Column("unit_id", KEY, sa.ForeignKey("unit.id"), primary_key=True),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id"), primary_key=True),
        sa.Column("booked_on", sa.Date(), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("debit_units", KEY, nullable=False),
        sa.Column("credit_units", KEY, nullable=False),
        sa.Column("postings", KEY, nullable=False),
        integer_check("credit_units"),
        integer_check("debit_units"),
    )
    op.create_table(
        "entry",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("source_type", sa.String(24), nullable=False),
        sa.Column("source_ref", sa.String(120), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.Column("mirrors_id", KEY, sa.ForeignKey("entry.id")),
        sa.Column("commit_mark", sa.BigInteger(), server_default=CommitMark()),
        sa.UniqueConstraint("mirrors_id"),
        sa.UniqueConstraint("organization_id", "source_type", "source_ref", "kind"),
    )
    op.create_index("ix_entry_commit_mark", "entry", ["commit_mark"])
    op.create_index("ix_entry_organization_booked_on", "entry", ["organization_id", "booked_on", "id"])
    op.create_table(
        "hold",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("entry_id", KEY, sa.ForeignKey("entry.id"), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("source_ref", sa.String(120), nullable=False),
        sa.Column("units", KEY, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("captured_units", KEY, nullable=False),
        sa.Column("refunded_units", KEY, nullable=False),
        sa.Column("resolved_entry_id", KEY, sa.ForeignKey("entry.id")),
        sa.ForeignKeyConstraint(["account_id", "unit_id"], ["account.id", "account.unit_id"]),
        sa.UniqueConstraint("entry_id", "account_id"),
        sa.CheckConstraint("captured_units >= 0 AND captured_units <= units", name="capture_is_within_the_hold"),
        integer_check("captured_units"),
        sa.CheckConstraint("refunded_units >= 0 AND refunded_units <= captured_units", name="refund_is_within_capture"),
        integer_check("refunded_units"),
        sa.CheckConstraint("(state = 'pending') = (resolved_entry_id IS NULL)", name="resolved_by_one_entry"),
        sa.CheckConstraint("units > 0", name="units_are_positive"),
        integer_check("units"),
    )
    op.create_index("ix_hold_account_id", "hold", ["account_id", "state"])
    op.create_index("ix_hold_source_ref", "hold", ["source_ref", "organization_id"])
    op.create_table(
        "lot",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("parent_lot_id", KEY, sa.ForeignKey("lot.id")),
        sa.Column("award_ref", sa.String(120), nullable=False),
        sa.Column("incentive_type", sa.String(12), nullable=False),
        sa.Column("budget_id", KEY, sa.ForeignKey("budget.id")),
        sa.Column("earned_on", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("rate_version_id", KEY, sa.ForeignKey("rate_version.id")),
        sa.Column("units_made", KEY, nullable=False),
        sa.Column("minor_made", KEY, nullable=False),
        sa.Column("base_units", KEY, nullable=False),
        sa.Column("base_minor", KEY, nullable=False),
        sa.Column("units_available", KEY, nullable=False),
        sa.Column("units_held", KEY, nullable=False),
        sa.Column("is_open", sa.Boolean(), sa.Computed("units_available > 0", persisted=True), nullable=False),
        sa.Column("entry_id", KEY, sa.ForeignKey("entry.id"), nullable=False),
        sa.ForeignKeyConstraint(["account_id", "unit_id"], ["account.id", "account.unit_id"]),
        sa.CheckConstraint("base_units > 0 AND base_minor >= 0", name="base_is_positive"),
        integer_check("base_minor"),
        integer_check("base_units"),
        integer_check("minor_made"),
        sa.CheckConstraint("units_available >= 0 AND units_held >= 0", name="units_are_not_negative"),
        integer_check("units_available"),
        integer_check("units_held"),
        integer_check("units_made"),
    )
    op.create_index("ix_lot_account_id", "lot", ["account_id", "is_open"])
    op.create_index("ix_lot_is_open_expires_at", "lot", ["is_open", "expires_at"])
    op.create_table(
        "posting",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("entry_id", KEY, sa.ForeignKey("entry.id"), nullable=False),
        sa.Column("debit_account_id", KEY, nullable=False),
        sa.Column("credit_account_id", KEY, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("units", KEY, nullable=False),
        sa.ForeignKeyConstraint(["debit_account_id", "unit_id"], ["account.id", "account.unit_id"]),
        sa.ForeignKeyConstraint(["credit_account_id", "unit_id"], ["account.id", "account.unit_id"]),
        sa.CheckConstraint("debit_account_id <> credit_account_id", name="accounts_differ"),
        sa.CheckConstraint("units > 0", name="units_are_positive"),
        integer_check("units"),
    )
    op.create_index("ix_posting_credit_account_id", "posting", ["credit_account_id", "entry_id"])
    op.create_index("ix_posting_debit_account_id", "posting", ["debit_account_id", "entry_id"])
    op.create_index("ix_posting_entry_id", "posting", ["entry_id"])
    op.create_table(
        "hold_lot",
        sa.Column("hold_id", KEY, sa.ForeignKey("hold.id"), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("lot_id", KEY, sa.ForeignKey("lot.id"), nullable=False),
        sa.Column("rate_version_id", KEY, sa.ForeignKey("rate_version.id")),
        sa.Column("units", KEY, nullable=False),
        sa.Column("captured", KEY, nullable=False),
        sa.Column("captured_minor", KEY, nullable=False),
        sa.Column("refunded", KEY, nullable=False),
        integer_check("captured"),
        integer_check("captured_minor"),
        sa.CheckConstraint(
            "refunded <= captured AND captured <= units AND refunded >= 0", name="refund_within_capture"
        ),
        integer_check("refunded"),
        sa.CheckConstraint("units > 0", name="units_are_positive"),
        integer_check("units"),
    )
    op.create_index("ix_hold_lot_lot_id", "hold_lot", ["lot_id"])
    op.create_table(
        "lot_movement",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("entry_id", KEY, sa.ForeignKey("entry.id"), nullable=False),
        sa.Column("lot_id", KEY, sa.ForeignKey("lot.id"), nullable=False),
        sa.Column("available_delta", KEY, nullable=False),
        sa.Column("held_delta", KEY, nullable=False),
        sa.Column("carrying_delta_minor", KEY, nullable=False),
        sa.Column("new_base_units", KEY),
        sa.Column("new_base_minor", KEY),
        integer_check("carrying_delta_minor"),
        integer_check("new_base_minor"),
        integer_check("new_base_units"),
    )
    op.create_index("ix_lot_movement_entry_id", "lot_movement", ["entry_id"])
    op.create_index("ix_lot_movement_lot_id", "lot_movement", ["lot_id", "entry_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("lot_movement")
    op.drop_table("hold_lot")
    op.drop_table("posting")
    op.drop_table("lot")
    op.drop_table("hold")
    op.drop_table("entry")
    op.drop_table("account_day")
    op.drop_table("account")
    op.drop_table("roll_mark")
