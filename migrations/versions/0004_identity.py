"""Identity: members, staff, sessions, API keys.

Revision: 0004_identity
After: 0003_kit
"""

import sqlalchemy as sa
from alembic import op

from migrations.vocabulary import KEY, MOMENT

revision = "0004_identity"
down_revision = "0003_kit"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "staff",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("organization_id", "id"),
        sa.UniqueConstraint("public_id"),
    )
    op.create_index("ix_staff_organization_id", "staff", ["organization_id"])
    op.create_table(
        "api_key",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id")),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("key_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("last4", sa.String(4), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.Column("used_at", MOMENT),
        sa.UniqueConstraint("key_sha256"),
        sa.UniqueConstraint("public_id"),
    )
    op.create_index("ix_api_key_organization_id", "api_key", ["organization_id"])
    op.create_table(
        "member",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("external_id", sa.String(200)),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("phone", sa.String(20)),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("partner_id", KEY, sa.ForeignKey("partner.id")),
        sa.Column("email_verified_at", MOMENT),
        sa.Column("phone_verified_at", MOMENT),
        sa.Column("merged_into_id", KEY, sa.ForeignKey("member.id")),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("organization_id", "id"),
        sa.UniqueConstraint("program_id", "email"),
        sa.UniqueConstraint("program_id", "external_id"),
        sa.UniqueConstraint("program_id", "phone"),
        sa.UniqueConstraint("public_id"),
    )
    op.create_index("ix_member_merged_into_id", "member", ["merged_into_id"])
    op.create_table(
        "login_request",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id"), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("member_id", KEY),
        sa.Column("browser_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id", "member_id"], ["member.organization_id", "member.id"]),
        sa.UniqueConstraint("public_id"),
    )
    op.create_index("ix_login_request_browser_sha256", "login_request", ["browser_sha256"])
    op.create_table(
        "staff_role",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("staff_id", KEY, nullable=False),
        sa.Column("role", sa.String(30), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id")),
        sa.ForeignKeyConstraint(["organization_id", "staff_id"], ["staff.organization_id", "staff.id"]),
        sa.UniqueConstraint("staff_id", "role", "program_id"),
    )
    op.create_table(
        "sign_in_session",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("organization_id", KEY, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("program_id", KEY, sa.ForeignKey("program.id")),
        sa.Column("member_id", KEY),
        sa.Column("staff_id", KEY),
        sa.Column("user_agent", sa.String(200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.ForeignKeyConstraint(["organization_id", "member_id"], ["member.organization_id", "member.id"]),
        sa.ForeignKeyConstraint(["organization_id", "staff_id"], ["staff.organization_id", "staff.id"]),
        sa.UniqueConstraint("public_id"),
        sa.UniqueConstraint("token_sha256"),
        sa.CheckConstraint("kind <> 'member' OR member_id IS NOT NULL", name="member_has_a_member"),
        sa.CheckConstraint("kind = 'staff' OR program_id IS NOT NULL", name="shop_has_a_program"),
        sa.CheckConstraint("kind <> 'staff' OR staff_id IS NOT NULL", name="staff_has_staff"),
    )
    op.create_index("ix_sign_in_session_member_id", "sign_in_session", ["member_id"])
    op.create_index("ix_sign_in_session_staff_id", "sign_in_session", ["staff_id"])
    op.create_table(
        "proved_code",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("session_id", KEY, sa.ForeignKey("sign_in_session.id"), nullable=False),
        sa.Column("code_public_id", sa.String(40), nullable=False),
        sa.Column("proved_at", MOMENT, nullable=False),
        sa.UniqueConstraint("session_id", "code_public_id"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("proved_code")
    op.drop_table("sign_in_session")
    op.drop_table("staff_role")
    op.drop_table("login_request")
    op.drop_table("member")
    op.drop_table("api_key")
    op.drop_table("staff")
