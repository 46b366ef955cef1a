"""Batches of codes: whether the end was asked for, or is what the program gave where none was.

Revision: 0012_asked_ends
After: 0011_throttle_alarm
"""

import sqlalchemy as sa
from alembic import op

revision = "0012_asked_ends"
down_revision = "0011_throttle_alarm"


def upgrade() -> None:
    """Add the column; of batches that are there, nobody knows it any more."""
    op.add_column("code_batch", sa.Column("is_end_asked", sa.Boolean()))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("code_batch", "is_end_asked")
