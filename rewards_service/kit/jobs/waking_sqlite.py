"""SQLite tells nobody anything: workers of other processes look often, which costs them a few index probes."""

import threading
from collections.abc import Callable

from sqlalchemy import Engine

POLL_SECONDS = 0.25


def ring_others(_: Engine) -> None:
    """Do nothing: the others look by themselves."""


def listen(_engine: Engine, *, ring: Callable[[], None], stop: threading.Event) -> None:
    """Return at once: there is nothing to hear."""
