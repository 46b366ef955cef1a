"""The product as it is served, and the processor time that processes use."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

START_SECONDS_MAX = 90
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@contextmanager
def served(environ: Mapping[str, str], *, workers: int, port: int) -> Iterator[int]:
    """Serve the product, without the worker that would take its share of the machine; give its process id."""
    command = [sys.executable, "-m", "rewards_service.app", "serve", "--workers", str(workers), "--no-worker"]
    settings = {**os.environ, **environ, "REWARDS_PORT": str(port)}
    process = subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz", process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(START_SECONDS_MAX)


def cpu_seconds_of_family(pid: int) -> float:
    """Return the processor time of a process, of those that it began, and of such as have ended (proc(5))."""
    return sum(_cpu_seconds_of(each) for each in _family_of(pid))


def _cpu_seconds_of(pid: int) -> float:
    """Return the time that a process and its ended children used; nothing when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / TICKS_PER_SECOND


def _family_of(pid: int) -> list[int]:
    """Return the ids of a process, its children, and theirs; threads begin children too."""
    try:
        told = [path.read_text(encoding="ascii") for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return [pid]
    children = [int(child) for text in told for child in text.split()]
    return [pid, *(member for child in children for member in _family_of(child))]


def _wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended before it answered"
        try:
            if requests.get(address, timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer in time")
