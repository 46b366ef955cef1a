"""Tables of messages, of each attempt to send one, and of what the other side reported later."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rewards_service.delivery.policy import Channel, MessageState, ReceiptKind
from rewards_service.gateways import Acceptance
from rewards_service.kit.database import KEY, Base, UtcDateTime
from rewards_service.kit.triggers import append_only


def one_of(column: str, words: type[Channel | MessageState | ReceiptKind | Acceptance]) -> CheckConstraint:
    """Return the constraint that ``column`` holds one of the words of an enumeration."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_known")


class Message(Base):
    """Something a person is told, by one channel, at one address."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("organization_id", "reference"),
        one_of("channel", Channel),
        one_of("state", MessageState),
        Index("ix_message_about", "about_type", "about_id"),
        Index("ix_message_recipient", "organization_id", "recipient"),
        Index("ix_message_newest", "organization_id", "id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id"))
    channel: Mapped[str] = mapped_column(String(5))
    recipient: Mapped[str] = mapped_column(String(254), doc="Email address, or number in E.164.")
    kind: Mapped[str] = mapped_column(String(40), doc="A name of ``kinds.KINDS``.")
    context: Mapped[dict[str, Any]] = mapped_column(JSON, doc="References and plain facts, never a secret.")
    locale: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(500), doc="Why it was not sent, or came back.")
    is_retryable: Mapped[bool] = mapped_column(Boolean, doc="Sending it again may help.")
    reference: Mapped[str] = mapped_column(String(120), doc="The fact that it tells: filed once.")
    about_type: Mapped[str] = mapped_column(String(40), doc="What it is about: 'order', 'code', …")
    about_id: Mapped[str] = mapped_column(String(80), doc="The public id of that.")
    message_id: Mapped[str | None] = mapped_column(String(200), index=True, doc="RFC 5322, the same in all repeats.")
    job_id: Mapped[int | None] = mapped_column(BigInteger, doc="The job that sends it, or sent it last.")
    repeat_of_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), doc="The one that went elsewhere.")
    scheduled_for: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When it was last accepted.")
    wiped_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When its words were wiped.")


class MessageAttempt(Base):
    """One attempt to send a message, and what the server or gateway answered: evidence."""

    __tablename__ = "message_attempt"
    __table_args__ = (one_of("outcome", Acceptance), Index("ix_message_attempt_message_id", "message_id"))

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    outcome: Mapped[str] = mapped_column(String(10), doc="'unknown': it may have arrived, and be repeated.")
    status: Mapped[int | None] = mapped_column(Integer, doc="The reply code.")
    answer: Mapped[str] = mapped_column(String(500), doc="The reply in its own words, addresses and codes masked.")
    vendor_reference: Mapped[str | None] = mapped_column(String(200), doc="The vendor's name for what it took.")
    segments: Mapped[int | None] = mapped_column(Integer, doc="How many messages a network made of an SMS.")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    duration_ms: Mapped[int] = mapped_column(Integer)


class MessageReceipt(Base):
    """What the other side reported after it had taken a message: arrived, came back, unwanted."""

    __tablename__ = "message_receipt"
    __table_args__ = (one_of("kind", ReceiptKind), UniqueConstraint("message_id", "kind", "reference"))

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    kind: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(120), doc="The reporter's own id: the same report counts once.")
    detail: Mapped[str] = mapped_column(String(500), doc="Diagnostic text, addresses and codes masked.")
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


for _table in (MessageAttempt.__table__, MessageReceipt.__table__):
    append_only(_table)
