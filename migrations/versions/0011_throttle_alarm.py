"""Throttles: when the alarm about each purpose was raised last.

Revision: 0011_throttle_alarm
After: 0010_stock
"""

import sqlalchemy as sa
from alembic import op

from migrations.vocabulary import MOMENT

revision = "0011_throttle_alarm"
down_revision = "0010_stock"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "throttle_alarm",
        sa.Column("purpose", sa.String(30), primary_key=True),
        sa.Column("raised_at", MOMENT),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("throttle_alarm")
