"""Tables of the stock. No number and no PIN is in them in clear."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from rewards_service.kit.database import KEY, Base, UtcDateTime, integer_check
from rewards_service.kit.triggers import append_only
from rewards_service.stock.policy import VoucherState

_STATES = ", ".join(f"'{state.value}'" for state in VoucherState)


class StockItem(Base):
    """An item of the catalog that an organization keeps vouchers of."""

    __tablename__ = "stock_item"
    __table_args__ = (
        UniqueConstraint("organization_id", "item_id"),
        UniqueConstraint("organization_id", "book_owner"),
        CheckConstraint("low_stock_threshold >= 0", name="threshold_is_not_negative"),
        Index("ix_stock_item_item_id", "item_id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    book_owner: Mapped[str] = mapped_column(String(100), doc="Its component in ``Assets:Stock:…``; never changes.")
    low_stock_threshold: Mapped[int] = mapped_column(
        Integer, doc="Somebody is told when as few are left of a face value, or fewer; 0 never."
    )


class LowStockNotice(Base):
    """Somebody was told that few vouchers of an item and face value are left; gone when more have come."""

    __tablename__ = "low_stock_notice"
    __table_args__ = (
        CheckConstraint("face_value_minor > 0", name="face_value_is_positive"),
        integer_check("face_value_minor"),
    )

    stock_item_id: Mapped[int] = mapped_column(ForeignKey("stock_item.id"), primary_key=True)
    face_value_minor: Mapped[int] = mapped_column(KEY, primary_key=True, autoincrement=False)
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StockImport(Base):
    """One file of vouchers that came into the stock, and the entry of the books that says what they cost."""

    __tablename__ = "stock_import"
    __table_args__ = (
        CheckConstraint("vouchers > 0", name="something_came_in"),
        integer_check("cost_minor"),
        integer_check("vat_minor"),
        Index("ix_stock_import_organization_id", "organization_id", "id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True, doc="Also the reference of its entry.")
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    stock_item_id: Mapped[int] = mapped_column(ForeignKey("stock_item.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    vouchers: Mapped[int] = mapped_column(Integer, doc="How many of its rows were new.")
    cost_minor: Mapped[int] = mapped_column(KEY, doc="What they cost without tax, in the functional currency.")
    vat_minor: Mapped[int] = mapped_column(KEY, doc="Tax that was paid on top.")
    actor: Mapped[str] = mapped_column(String(80), doc="Kind and reference of who imported it.")
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Voucher(Base):
    """One card, bought in advance, for one order line."""

    __tablename__ = "voucher"
    __table_args__ = (
        UniqueConstraint("organization_id", "item_id", "number_hmac"),
        CheckConstraint(f"state IN ({_STATES})", name="state_is_known"),
        CheckConstraint("(state = 'available') = (order_line_id IS NULL)", name="handed_out_to_a_line"),
        CheckConstraint("face_value_minor > 0 AND cost_minor >= 0 AND vat_minor >= 0", name="amounts_are_usable"),
        *(integer_check(name) for name in ("face_value_minor", "cost_minor", "vat_minor")),
        Index("ix_voucher_pick", "item_id", "organization_id", "face_value_minor", "state", "expires_on", "id"),
        Index("ix_voucher_import_id", "import_id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True, doc="What its secrets are sealed for.")
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    import_id: Mapped[int] = mapped_column(ForeignKey("stock_import.id"))
    face_value_minor: Mapped[int] = mapped_column(KEY)
    currency: Mapped[str] = mapped_column(String(3), doc="ISO 4217, of the face value and of the cost.")
    cost_minor: Mapped[int] = mapped_column(KEY, doc="What it was bought at, without tax.")
    vat_minor: Mapped[int] = mapped_column(KEY, doc="Tax paid on the purchase; the same is due when it is handed out.")
    sealed_number: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_pin: Mapped[bytes | None] = mapped_column(LargeBinary)
    number_hmac: Mapped[bytes] = mapped_column(LargeBinary(32), doc="Keyed hash of the number: finds duplicates.")
    content_hmac: Mapped[bytes] = mapped_column(LargeBinary(32), doc="Keyed hash of number, PIN, value and expiry.")
    key_version: Mapped[int] = mapped_column(Integer, doc="Which look-up key made the hashes.")
    last4: Mapped[str] = mapped_column(String(4), doc="All that staff see of the number.")
    expires_on: Mapped[date] = mapped_column(
        Date, doc="The last day it may be used; ``policy.NEVER``: it does not end."
    )
    barcode_type: Mapped[str] = mapped_column(String(16), doc="One of ``catalog.BARCODE_TYPES``.")
    state: Mapped[str] = mapped_column(String(9))
    order_line_id: Mapped[int | None] = mapped_column(
        ForeignKey("order_line.id"), unique=True, doc="Whose it is, for ever."
    )
    state_changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(StockImport.__table__)
