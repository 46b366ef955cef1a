"""Throttles in the database: they hold over processes, machines and restarts.

Invariants: whoever is over a limit is refused from a session that cannot write; a thing is never locked by wrong
guesses, only the guesser; an attack on everybody locks out nobody who has not failed himself; too many failures over
the whole installation raise one alarm an hour, however many commit at once, and nobody waits for another who still has
something to do before he commits.

``require_below_limits`` before a try, ``record_failure`` after a wrong one (in the transaction that outlives the
refusal), ``site_standing`` for whoever watches.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, event, func, insert, select, text, update
from sqlalchemy.orm import Session

from rewards_service.kit.errors import RateLimited
from rewards_service.kit.logs import logger_of
from rewards_service.kit.throttle.limits import SITE_BUDGET, Caller, Limit, Scope, limits_of
from rewards_service.kit.throttle.models import ThrottleAlarm, ThrottleFailure

__all__ = [
    "Caller",
    "Scope",
    "SiteStanding",
    "count_failures",
    "purge_failures",
    "record_failure",
    "require_below_limits",
    "site_standing",
]

KEPT_FOR = timedelta(days=1)
NEWCOMER_SCOPES = (Scope.SESSION, Scope.ADDRESS)
_RECORDED = "throttle_recorded"
_RAISED = "throttle_raised"

_LOCK_ALARM = text(
    "INSERT INTO throttle_alarm (purpose) VALUES (:purpose) "
    "ON CONFLICT (purpose) DO UPDATE SET purpose = excluded.purpose"
)

log = logger_of(__name__)


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """How the whole installation stands: failures within the hour (counted no further than the proof budget)."""

    failures: int

    @property
    def is_alarming(self) -> bool:
        """Tell whether somebody should look."""
        return self.failures >= SITE_BUDGET.alarm

    @property
    def needs_proof(self) -> bool:
        """Tell whether callers without a valid link or session must prove some work first."""
        return self.failures >= SITE_BUDGET.proof


def require_below_limits(session: Session, *, purpose: str, caller: Caller, now: datetime) -> SiteStanding:
    """Let ``caller`` try, and return how the site stands; ``session`` need not be able to write.

    The statements are the same for every caller of one kind, whatever is being tried.

    Raises:
        RateLimited: too many failures; ``retry_after`` says for how many seconds.
    """
    keys = caller.counted_as()
    limits = [limit for limit in limits_of(purpose) if limit.scope in keys]
    moments = _moments(session, purpose, keys, limits)
    is_newcomer = not any(_is_recent(moments.get((scope, 1)), now) for scope in NEWCOMER_SCOPES)
    waits = [_wait(limit, moments, now) for limit in limits if not (limit.spares_newcomers and is_newcomer)]
    longest = max(waits, default=timedelta(0))
    if longest > timedelta(0):
        raise RateLimited(retry_after=math.ceil(longest.total_seconds()))
    return site_standing(session, purpose=purpose, now=now)


def record_failure(session: Session, *, purpose: str, caller: Caller, now: datetime) -> None:
    """Count one wrong try of ``caller``, or one sending, in every scope that applies; the commit sees to the alarm."""
    session.execute(
        insert(ThrottleFailure),
        [
            {"purpose": purpose, "scope": scope, "key": key, "failed_at": now}
            for scope, key in caller.counted_as().items()
        ],
    )
    session.info.setdefault(_RECORDED, {})[purpose] = now


def count_failures(
    session: Session, *, purpose: str, scope: Scope, caller: Caller, since: datetime, at_most: int = SITE_BUDGET.proof
) -> int:
    """Return how often ``caller`` has failed in ``scope`` after ``since``; counting stops at ``at_most``."""
    found = _failures(purpose, scope, caller.counted_as().get(scope, "")).where(ThrottleFailure.failed_at > since)
    return session.scalar(select(func.count()).select_from(found.limit(at_most).subquery())) or 0


def site_standing(session: Session, *, purpose: str, now: datetime) -> SiteStanding:
    """Return how the whole installation stands with ``purpose``."""
    since = now - SITE_BUDGET.window
    return SiteStanding(count_failures(session, purpose=purpose, scope=Scope.SITE, caller=Caller(), since=since))


def purge_failures(session: Session, *, now: datetime) -> int:
    """Forget failures older than a day and return how many."""
    old = delete(ThrottleFailure).where(ThrottleFailure.failed_at <= now - KEPT_FOR)
    return len(session.scalars(old.returning(ThrottleFailure.id)).all())


def _before_commit(session: Session) -> None:
    """Raise the alarms that are due, when all else is written: their locks are the last ones, and held for a moment."""
    session.info[_RAISED] = []
    if session.in_nested_transaction():
        return
    recorded = session.info.pop(_RECORDED, None)
    if recorded:
        session.flush()
        session.info[_RAISED] = [purpose for purpose in sorted(recorded) if _raise(session, purpose, recorded[purpose])]


def _after_commit(session: Session) -> None:
    """Tell of the alarms that the transaction raised, now that it has come about."""
    for purpose in session.info.pop(_RAISED, ()):
        log.warning("throttle_alarm", purpose=purpose, failures=SITE_BUDGET.alarm)


def _after_rollback(session: Session) -> None:
    """Forget the failures of a transaction that did not come about."""
    if not session.in_nested_transaction():
        session.info.pop(_RECORDED, None)


def _raise(session: Session, purpose: str, now: datetime) -> bool:
    """Raise the alarm if it is due, and tell whether it was; near it, transactions that failed are counted in turn."""
    if not _is_alarm_due(session, purpose=purpose, failures=SITE_BUDGET.watch, now=now):
        return False
    session.execute(_LOCK_ALARM, {"purpose": purpose})
    if not _is_alarm_due(session, purpose=purpose, failures=SITE_BUDGET.alarm, now=now):
        return False
    session.execute(update(ThrottleAlarm).where(ThrottleAlarm.purpose == purpose).values(raised_at=now))
    return True


def _is_alarm_due(session: Session, *, purpose: str, failures: int, now: datetime) -> bool:
    """Tell whether there are so many failures within the window, and no alarm about them yet."""
    if site_standing(session, purpose=purpose, now=now).failures < failures:
        return False
    raised_at = session.scalar(select(ThrottleAlarm.raised_at).where(ThrottleAlarm.purpose == purpose))
    return not _is_recent(raised_at, now)


def _moments(
    session: Session, purpose: str, keys: dict[Scope, str], limits: list[Limit]
) -> dict[tuple[Scope, int], datetime | None]:
    """Return when each scope saw its latest failure (rank 1) and those that the limits speak of, in one statement."""
    ranks = sorted({(limit.scope, rank) for limit in limits for rank in (1, limit.failures)})
    if not ranks:
        return {}
    asked = [
        _failures(purpose, scope, keys[scope])
        .order_by(ThrottleFailure.failed_at.desc())
        .offset(rank - 1)
        .limit(1)
        .scalar_subquery()
        for scope, rank in ranks
    ]
    return dict(zip(ranks, session.execute(select(*asked)).one(), strict=True))


def _failures(purpose: str, scope: Scope, key: str) -> Select[datetime]:
    """Return the statement for the moments of all failures counted under one key."""
    return select(ThrottleFailure.failed_at).where(
        ThrottleFailure.purpose == purpose, ThrottleFailure.scope == scope, ThrottleFailure.key == key
    )


def _wait(limit: Limit, moments: dict[tuple[Scope, int], datetime | None], now: datetime) -> timedelta:
    """Return how long ``limit`` still keeps the door shut; nothing or less: it is open."""
    latest, earliest = moments[limit.scope, 1], moments[limit.scope, limit.failures]
    if latest is None or earliest is None:
        return timedelta(0)
    if limit.wait is None:
        return earliest + limit.window - now
    return latest + limit.wait - now if latest - earliest < limit.window else timedelta(0)


def _is_recent(moment: datetime | None, now: datetime) -> bool:
    """Tell whether something happened within the window: a failure, whose author is no newcomer, or an alarm."""
    return moment is not None and moment > now - SITE_BUDGET.window


event.listen(Session, "before_commit", _before_commit)
event.listen(Session, "after_commit", _after_commit)
event.listen(Session, "after_rollback", _after_rollback)
