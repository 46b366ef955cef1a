"""The product as it is served: ``rewards serve`` in processes of its own, on a free port of loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import requests

START_SECONDS_MAX = 90
STOP_SECONDS_MAX = 40
LOOK_SECONDS = 0.2


@contextmanager
def serve(environ: Mapping[str, str], *, workers: int = 1) -> Iterator[str]:
    """Serve pages, API and jobs with these settings, and give the address; all of it ends by its own process id."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "rewards_service.app", "serve", "--workers", str(workers)]
    settings = {**os.environ, **environ, "REWARDS_PORT": str(port), "REWARDS_BASE_URL": address}
    process = subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_ready(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended before it answered"
        try:
            if requests.get(f"{address}/readyz", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(LOOK_SECONDS)
    raise AssertionError("the server did not answer in time")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
