"""The table of the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rewards_service.kit.database import KEY, Base, UtcDateTime
from rewards_service.kit.triggers import append_only


class AuditEvent(Base):
    """Somebody did something to something: a fact, never changed; persons appear by reference, never by name."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_object", "object_type", "object_id", "id"),
        Index("ix_audit_event_organization_id", "organization_id", "id"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    organization_id: Mapped[int | None] = mapped_column(BigInteger, doc="Whose trail; none: the installation's.")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_reference: Mapped[str] = mapped_column(String(80), doc="A public id, never a name or an address.")
    action: Mapped[str] = mapped_column(String(60), doc="What was done, as 'object.verbed'.")
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(80), doc="The object's public id.")
    reason: Mapped[str | None] = mapped_column(Text, doc="Why, in the actor's own words.")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, doc="Before and after, counts, codes: no personal data.")
    request_id: Mapped[str | None] = mapped_column(String(40), doc="The request it was part of.")


append_only(AuditEvent.__table__)
