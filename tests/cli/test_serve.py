"""``rewards serve`` as it runs: the worker beside the web processes comes back, and goes with them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rewards_service.cli.worker_beside import pause_seconds
from tests.support.serving import free_port

SECONDS_MAX = 90
LOOK_SECONDS = 0.1


def wait_for(question: Callable[[], object]) -> None:
    """Ask until the answer is yes."""
    end = time.monotonic() + SECONDS_MAX
    while not question():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(LOOK_SECONDS)


@dataclass
class Served:
    """A running ``rewards serve`` and its log."""

    process: subprocess.Popen[bytes]
    log: Path

    def workers(self) -> list[int]:
        """The processes that run jobs beside this server."""
        mark = f"\0worker\0--beside\0{self.process.pid}\0".encode()
        return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/cmdline") if mark in _command(path)]

    def says(self, event: str, times: int = 1) -> bool:
        """Whether the log holds the event so many times."""
        return self.log.read_text("utf-8").count(event) >= times


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The product, served from an installation of its own."""
    settings = {**os.environ, "REWARDS_HOME": str(tmp_path), "REWARDS_PORT": str(free_port())}
    rewards = [sys.executable, "-m", "rewards_service.app"]
    subprocess.run([*rewards, "init"], env=settings, check=True, timeout=SECONDS_MAX, capture_output=True)
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen([*rewards, "serve", "--workers", "1"], env=settings, stdout=out, stderr=out)
    try:
        served = Served(process, log)
        wait_for(lambda: served.says("worker_started") and served.says("Started worker-1"))
        yield served
    finally:
        process.kill()
        process.wait()
        wait_for(lambda: not served.workers())


class TestServe:
    def test_brings_a_killed_worker_back_and_ends_it_with_itself(self, served: Served) -> None:
        (first,) = served.workers()
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: served.says("worker_started", times=2))
        (second,) = served.workers()
        assert second != first
        assert served.says('"status": -9')
        assert served.says('"worker_begun_again"')
        served.process.terminate()
        served.process.wait(SECONDS_MAX)
        assert served.workers() == []
        assert served.says("worker_stopped")

    def test_leaves_no_worker_when_it_is_killed_itself(self, served: Served) -> None:
        served.process.kill()
        wait_for(lambda: not served.workers())


class TestPauseSeconds:
    def test_grows_and_stops_growing(self) -> None:
        assert [pause_seconds(times) for times in (1, 2, 3, 6, 7, 1000)] == [1, 2, 4, 30, 30, 30]


def _command(path: Path) -> bytes:
    """Return the command line of a process, empty when it has just ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
