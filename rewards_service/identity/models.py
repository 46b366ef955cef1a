"""Tables of people and machines that may come in. None holds anything that opens a door by itself."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from rewards_service.identity.policy import Role, SessionKind
from rewards_service.kit.database import KEY, Base, UtcDateTime


class Member(Base):
    """A person whom a program rewards, known by an external id, an email address or a telephone number."""

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("program_id", "external_id"),
        UniqueConstraint("program_id", "email"),
        UniqueConstraint("program_id", "phone"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"))
    external_id: Mapped[str | None] = mapped_column(
        String(200), doc="How the organization's own systems call this person; unique in the program for ever."
    )
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254), doc="Lower-case NFC; see ``addresses.normalise_email``.")
    phone: Mapped[str | None] = mapped_column(String(20), doc="E.164; see ``addresses.normalise_phone``.")
    locale: Mapped[str] = mapped_column(
        String(20), doc="BCP 47, e.g. ``de``: the language this person is written to in."
    )
    partner_id: Mapped[int | None] = mapped_column(
        ForeignKey("partner.id"), doc="The company this person works for, if it is known."
    )
    email_verified_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, doc="When a message to the address was answered; value sent to an address waits until then."
    )
    phone_verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id"),
        index=True,
        doc="The member who turned out to be the same person, never merged in turn; the addresses here lead there.",
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Staff(Base):
    """Somebody who works in the console of one organization."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("organization_id", "id"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    email: Mapped[str] = mapped_column(
        String(254), unique=True, doc="Unique in the installation: the sign-in form does not ask for an organization."
    )
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200), doc="argon2id in its usual notation; see ``passwords``.")
    locale: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffRole(Base):
    """One role of one member of staff, in one program or (without one) in the whole organization."""

    __tablename__ = "staff_role"
    __table_args__ = (
        UniqueConstraint("staff_id", "role", "program_id"),
        ForeignKeyConstraint(["organization_id", "staff_id"], ["staff.organization_id", "staff.id"]),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    staff_id: Mapped[int] = mapped_column(KEY)
    role: Mapped[Role] = mapped_column(String(30))
    program_id: Mapped[int | None] = mapped_column(ForeignKey("program.id"))


class SignInSession(Base):
    """One browser that came in: as a guest with codes, as a member, or as staff."""

    __tablename__ = "sign_in_session"
    __table_args__ = (
        CheckConstraint("kind <> 'member' OR member_id IS NOT NULL", name="member_has_a_member"),
        CheckConstraint("kind <> 'staff' OR staff_id IS NOT NULL", name="staff_has_staff"),
        CheckConstraint("kind = 'staff' OR program_id IS NOT NULL", name="shop_has_a_program"),
        ForeignKeyConstraint(["organization_id", "member_id"], ["member.organization_id", "member.id"]),
        ForeignKeyConstraint(["organization_id", "staff_id"], ["staff.organization_id", "staff.id"]),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(
        String(40), unique=True, doc="How the session is called in audits and throttles; it opens nothing."
    )
    token_sha256: Mapped[bytes] = mapped_column(
        LargeBinary(32), unique=True, doc="SHA-256 of the cookie's 256 random bits."
    )
    kind: Mapped[SessionKind] = mapped_column(String(10))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    program_id: Mapped[int | None] = mapped_column(
        ForeignKey("program.id"), doc="The shop the session belongs to; staff sessions have none."
    )
    member_id: Mapped[int | None] = mapped_column(KEY, index=True)
    staff_id: Mapped[int | None] = mapped_column(KEY, index=True)
    user_agent: Mapped[str] = mapped_column(
        String(200), doc="What the browser calls itself, so that its owner recognises it in a list."
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(
        UtcDateTime, doc="The last request, to ``policy.SEEN_EVERY``; the idle limit counts from here."
    )
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProvedCode(Base):
    """A code whose sixteen symbols were typed in a session: as long as the session lives, it may spend that value."""

    __tablename__ = "proved_code"
    __table_args__ = (UniqueConstraint("session_id", "code_public_id"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sign_in_session.id"))
    code_public_id: Mapped[str] = mapped_column(String(40), doc="The reference of the code, never the code.")
    proved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LoginRequest(Base):
    """One sign-in message: a link and a code that open one session, once, in the browser that asked."""

    __tablename__ = "login_request"
    __table_args__ = (ForeignKeyConstraint(["organization_id", "member_id"], ["member.organization_id", "member.id"]),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(
        String(40),
        unique=True,
        doc="Link and code are derived from it with a key outside the database; see ``tokens.login_secrets``.",
    )
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"))
    address: Mapped[str] = mapped_column(String(254), doc="Where it was sent: an email address, or a phone in E.164.")
    member_id: Mapped[int | None] = mapped_column(
        KEY, doc="Who asked for it, signed in, to be found by this address as well; with none it is for signing in."
    )
    browser_sha256: Mapped[bytes] = mapped_column(
        LargeBinary(32), index=True, doc="SHA-256 of the nonce in a cookie of the browser that asked."
    )
    locale: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wrong_tries: Mapped[int] = mapped_column(
        default=0, doc="Typed codes that were not the one; at ``policy.LOGIN_TRIES_MAX`` the message is over."
    )


class ApiKey(Base):
    """A machine that may call the API, for one program or for the whole organization."""

    __tablename__ = "api_key"
    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    program_id: Mapped[int | None] = mapped_column(
        ForeignKey("program.id"),
        doc="The only program the key may touch; without one, every program of the organization.",
    )
    name: Mapped[str] = mapped_column(String(200))
    key_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    last4: Mapped[str] = mapped_column(String(4), doc="The key's last symbols, to tell keys apart in a list.")
    scopes: Mapped[list[str]] = mapped_column(JSON, doc="Permissions of ``policy.API_SCOPES``, sorted.")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="The last call, to the hour.")
