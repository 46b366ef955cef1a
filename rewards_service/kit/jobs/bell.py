"""Wakes the workers of this process, and of others, once a transaction that filed a job has committed.

A ring is a hint: it may be lost, doubled or come too early without consequence, because workers also look by
themselves every now and then.
"""

import threading

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from rewards_service.kit.failpoints import pass_failpoint
from rewards_service.kit.jobs import waking_postgresql, waking_sqlite

_FILED = "jobs_filed"
_DIALECTS = {"sqlite": waking_sqlite, "postgresql": waking_postgresql}


class Bell:
    """Something one thread waits for and others ring."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        """Wake whoever waits, or let the next one who would not wait."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait for a ring, at most ``seconds``, and tell whether it came; a ring is used up by it."""
        rang = self._event.wait(seconds)
        self._event.clear()
        return rang


BELL = Bell()
"""The bell of this process."""


def remember_filed(session: Session, kind: str) -> None:
    """Ring when the transaction of ``session`` commits."""
    session.info.setdefault(_FILED, set()).add(kind)


def poll_seconds(engine: Engine) -> float:
    """Return how often a worker looks by itself."""
    seconds: float = _DIALECTS[engine.dialect.name].POLL_SECONDS
    return seconds


def listen_for_others(engine: Engine, *, stop: threading.Event) -> None:
    """Ring whenever another process rings, until ``stop``; returns at once where no other process can.

    Raises:
        Exception: the database went away, in whatever words its driver has for it.
    """
    _DIALECTS[engine.dialect.name].listen(engine, ring=BELL.ring, stop=stop)


def _after_commit(session: Session) -> None:
    """Ring for what a transaction filed; the release of a savepoint is no commit yet."""
    if session.in_nested_transaction():
        return
    filed = session.info.pop(_FILED, None)
    if not filed:
        return
    for kind in sorted(filed):
        pass_failpoint("after_commit", kind)
    BELL.ring()
    engine = session.get_bind().engine
    _DIALECTS[engine.dialect.name].ring_others(engine)


def _after_rollback(session: Session) -> None:
    """Forget what a transaction filed that did not come about."""
    if not session.in_nested_transaction():
        session.info.pop(_FILED, None)


event.listen(Session, "after_commit", _after_commit)
event.listen(Session, "after_rollback", _after_rollback)
