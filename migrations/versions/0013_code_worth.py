"""Codes: the most valuable ones of a program are found without reading all of them.

Revision: 0013_code_worth
After: 0012_asked_ends
"""

from alembic import op

revision = "0013_code_worth"
down_revision = "0012_asked_ends"


def upgrade() -> None:
    """Create the index."""
    op.create_index("ix_code_worth", "code", ["program_id", "unit_id", "state", "value_units"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_code_worth", "code")
