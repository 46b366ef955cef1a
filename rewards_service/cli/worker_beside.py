"""The worker that runs beside the web processes: begun again when it crashes, ended when they end."""

import os
import subprocess
import sys
import threading
from time import monotonic

from rewards_service.kit.logs import logger_of

PAUSES_SECONDS = (1, 2, 4, 8, 16, 30)
"""How long to wait before each new start in a row; the last one stays."""
STEADY_SECONDS = 60
"""A worker that ran for so long was well: the next crash is the first in a row."""
STOP_SECONDS_MAX = 20

log = logger_of(__name__)


def pause_seconds(ends_in_a_row: int) -> int:
    """Return how long to wait after a worker ended so many times (from 1) shortly after it began."""
    return PAUSES_SECONDS[min(ends_in_a_row, len(PAUSES_SECONDS)) - 1]


class WorkerBeside:
    """A worker in a process of its own, and a thread that watches over it."""

    def __init__(self) -> None:
        self._command = [sys.executable, "-m", "rewards_service.app", "worker", "--beside", str(os.getpid())]
        self._ending = threading.Event()
        self._turn = threading.Lock()
        self._process = self._begin()
        self._watch = threading.Thread(target=self._keep_running, name="worker-watch", daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """End the worker; what it began it finishes, within ``STOP_SECONDS_MAX``."""
        with self._turn:
            self._ending.set()
            self._process.terminate()
        self._watch.join(STOP_SECONDS_MAX)
        if self._watch.is_alive():
            self._process.kill()

    def _begin(self) -> subprocess.Popen[bytes]:
        """Start the process, out of reach of the terminal's interrupt: the server ends it in its own time."""
        return subprocess.Popen(self._command, process_group=0)  # noqa: S603 — our own module

    def _keep_running(self) -> None:
        """Begin the worker again whenever it ends and nobody asked it to."""
        ends_in_a_row = 0
        while True:
            began = monotonic()
            status = self._process.wait()
            if self._ending.is_set():
                return
            ends_in_a_row = 1 if monotonic() - began >= STEADY_SECONDS else ends_in_a_row + 1
            pause = pause_seconds(ends_in_a_row)
            log.error("worker_ended", status=status, begins_again_in_seconds=pause)
            self._ending.wait(pause)
            if not self._begin_again():
                return

    def _begin_again(self) -> bool:
        """Begin the worker once more, unless the server is ending; say whether it was begun."""
        with self._turn:
            if self._ending.is_set():
                return False
            self._process = self._begin()
        log.warning("worker_begun_again", process=self._process.pid)
        return True
