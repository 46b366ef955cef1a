"""Waiting out what fails for reasons beyond a job: longer each time, and never without saying so."""

import threading
from time import monotonic
from types import TracebackType

from rewards_service.kit.logs import logger_of

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0
WELL_AGAIN_SECONDS = 60.0
"""Whatever ran for so long without failing starts with the shortest wait again."""

log = logger_of(__name__)


class Patience:
    """A block that may fail: the failure is logged and waited out, and the block entered again by its caller.

    Waiting ends at once when ``stop`` is set.
    """

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._wait = FIRST_SECONDS
        self._entered_at = monotonic()

    def __enter__(self) -> None:
        """Begin."""
        self._entered_at = monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Wait out an exception; let anything else, such as the end of the process, pass."""
        if error is None or not isinstance(error, Exception):
            return False
        if monotonic() - self._entered_at > WELL_AGAIN_SECONDS:
            self._wait = FIRST_SECONDS
        log.warning("worker_waits", error=f"{type(error).__name__}: {error}", seconds=self._wait, exc_info=error)
        self._stop.wait(self._wait)
        self._wait = min(LONGEST_SECONDS, self._wait * 2)
        return True
