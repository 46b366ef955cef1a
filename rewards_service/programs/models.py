"""Tables of organizations and programs."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards_service.kit.database import KEY, Base, UtcDateTime, integer_check
from rewards_service.programs.policy import (
    CODE_COPY_DAYS_DEFAULT,
    CODE_PREFIX_MAX,
    CODE_SYMBOLS_DEFAULT,
    CODE_SYMBOLS_MAX,
    CODE_SYMBOLS_MIN,
)


class Organization(Base):
    """A company that runs programs; one set of books."""

    __tablename__ = "organization"

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    external_id: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    functional_currency: Mapped[str] = mapped_column(String(3), doc="ISO 4217; income and expense exist in it alone.")
    time_zone: Mapped[str] = mapped_column(String(64), doc="IANA name; decides the day an entry is booked on.")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Unit(Base):
    """What postings count: money, or one program's value unit."""

    __tablename__ = "unit"
    __table_args__ = (
        UniqueConstraint("organization_id", "symbol"),
        CheckConstraint("kind IN ('money', 'points', 'promise')", name="kind_is_known"),
        CheckConstraint("(kind = 'money') = (program_id IS NULL)", name="value_belongs_to_a_program"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    program_id: Mapped[int | None] = mapped_column(ForeignKey("program.id", use_alter=True), index=True)
    symbol: Mapped[str] = mapped_column(String(12), doc="The book's name: EUR for money, PTS or VEUR for value.")
    kind: Mapped[str] = mapped_column(String(8), doc="'money', 'points', or 'promise' of value in a currency.")
    currency: Mapped[str | None] = mapped_column(String(3), doc="ISO 4217 of money and promises; none for points.")
    exponent: Mapped[int] = mapped_column(Integer, doc="Decimals of one whole: 2 for EUR, 0 for points.")

    @property
    def api_name(self) -> str:
        """What callers say: ``PTS`` for points, the ISO code for money and for value promised in it."""
        return self.currency or self.symbol


class Program(Base):
    """What partners take part in: its points, its promises, its shop."""

    __tablename__ = "program"
    __table_args__ = (
        UniqueConstraint("organization_id", "external_id"),
        UniqueConstraint("organization_id", "book_name"),
        CheckConstraint("catalog_mode IN ('all', 'listed')", name="catalog_mode_is_known"),
        CheckConstraint("default_margin_bp >= 0", name="margin_is_not_negative"),
        CheckConstraint(
            f"code_symbols BETWEEN {CODE_SYMBOLS_MIN} AND {CODE_SYMBOLS_MAX}", name="codes_are_long_enough"
        ),
        CheckConstraint("code_days > 0", name="codes_live"),
        CheckConstraint("code_copy_days >= 0", name="copies_end"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    external_id: Mapped[str] = mapped_column(String(100), doc="The caller's own id; part of the shop's address.")
    name: Mapped[str] = mapped_column(String(200))
    book_name: Mapped[str] = mapped_column(String(100), doc="The program's component in account names.")
    currency: Mapped[str] = mapped_column(String(3), doc="ISO 4217 of its liability and its prices.")
    time_zone: Mapped[str] = mapped_column(String(64), doc="IANA name; decides when a date is over.")
    locale: Mapped[str] = mapped_column(String(16), doc="Language of the shop and of messages, unless a member's own.")
    points_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    promise_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    money_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), doc="The money its liability is kept in.")
    catalog_mode: Mapped[str] = mapped_column(String(8), doc="'all': every item not hidden; 'listed': offers alone.")
    default_margin_bp: Mapped[int] = mapped_column(Integer, doc="Added to the face value of items, basis points.")
    grace_days: Mapped[int] = mapped_column(Integer, doc="Life of value that returns to a lot already expired.")
    code_prefix: Mapped[str] = mapped_column(
        String(CODE_PREFIX_MAX), default="", doc="What its codes begin with: 2 to 4 letters of their alphabet, or none."
    )
    code_symbols: Mapped[int] = mapped_column(
        Integer, default=CODE_SYMBOLS_DEFAULT, doc="Length of its codes without the prefix, the check symbol included."
    )
    code_days: Mapped[int | None] = mapped_column(
        Integer, doc="Days for which codes can be spent that were issued without an end; none: for ever."
    )
    code_copy_days: Mapped[int] = mapped_column(
        Integer, default=CODE_COPY_DAYS_DEFAULT, doc="How long after its first use a code can be sent again."
    )
    country: Mapped[str | None] = mapped_column(String(2), doc="ISO 3166-1; region of phone numbers without one.")
    is_test: Mapped[bool] = mapped_column(Boolean, default=False, doc="A test program's value is never exported.")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)
    points_unit: Mapped[Unit | None] = relationship(foreign_keys=[points_unit_id], lazy="joined")
    promise_unit: Mapped[Unit | None] = relationship(foreign_keys=[promise_unit_id], lazy="joined")
    money_unit: Mapped[Unit] = relationship(foreign_keys=[money_unit_id], lazy="joined", innerjoin=True)


class RateVersion(Base):
    """What a program's points are worth from a moment on: ``units`` points are ``minor`` smallest units of money."""

    __tablename__ = "rate_version"
    __table_args__ = (
        UniqueConstraint("program_id", "version"),
        CheckConstraint("units > 0 AND minor > 0", name="both_sides_are_positive"),
        integer_check("units"),
        integer_check("minor"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"))
    version: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    units: Mapped[int] = mapped_column(KEY)
    minor: Mapped[int] = mapped_column(KEY)


class Partner(Base):
    """A company whose people are members of the organization's programs."""

    __tablename__ = "partner"
    __table_args__ = (UniqueConstraint("organization_id", "external_id"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    external_id: Mapped[str] = mapped_column(String(100), doc="The partner's number in the sender's own system.")
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Offer(Base):
    """What a program says about one item of the catalog: shown or hidden, and at which margin."""

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("program_id", "item_id"),
        CheckConstraint("margin_bp IS NULL OR margin_bp >= 0", name="margin_is_not_negative"),
        Index("ix_offer_item_id", "item_id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    is_visible: Mapped[bool] = mapped_column(Boolean)
    margin_bp: Mapped[int | None] = mapped_column(Integer, doc="Instead of the program's own; none: the program's own.")


class Budget(Base):
    """Money that awards may draw; a memo in the books whose available part is stored and guarded."""

    __tablename__ = "budget"
    __table_args__ = (
        UniqueConstraint("organization_id", "external_id"),
        ForeignKeyConstraint(["program_id"], ["program.id"]),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    program_id: Mapped[int | None] = mapped_column(KEY, doc="The program it is for; none: any of the organization.")
    external_id: Mapped[str] = mapped_column(String(100))
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
