"""${message}.

Revision: ${up_revision}
After: ${down_revision or "nothing"}
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = "${up_revision}"
down_revision = ${'"' + down_revision + '"' if down_revision else None}


def upgrade() -> None:
    """Say what is new."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Say what goes."""
    ${downgrades if downgrades else "pass"}
