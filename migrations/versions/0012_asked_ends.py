"""Batches of codes: the end that was asked for, beside the one that the program gave where none was.

Revision: 0012_asked_ends
After: 0011_throttle_alarm
"""

import sqlalchemy as sa
from alembic import op

from migrations.vocabulary import MOMENT

revision = "0012_asked_ends"
down_revision = "0011_throttle_alarm"

_ENDS_OF_THEIR_OWN = """
    UPDATE code_batch SET asked_expires_at = expires_at
    WHERE program_id IN (SELECT id FROM program WHERE code_days IS NULL)
"""
"""Where the program gives its codes no end, whoever asked for them did."""


def upgrade() -> None:
    """Add the column, and fill it for batches that are there."""
    op.add_column("code_batch", sa.Column("asked_expires_at", MOMENT))
    op.execute(_ENDS_OF_THEIR_OWN)


def downgrade() -> None:
    """Drop it."""
    op.drop_column("code_batch", "asked_expires_at")
