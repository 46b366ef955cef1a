"""Delivery: messages, their attempts and receipts.

Revision: 0005_delivery
After: 0004_identity
"""

import sqlalchemy as sa
from alembic import op

from migrations.vocabulary import KEY, MOMENT

revision = "0005_delivery"
down_revision = "0004_identity"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "message",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("channel", sa.String(5), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("is_retryable", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("about_type", sa.String(40), nullable=False),
        sa.Column("about_id", sa.String(80), nullable=False),
        sa.Column("message_id", sa.String(200)),
        sa.Column("job_id", sa.BigInteger()),
        sa.Column("repeat_of_id", KEY, sa.ForeignKey("message.id")),
        sa.Column("scheduled_for", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("wiped_at", MOMENT),
        sa.UniqueConstraint("organization_id", "reference"),
        sa.UniqueConstraint("public_id"),
        sa.CheckConstraint("channel IN ('email', 'sms')", name="channel_is_known"),
        sa.CheckConstraint(
            "state IN ('scheduled', 'queued', 'sending', 'sent', 'delivered', 'bounced', 'complained', 'failed')",
            name="state_is_known",
        ),
    )
    op.create_index("ix_message_about", "message", ["about_type", "about_id"])
    op.create_index("ix_message_message_id", "message", ["message_id"])
    op.create_index("ix_message_newest", "message", ["organization_id", "id"])
    op.create_index("ix_message_recipient", "message", ["organization_id", "recipient"])
    op.create_table(
        "message_attempt",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("message_id", KEY, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", sa.String(500), nullable=False),
        sa.Column("vendor_reference", sa.String(200)),
        sa.Column("segments", sa.Integer()),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.CheckConstraint("outcome IN ('accepted', 'temporary', 'permanent', 'unknown')", name="outcome_is_known"),
    )
    op.create_index("ix_message_attempt_message_id", "message_attempt", ["message_id"])
    op.create_table(
        "message_receipt",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("message_id", KEY, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.UniqueConstraint("message_id", "kind", "reference"),
        sa.CheckConstraint("kind IN ('delivered', 'bounced', 'complained')", name="kind_is_known"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("message_receipt")
    op.drop_table("message_attempt")
    op.drop_table("message")
