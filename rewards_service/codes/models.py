"""Tables of codes."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from rewards_service.codes.policy import ALLOWED_MOVES
from rewards_service.kit.database import KEY, Base, UtcDateTime, integer_check

_STORED_STATES = ", ".join(f"'{state.value}'" for state in ALLOWED_MOVES)


class CodeBatch(Base):
    """Many codes of one value, asked for at once and issued by a job."""

    __tablename__ = "code_batch"
    __table_args__ = (
        UniqueConstraint("program_id", "external_id"),
        CheckConstraint("count > 0 AND value_units > 0", name="something_is_asked_for"),
        integer_check("value_units"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"))
    external_id: Mapped[str] = mapped_column(String(100), doc="The caller's own reference; unique for ever.")
    book_prefix: Mapped[str] = mapped_column(String(40), doc="Its codes are called this and a serial in the books.")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    count: Mapped[int] = mapped_column(Integer, doc="How many codes were asked for.")
    value_units: Mapped[int] = mapped_column(KEY, doc="The value of each.")
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="Usable before it; none: for ever.")
    incentive_type: Mapped[str] = mapped_column(String(12))
    budget_id: Mapped[int | None] = mapped_column(ForeignKey("budget.id"), doc="What pays for it, if a budget does.")
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"), doc="Says how far the issue has come.")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_end_asked: Mapped[bool | None] = mapped_column(
        Boolean, doc="Whether the end was asked for, not given by the program; none: not known, of older batches."
    )


class Code(Base):
    """A bearer's handle of an account: whoever knows the text may spend what the account holds."""

    __tablename__ = "code"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STORED_STATES})", name="state_is_known"),
        CheckConstraint(
            "(state IN ('claimed', 'replaced')) = (moved_to_account_id IS NOT NULL)", name="value_went_somewhere"
        ),
        CheckConstraint("(state = 'replaced') = (replacement IS NOT NULL)", name="replacement_is_explained"),
        integer_check("value_units"),
        ForeignKeyConstraint(["account_id", "unit_id"], ["account.id", "account.unit_id"]),
        Index("ix_code_organization_id_last4", "organization_id", "last4"),
        Index("ix_code_batch_id", "batch_id", "id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"))
    account_id: Mapped[int] = mapped_column(KEY, unique=True, doc="Where its value is; this handle's alone.")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("code_batch.id"))
    value_units: Mapped[int] = mapped_column(KEY, doc="What it was worth when it was made.")
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="As it was issued or extended; lots decide.")
    last4: Mapped[str] = mapped_column(String(4), doc="All that staff see of it.")
    lookup_hmac: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, doc="Keyed hash of its normal form.")
    key_version: Mapped[int] = mapped_column(Integer, doc="Which look-up key made the hash.")
    sealed_code: Mapped[bytes | None] = mapped_column(LargeBinary, doc="The code, sealed for this row; none: wiped.")
    state: Mapped[str] = mapped_column(String(8), doc="active, blocked, claimed or replaced.")
    moved_to_account_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id"), doc="Where its value went when it was claimed or replaced, and refunds go since."
    )
    replacement: Mapped[str | None] = mapped_column(String(8), doc="merged, split or reissued.")
    replaced_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("code.id"), index=True, doc="The code that took its place; of a split, the first part."
    )
    made_from_id: Mapped[int | None] = mapped_column(
        ForeignKey("code.id"), index=True, doc="The code it is a part of, or was reissued for."
    )
    state_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClaimLink(Base):
    """A link that leads to a code without holding it; following it uses nothing up."""

    __tablename__ = "claim_link"

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    code_id: Mapped[int] = mapped_column(ForeignKey("code.id"), index=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, doc="SHA-256 of the 256-bit token.")
    key_version: Mapped[int] = mapped_column(Integer, doc="Which look-up key the token was made with.")
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="Leads somewhere before it; none: for ever.")
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
