"""Kit: jobs, audit trail, stored answers, data keys, throttles.

Revision: 0003_kit
After: 0002_programs
"""

import sqlalchemy as sa
from alembic import op

from migrations.vocabulary import KEY, MOMENT

revision = "0003_kit"
down_revision = "0002_programs"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "audit_event",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("organization_id", sa.BigInteger()),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("actor_kind", sa.String(10), nullable=False),
        sa.Column("actor_reference", sa.String(80), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("object_type", sa.String(40), nullable=False),
        sa.Column("object_id", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(40)),
    )
    op.create_index("ix_audit_event_object", "audit_event", ["object_type", "object_id", "id"])
    op.create_index("ix_audit_event_organization_id", "audit_event", ["organization_id", "id"])
    op.create_table(
        "data_key",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("kek_version", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_data_key_organization_id", "data_key", ["organization_id"])
    op.create_table(
        "job",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("organization_id", sa.BigInteger()),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("queue", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("run_at", MOMENT),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("cursor", sa.JSON()),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempts_base", sa.Integer(), nullable=False),
        sa.Column("is_unresolved", sa.Boolean(), nullable=False),
        sa.Column("lease_token", sa.String(32)),
        sa.Column("lease_expires_at", MOMENT),
        sa.Column("claimed_at", MOMENT),
        sa.Column("worker", sa.String(80)),
        sa.Column("dedupe_key", sa.String(120)),
        sa.Column("live_key", sa.String(201)),
        sa.Column("reason", sa.String(500)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.UniqueConstraint("live_key"),
        sa.CheckConstraint("(state = 'running') = (lease_token IS NOT NULL)", name="only_running_is_leased"),
        sa.CheckConstraint(
            "state IN ('pending', 'running', 'done', 'dead', 'unknown', 'cancelled')", name="state_is_known"
        ),
    )
    op.create_index("ix_job_claim", "job", ["queue", "state", "priority", "run_at"])
    op.create_index("ix_job_due", "job", ["queue", "state", "run_at"])
    op.create_table(
        "schedule_slot",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("slot", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.UniqueConstraint("name", "slot"),
    )
    op.create_table(
        "stored_answer",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.String()),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("sealed_body", sa.LargeBinary()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("key_digest"),
    )
    op.create_index("ix_stored_answer_created_at", "stored_answer", ["created_at"])
    op.create_table(
        "throttle_failure",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("purpose", sa.String(30), nullable=False),
        sa.Column("scope", sa.String(12), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("failed_at", MOMENT, nullable=False),
    )
    op.create_index("ix_throttle_failure_count", "throttle_failure", ["purpose", "scope", "key", "failed_at"])
    op.create_index("ix_throttle_failure_failed_at", "throttle_failure", ["failed_at"])
    op.create_table(
        "job_attempt",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("job_id", KEY, sa.ForeignKey("job.id"), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("status", sa.Integer()),
        sa.Column("worker", sa.String(80)),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
    )
    op.create_index("ix_job_attempt_job_id", "job_attempt", ["job_id"])
    op.create_table(
        "stored_answer_secret",
        sa.Column("answer_id", KEY, sa.ForeignKey("stored_answer.id"), primary_key=True),
        sa.Column("reference", sa.String(80), primary_key=True),
    )
    op.create_index("ix_stored_answer_secret_reference", "stored_answer_secret", ["reference"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("stored_answer_secret")
    op.drop_table("job_attempt")
    op.drop_table("throttle_failure")
    op.drop_table("stored_answer")
    op.drop_table("schedule_slot")
    op.drop_table("job")
    op.drop_table("data_key")
    op.drop_table("audit_event")
