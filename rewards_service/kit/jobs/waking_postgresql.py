"""PostgreSQL wakes workers by LISTEN and NOTIFY.

The NOTIFY is sent after the commit, by another connection, once for however many commits came meanwhile: within a
business transaction it would make every such commit wait for a lock that the whole cluster shares (``PreCommit_Notify``
in PostgreSQL's ``async.c``). If it is lost, workers look by themselves a second later.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import Engine

from rewards_service.kit.logs import logger_of

CHANNEL = "rewards_jobs"
POLL_SECONDS = 1.0
GATHER_SECONDS = 0.01
IDLE_SECONDS = 1.0
"""For how long a connection is kept for the next ring."""
LISTEN_SECONDS = 0.5
"""How often a listener looks whether it is to stop."""

log = logger_of(__name__)


class _Ringer(threading.Thread):
    """Rings in one database for all who ask, and goes away when nobody has asked for a while."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(name="jobs-ring", daemon=True)
        self._engine = engine
        self._asked = threading.Event()

    def ask(self) -> None:
        """Ring soon."""
        self._asked.set()

    def run(self) -> None:
        """Ring as long as somebody asks."""
        try:
            with _connect(self._engine) as connection:
                while self._asked.wait(IDLE_SECONDS):
                    time.sleep(GATHER_SECONDS)
                    self._asked.clear()
                    connection.execute(f"NOTIFY {CHANNEL}")
        except psycopg.Error as error:
            log.info("ring_lost", error=type(error).__name__)
        finally:
            with _LOCK:
                _RINGERS.pop(self._engine, None)


_LOCK = threading.Lock()
_RINGERS: dict[Engine, _Ringer] = {}


def ring_others(engine: Engine) -> None:
    """Wake the workers of other processes soon, and return at once; a ring that is lost is only a delay."""
    with _LOCK:
        ringer = _RINGERS.get(engine)
        if ringer is None:
            ringer = _RINGERS[engine] = _Ringer(engine)
            ringer.start()
    ringer.ask()


def listen(engine: Engine, *, ring: Callable[[], None], stop: threading.Event) -> None:
    """Call ``ring`` for every notification until ``stop``, on a connection of its own.

    Raises:
        psycopg.OperationalError: the database went away.
    """
    with _connect(engine) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        while not stop.is_set():
            for _ in connection.notifies(timeout=LISTEN_SECONDS, stop_after=1):
                ring()


def _connect(engine: Engine) -> psycopg.Connection[Any]:
    """Return a connection to the database of ``engine`` that belongs to no pool."""
    arguments, options = engine.dialect.create_connect_args(engine.url)
    connection: psycopg.Connection[Any] = psycopg.connect(*arguments, **{**options, "autocommit": True})
    return connection
