"""The only place that asks the machine what time it is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time; handed in at the edge, so that a test decides it."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)


def has_expired(*, expires_at: datetime | None, now: datetime) -> bool:
    """Tell whether what ends at that moment, or never, is over; at the very moment it is."""
    return expires_at is not None and expires_at <= now


@dataclass
class FixedClock:
    """A clock that stands still until it is moved."""

    at: datetime

    def now(self) -> datetime:
        """Return the moment the clock was set to."""
        return self.at

    def advance(self, by: timedelta) -> None:
        """Move the clock by ``by``, which may be negative: a stepped clock is a case to survive."""
        self.at += by
