"""Codes: reward codes, their batches and claim links.

Revision: 0008_codes
After: 0007_wallets
"""

import sqlalchemy as sa
from alembic import op

from migrations.vocabulary import KEY, MOMENT, integer_check

revision = "0008_codes"
down_revision = "0007_wallets"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "code_batch",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("book_prefix", sa.String(40), nullable=False),
        sa.Column("unit_id", KEY, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("value_units", KEY, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("incentive_type", sa.String(12), nullable=False),
        sa.Column("budget_id", KEY, sa.ForeignKey("budget.id")),
        sa.Column("job_id", KEY, sa.ForeignKey("job.id")),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("program_id", "external_id"),
        sa.UniqueConstraint("public_id"),
        sa.CheckConstraint("count > 0 AND value_units > 0", name="something_is_asked_for"),
        integer_check("value_units"),
    )
    op.create_table(
        "code",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("unit_id", KEY, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("batch_id", KEY, sa.ForeignKey("code_batch.id")),
        sa.Column("value_units", KEY, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("last4", sa.String(4), nullable=False),
        sa.Column("lookup_hmac", sa.LargeBinary(32), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("sealed_code", sa.LargeBinary()),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("moved_to_account_id", KEY, sa.ForeignKey("account.id")),
        sa.Column("replacement", sa.String(8)),
        sa.Column("replaced_by_id", KEY, sa.ForeignKey("code.id")),
        sa.Column("made_from_id", KEY, sa.ForeignKey("code.id")),
        sa.Column("state_changed_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id", "unit_id"], ["account.id", "account.unit_id"]),
        sa.UniqueConstraint("account_id"),
        sa.UniqueConstraint("lookup_hmac"),
        sa.UniqueConstraint("public_id"),
        sa.CheckConstraint("(state = 'replaced') = (replacement IS NOT NULL)", name="replacement_is_explained"),
        sa.CheckConstraint("state IN ('active', 'blocked', 'claimed', 'replaced')", name="state_is_known"),
        integer_check("value_units"),
        sa.CheckConstraint(
            "(state IN ('claimed', 'replaced')) = (moved_to_account_id IS NOT NULL)", name="value_went_somewhere"
        ),
    )
    op.create_index("ix_code_batch_id", "code", ["batch_id", "id"])
    op.create_index("ix_code_made_from_id", "code", ["made_from_id"])
    op.create_index("ix_code_organization_id_last4", "code", ["organization_id", "last4"])
    op.create_index("ix_code_replaced_by_id", "code", ["replaced_by_id"])
    op.create_table(
        "claim_link",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("code_id", KEY, sa.ForeignKey("code.id"), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("public_id"),
        sa.UniqueConstraint("token_sha256"),
    )
    op.create_index("ix_claim_link_code_id", "claim_link", ["code_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("claim_link")
    op.drop_table("code")
    op.drop_table("code_batch")
