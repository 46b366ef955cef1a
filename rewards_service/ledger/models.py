"""Tables of the books. Entries, postings and lot movements are only ever added."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from rewards_service.kit.commit_order import CommitMark
from rewards_service.kit.database import KEY, Base, UtcDateTime, integer_check
from rewards_service.kit.triggers import append_only


class Account(Base):
    """One account: a role, an owner, a unit."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("organization_id", "book_name", "unit_id"),
        UniqueConstraint("id", "unit_id"),
        CheckConstraint("balance_units >= 0", name="bearer_is_not_overdrawn"),
        integer_check("balance_units"),
        Index("ix_account_program_role", "program_id", "role"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    program_id: Mapped[int | None] = mapped_column(ForeignKey("program.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[str] = mapped_column(String(24), doc="A role of the chart.")
    book_name: Mapped[str] = mapped_column(String(200), doc="Its name in exported books; holds no personal data.")
    balance_units: Mapped[int | None] = mapped_column(
        KEY, doc="What the holder has, held value left out; none for accounts of the house, which are sums."
    )


class Entry(Base):
    """One business fact in the books."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("organization_id", "source_type", "source_ref", "kind"),
        UniqueConstraint("mirrors_id"),
        Index("ix_entry_organization_booked_on", "organization_id", "booked_on", "id"),
        Index("ix_entry_commit_mark", "commit_mark"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"))
    kind: Mapped[str] = mapped_column(String(16), doc="award, issue, transfer, hold, capture, void, refund, …")
    source_type: Mapped[str] = mapped_column(String(24), doc="Which sort of thing it is about: award, order_line, …")
    source_ref: Mapped[str] = mapped_column(String(120), doc="That thing's own reference; one entry per kind for it.")
    booked_on: Mapped[date] = mapped_column(Date, doc="Day in the organization's time zone, never in a closed period.")
    effective_on: Mapped[date] = mapped_column(Date, doc="The day it is about.")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80), doc="Kind and reference of who caused it.")
    reason: Mapped[str | None] = mapped_column(String(200), doc="Why, for adjustments, cancellations and mirrors.")
    mirrors_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"), doc="The entry that this one negates.")
    commit_mark: Mapped[int | None] = mapped_column(
        BigInteger, server_default=CommitMark(), doc="Which transaction wrote it; see ``kit.commit_order``."
    )


class Posting(Base):
    """One movement between two accounts of one unit: it balances by its shape."""

    __tablename__ = "posting"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_are_positive"),
        CheckConstraint("debit_account_id <> credit_account_id", name="accounts_differ"),
        integer_check("units"),
        ForeignKeyConstraint(["debit_account_id", "unit_id"], ["account.id", "account.unit_id"]),
        ForeignKeyConstraint(["credit_account_id", "unit_id"], ["account.id", "account.unit_id"]),
        Index("ix_posting_debit_account_id", "debit_account_id", "entry_id"),
        Index("ix_posting_credit_account_id", "credit_account_id", "entry_id"),
        Index("ix_posting_entry_id", "entry_id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    debit_account_id: Mapped[int] = mapped_column(KEY)
    credit_account_id: Mapped[int] = mapped_column(KEY)
    unit_id: Mapped[int] = mapped_column(KEY)
    units: Mapped[int] = mapped_column(KEY, doc="Smallest units, above zero.")


class Lot(Base):
    """Value of one origin in a bearer account, with its expiry and the money it carries."""

    __tablename__ = "lot"
    __table_args__ = (
        CheckConstraint("units_available >= 0 AND units_held >= 0", name="units_are_not_negative"),
        CheckConstraint("base_units > 0 AND base_minor >= 0", name="base_is_positive"),
        *(
            integer_check(name)
            for name in ("units_made", "minor_made", "units_available", "units_held", "base_units", "base_minor")
        ),
        ForeignKeyConstraint(["account_id", "unit_id"], ["account.id", "account.unit_id"]),
        Index("ix_lot_account_id", "account_id", "is_open"),
        Index("ix_lot_is_open_expires_at", "is_open", "expires_at"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    account_id: Mapped[int] = mapped_column(KEY)
    unit_id: Mapped[int] = mapped_column(KEY)
    parent_lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"), doc="The lot it came from, if it moved.")
    award_ref: Mapped[str] = mapped_column(String(120), doc="What made the value: the first lot's source reference.")
    incentive_type: Mapped[str] = mapped_column(String(12))
    budget_id: Mapped[int | None] = mapped_column(ForeignKey("budget.id"), doc="Which budget paid, to give back to.")
    earned_on: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="May be spent before it; none: never ends.")
    rate_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("rate_version.id"), doc="The points rate it is based on; none for promises, whose rate is one."
    )
    units_made: Mapped[int] = mapped_column(KEY, doc="Its units when it was made.")
    minor_made: Mapped[int] = mapped_column(KEY, doc="The money it carried when it was made.")
    base_units: Mapped[int] = mapped_column(KEY, doc="Its units when it was made or re-based.")
    base_minor: Mapped[int] = mapped_column(KEY, doc="What they were worth then, in the program's currency.")
    units_available: Mapped[int] = mapped_column(KEY)
    units_held: Mapped[int] = mapped_column(KEY)
    is_open: Mapped[bool] = mapped_column(
        Boolean,
        Computed("units_available > 0", persisted=True),
        doc="Has units to spend. Indexed in their stead: an index on units themselves is written at every spend.",
    )
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), doc="The entry that made it.")


class LotMovement(Base):
    """One change of a lot after its creation."""

    __tablename__ = "lot_movement"
    __table_args__ = (
        *(integer_check(name) for name in ("carrying_delta_minor", "new_base_units", "new_base_minor")),
        Index("ix_lot_movement_lot_id", "lot_id", "entry_id"),
        Index("ix_lot_movement_entry_id", "entry_id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    available_delta: Mapped[int] = mapped_column(KEY)
    held_delta: Mapped[int] = mapped_column(KEY)
    carrying_delta_minor: Mapped[int] = mapped_column(KEY, doc="How much less (negative) or more money it carries.")
    new_base_units: Mapped[int | None] = mapped_column(KEY, doc="Only when the lot was re-based.")
    new_base_minor: Mapped[int | None] = mapped_column(KEY, doc="Only when the lot was re-based.")


class Hold(Base):
    """Value of one bearer set aside for one order line until it is captured or given back."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_are_positive"),
        CheckConstraint("captured_units >= 0 AND captured_units <= units", name="capture_is_within_the_hold"),
        CheckConstraint("refunded_units >= 0 AND refunded_units <= captured_units", name="refund_is_within_capture"),
        CheckConstraint("(state = 'pending') = (resolved_entry_id IS NULL)", name="resolved_by_one_entry"),
        *(integer_check(name) for name in ("units", "captured_units", "refunded_units")),
        ForeignKeyConstraint(["account_id", "unit_id"], ["account.id", "account.unit_id"]),
        UniqueConstraint("entry_id", "account_id"),
        Index("ix_hold_account_id", "account_id", "state"),
        Index("ix_hold_source_ref", "source_ref", "organization_id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), doc="The entry that set the value aside.")
    account_id: Mapped[int] = mapped_column(KEY)
    unit_id: Mapped[int] = mapped_column(KEY)
    source_ref: Mapped[str] = mapped_column(String(120), doc="The order line it is for.")
    units: Mapped[int] = mapped_column(KEY)
    state: Mapped[str] = mapped_column(String(8), doc="pending, captured or voided.")
    captured_units: Mapped[int] = mapped_column(KEY, default=0)
    refunded_units: Mapped[int] = mapped_column(KEY, default=0)
    resolved_entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))


class HoldLot(Base):
    """Which lot a hold drew on, in the order of taking."""

    __tablename__ = "hold_lot"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_are_positive"),
        CheckConstraint("refunded <= captured AND captured <= units AND refunded >= 0", name="refund_within_capture"),
        *(integer_check(name) for name in ("units", "captured", "captured_minor", "refunded")),
        Index("ix_hold_lot_lot_id", "lot_id"),
    )

    hold_id: Mapped[int] = mapped_column(ForeignKey("hold.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, doc="0, 1, … in the order of taking.")
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    rate_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("rate_version.id"), doc="The lot's rate when it was held, which the order line keeps."
    )
    units: Mapped[int] = mapped_column(KEY)
    captured: Mapped[int] = mapped_column(KEY, default=0)
    captured_minor: Mapped[int] = mapped_column(KEY, default=0, doc="The money that the captured units carried.")
    refunded: Mapped[int] = mapped_column(KEY, default=0)


class AccountDay(Base):
    """What entries that are complete moved in one day: a house account by itself, holders of one sort together.

    A late entry adds to its day. What is not added yet is read from the postings themselves.
    """

    __tablename__ = "account_day"
    __table_args__ = (integer_check("debit_units"), integer_check("credit_units"))

    account_id: Mapped[int] = mapped_column(KEY, primary_key=True, doc="0: all holders of the role and unit.")
    role: Mapped[str] = mapped_column(String(24), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"), primary_key=True, doc="The entries' program.")
    booked_on: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(
        String(16), primary_key=True, doc="The entry's; a mirror counts under the kind it mirrors."
    )
    debit_units: Mapped[int] = mapped_column(KEY)
    credit_units: Mapped[int] = mapped_column(KEY)
    postings: Mapped[int] = mapped_column(KEY, doc="How many sides of postings the sums are made of.")


class RollMark(Base):
    """Up to where entries are added to ``account_day``; one row."""

    __tablename__ = "roll_mark"

    id: Mapped[int] = mapped_column(KEY, primary_key=True, doc="Always 1.")
    cluster: Mapped[str] = mapped_column(String(40), doc="The server whose marks ``below`` counts.")
    below: Mapped[int] = mapped_column(KEY, doc="Entries whose mark is less are added.")
    floor_entry_id: Mapped[int] = mapped_column(
        KEY, doc="Entries up to this one are added too, whatever their mark: they came with the database."
    )


for _table in (Entry.__table__, Posting.__table__, LotMovement.__table__):
    append_only(_table)
