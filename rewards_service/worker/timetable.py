"""What happens by the clock: one table, and how its moments are turned into jobs.

Each moment is a row that one ticker gets, so any number of workers may look at the table. A moment that passed while
nobody ran is made up for once, not as often as it was missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from rewards_service.kit.jobs import JobRegistry, enqueue
from rewards_service.kit.jobs.operations import take_slot
from rewards_service.kit.jobs.queries import latest_slot

MIDNIGHT = datetime(2020, 1, 1, tzinfo=UTC)
"""Periods are counted from here, so that a daily moment is the same in every process."""

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TimetableEntry:
    """A job that is filed once in each period, ``after`` its beginning (UTC)."""

    kind: str
    every: timedelta
    after: timedelta = timedelta(0)

    def moment_before(self, now: datetime) -> datetime:
        """Return the latest moment of this entry that is not after ``now``."""
        start = MIDNIGHT + self.after
        return start + (now - start) // self.every * self.every


TIMETABLE: tuple[TimetableEntry, ...] = (
    TimetableEntry("wallets.expire_value", every=_HOUR, after=timedelta(seconds=30)),
    TimetableEntry("ledger.roll_days", every=_HOUR, after=timedelta(minutes=5)),
    TimetableEntry("codes.wipe_copies", every=_DAY, after=timedelta(hours=2)),
    TimetableEntry("delivery.wipe_words", every=_DAY, after=timedelta(hours=2, minutes=20)),
    TimetableEntry("upkeep.purge_answers", every=_HOUR, after=timedelta(minutes=10)),
    TimetableEntry("upkeep.purge_failures", every=_HOUR, after=timedelta(minutes=15)),
    TimetableEntry("upkeep.purge_slots", every=_DAY, after=timedelta(hours=2, minutes=40)),
)
"""Value expires in the time zone of its program, so the hour after each local midnight ends it."""


def due_entries(session: Session, *, timetable: Sequence[TimetableEntry], now: datetime) -> list[TimetableEntry]:
    """Return the entries whose latest moment nobody took yet; ``session`` need not be able to write."""
    return [entry for entry in timetable if _is_due(latest_slot(session, name=entry.kind), entry, now)]


def file_due(session: Session, *, entries: Sequence[TimetableEntry], registry: JobRegistry, now: datetime) -> list[str]:
    """File the jobs of ``entries`` whose moments are still free, and return their kinds.

    One that is still under way is not filed again.
    """
    filed = []
    for entry in entries:
        known = entry.kind in registry
        if known and take_slot(session, name=entry.kind, slot=entry.moment_before(now), now=now):
            enqueue(session, kind=entry.kind, payload={}, now=now, dedupe_key="timetable")
            filed.append(entry.kind)
    return filed


def _is_due(latest: datetime | None, entry: TimetableEntry, now: datetime) -> bool:
    """Tell whether the entry's latest moment comes after the one that was taken last."""
    return latest is None or latest < entry.moment_before(now)
