"""Tables of throttles: the failures they count, and the alarms that were raised."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from rewards_service.kit.database import KEY, Base, UtcDateTime


class ThrottleFailure(Base):
    """One failure as it counts in one scope; gone after a day, because it speaks of an address."""

    __tablename__ = "throttle_failure"
    __table_args__ = (Index("ix_throttle_failure_count", "purpose", "scope", "key", "failed_at"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(30))
    scope: Mapped[str] = mapped_column(String(12))
    key: Mapped[str] = mapped_column(String(64), doc="A network, an id or a hash: see ``Caller``.")
    failed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ThrottleAlarm(Base):
    """The alarm about failures of one purpose over the whole installation; who locks its row counts them alone."""

    __tablename__ = "throttle_alarm"

    purpose: Mapped[str] = mapped_column(String(30), primary_key=True)
    raised_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="When it was raised last; none: never yet.")
