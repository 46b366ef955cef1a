"""Tables of wallets and of the awards that fill them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rewards_service.kit.database import KEY, Base, UtcDateTime, integer_check
from rewards_service.kit.triggers import append_only


class Wallet(Base):
    """A holder's handle on one bearer account."""

    __tablename__ = "wallet"
    __table_args__ = (
        UniqueConstraint("member_id", "unit_id"),
        UniqueConstraint("program_id", "pending_address", "unit_id"),
        CheckConstraint("(member_id IS NULL) <> (pending_address IS NULL)", name="has_one_sort_of_holder"),
        Index("ix_wallet_program_id", "program_id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    pending_address: Mapped[str | None] = mapped_column(
        String(254), doc="Email in lower case or phone in E.164 that nobody has proved yet; none for a member's."
    )
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("wallet.id"),
        doc="The member's wallet that took over what waited for an address, or what a merged member had.",
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Award(Base):
    """Value that somebody earned, as the sender told it; the books hold what became of it."""

    __tablename__ = "award"
    __table_args__ = (
        UniqueConstraint("program_id", "external_id"),
        CheckConstraint("value_units > 0", name="value_is_positive"),
        integer_check("value_units"),
        Index("ix_award_wallet_id", "wallet_id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"))
    external_id: Mapped[str] = mapped_column(String(200), doc="The sender's own reference; unique for ever.")
    wallet_id: Mapped[int] = mapped_column(ForeignKey("wallet.id"), doc="Where the value went first.")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    value_units: Mapped[int] = mapped_column(KEY)
    reason: Mapped[str] = mapped_column(String(200), doc="Shown to the member: what it was for.")
    source_row: Mapped[str | None] = mapped_column(String(300), doc="File and line that it was imported from.")
    earned_on: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(Award.__table__)
