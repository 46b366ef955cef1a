"""Two transactions in an order that the test says: one is open, another comes, then the first goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from rewards_service.kit.database import unit_of_work

LOOKS_MAX = 1_000
LOOK_SECONDS = 0.01

_WAITS_FOR_US = text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
)


@contextmanager
def before_its_commit(app: Flask, meanwhile: Callable[[], object]) -> Iterator[Session]:
    """Yield a session; when the block is through, ``meanwhile`` begins in a thread of its own.

    The session commits when that thread is over or waits for it, and then the thread is waited for. What it raised is
    raised again.
    """
    raised: list[BaseException] = []

    def run() -> None:
        try:
            with app.app_context():
                meanwhile()
        except BaseException as error:  # noqa: BLE001 — raised again below
            raised.append(error)

    other = Thread(target=run)
    with app.app_context(), unit_of_work() as session:
        yield session
        session.flush()
        other.start()
        _let_it_come(other, session)
    other.join(LOOKS_MAX * LOOK_SECONDS)
    assert not other.is_alive(), "it still waits"
    for error in raised:
        raise error


def _let_it_come(other: Thread, session: Session) -> None:
    """Go on when the other thread is over or waits for this session; where one writes at a time, it waits anyway."""
    if session.get_bind().dialect.name == "sqlite":
        return
    for _ in range(LOOKS_MAX):
        if not other.is_alive() or session.scalar(_WAITS_FOR_US):
            return
        other.join(LOOK_SECONDS)
    raise AssertionError("it neither ended nor waited")
