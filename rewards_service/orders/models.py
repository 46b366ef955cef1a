"""Tables of orders. A line keeps what was agreed; nothing about it changes when the catalog or a rate does."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
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

from rewards_service.kit.database import KEY, Base, UtcDateTime, integer_check
from rewards_service.kit.triggers import append_only
from rewards_service.orders.policy import LineState, OrderState


def _states(states: type[OrderState] | type[LineState]) -> str:
    """Return the values of ``states`` as SQL."""
    return ", ".join(f"'{state.value}'" for state in states)


class Order(Base):
    """What somebody asked for at once, paid for at once."""

    __tablename__ = "customer_order"
    __table_args__ = (
        UniqueConstraint("program_id", "external_id"),
        CheckConstraint(f"state IN ({_states(OrderState)})", name="state_is_known"),
        Index("ix_customer_order_organization_id", "organization_id", "id"),
        Index("ix_customer_order_program_id", "program_id", "id"),
        Index("ix_customer_order_member_id", "member_id", "id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"))
    external_id: Mapped[str] = mapped_column(String(100), doc="The caller's own reference; unique for ever.")
    content_hmac: Mapped[bytes] = mapped_column(LargeBinary(32), doc="Keyed hash of what was asked for.")
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), doc="Whose it is; none: a guest's.")
    recipient_name: Mapped[str | None] = mapped_column(String(200))
    recipient_email: Mapped[str | None] = mapped_column(String(254))
    recipient_phone: Mapped[str | None] = mapped_column(String(20))
    locale: Mapped[str] = mapped_column(String(20), doc="BCP 47: the language the recipient is written to in.")
    state: Mapped[str] = mapped_column(String(16), doc="What ``policy.order_state`` makes of its lines.")
    awaits_approval: Mapped[bool] = mapped_column(Boolean)
    actor: Mapped[str] = mapped_column(String(80), doc="Kind and reference of who placed it.")
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OrderLine(Base):
    """One unit of one item, as it was agreed."""

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        CheckConstraint(f"state IN ({_states(LineState)})", name="state_is_known"),
        CheckConstraint("face_value_minor > 0 AND price_units > 0", name="amounts_are_positive"),
        CheckConstraint(
            "refunded_face_minor >= 0 AND refunded_face_minor <= face_value_minor", name="refund_is_within_the_line"
        ),
        *(
            integer_check(name)
            for name in ("face_value_minor", "price_units", "rate_units", "rate_minor", "refunded_face_minor")
        ),
        Index("ix_order_line_item_id", "item_id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"))
    number: Mapped[int] = mapped_column(Integer, doc="1, 2, … within the order.")
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    item_public_id: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(32), doc="A name of ``catalog.KINDS``: decides who fulfils it.")
    supplier: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200), doc="As it was shown.")
    face_value_minor: Mapped[int] = mapped_column(KEY)
    currency: Mapped[str] = mapped_column(String(3), doc="ISO 4217, of the face value.")
    margin_bp: Mapped[int] = mapped_column(Integer, doc="Basis points that were added to the face value.")
    rate_version_id: Mapped[int] = mapped_column(ForeignKey("rate_version.id"))
    rate_units: Mapped[int] = mapped_column(KEY, doc="So many points …")
    rate_minor: Mapped[int] = mapped_column(KEY, doc="… were worth so many smallest units of the currency.")
    price_units: Mapped[int] = mapped_column(KEY, doc="What it costs in ``unit_id``, rounded up.")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), doc="The unit of all its tenders, else points.")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, doc="What the item's kind asked the buyer.")
    state: Mapped[str] = mapped_column(String(9))
    state_reason: Mapped[str | None] = mapped_column(String(60), doc="A stable code: why it failed or was cancelled.")
    state_changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When its secrets were first shown.")
    refunded_face_minor: Mapped[int] = mapped_column(KEY, doc="How much of the face value was given back.")


class OrderTender(Base):
    """What one wallet or code contributes to one line."""

    __tablename__ = "order_tender"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_are_positive"),
        CheckConstraint("(wallet_id IS NULL) <> (code_id IS NULL)", name="is_a_wallet_or_a_code"),
        integer_check("units"),
        ForeignKeyConstraint(["account_id", "unit_id"], ["account.id", "account.unit_id"]),
        Index("ix_order_tender_account_id", "account_id"),
    )

    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, doc="0, 1, … in the order of use.")
    wallet_id: Mapped[int | None] = mapped_column(ForeignKey("wallet.id"))
    code_id: Mapped[int | None] = mapped_column(ForeignKey("code.id"))
    account_id: Mapped[int] = mapped_column(KEY)
    unit_id: Mapped[int] = mapped_column(KEY)
    units: Mapped[int] = mapped_column(KEY, doc="Its share of the line.")
    hold_id: Mapped[int] = mapped_column(ForeignKey("hold.id"), unique=True)


class OrderLineRecovery(Base):
    """What a refund of the whole line debits or credits beside the liability: one line of money."""

    __tablename__ = "order_line_recovery"
    __table_args__ = (integer_check("amount_minor"),)

    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    role: Mapped[str] = mapped_column(String(24), doc="A role of the chart of accounts.")
    owner: Mapped[str] = mapped_column(String(100), doc="Its owner's component in the books; perhaps empty.")
    amount_minor: Mapped[int] = mapped_column(KEY, doc="Positive = debit, in the program's currency.")


class OrderEvent(Base):
    """Something that happened to an order: its timeline."""

    __tablename__ = "order_event"
    __table_args__ = (Index("ix_order_event_order_id", "order_id", "id"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80), doc="Kind and reference.")
    event: Mapped[str] = mapped_column(String(32), doc="A name of ``timeline.Event``.")
    line_number: Mapped[int | None] = mapped_column(Integer, doc="The line it is about; none: the order.")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, doc="Counts, codes and reasons; no personal data, no secret.")


class Basket(Base):
    """What somebody means to order; kept on the server, priced anew each time it is looked at."""

    __tablename__ = "basket"
    __table_args__ = (UniqueConstraint("program_id", "holder_key"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"))
    holder_key: Mapped[str] = mapped_column(String(80), doc="``member:…`` or ``session:…`` and a reference.")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BasketLine(Base):
    """So many of one item in one face value."""

    __tablename__ = "basket_line"
    __table_args__ = (
        UniqueConstraint("basket_id", "item_public_id", "face_value_minor"),
        CheckConstraint("quantity > 0 AND face_value_minor > 0", name="something_is_wanted"),
        integer_check("face_value_minor"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    basket_id: Mapped[int] = mapped_column(ForeignKey("basket.id"), index=True)
    item_public_id: Mapped[str] = mapped_column(String(40))
    face_value_minor: Mapped[int] = mapped_column(KEY)
    quantity: Mapped[int] = mapped_column(Integer)


for _table in (OrderTender.__table__, OrderLineRecovery.__table__, OrderEvent.__table__):
    append_only(_table)
