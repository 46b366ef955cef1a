"""Clients that send requests as fast as they are answered, each on a connection of its own."""

import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Load:
    """What the clients saw: how long each answer took, in milliseconds, and what was not the status they wanted."""

    durations_ms: list[float] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Return how many good answers came per second, of all clients together."""
        return len(self.durations_ms) / self.seconds

    @property
    def p99_ms(self) -> float:
        """Return how long the slowest hundredth of the answers took at least."""
        return statistics.quantiles(self.durations_ms, n=100, method="inclusive")[98]


@dataclass(frozen=True)
class Post:
    """One request: its path, its headers and its JSON body."""

    path: str
    headers: dict[str, str]
    body: object


def post_all(port: int, *, make_post: Callable[[int, int], Post], clients: int, seconds: float, wanted: int) -> Load:
    """Let ``clients`` send what ``make_post(client, number)`` makes for ``seconds``, and return what they saw."""
    load, lock = Load(), threading.Lock()
    start = threading.Barrier(clients + 1)
    threads = [
        threading.Thread(target=_client, args=(port, client, make_post, seconds, wanted, load, lock, start))
        for client in range(clients)
    ]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - begun
    assert load.durations_ms, f"nothing was answered well: {load.refusals[:3]}"
    return load


def _client(
    port: int,
    client: int,
    make_post: Callable[[int, int], Post],
    seconds: float,
    wanted: int,
    load: Load,
    lock: threading.Lock,
    start: threading.Barrier,
) -> None:
    """Send one request after another until the time is over."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    durations: list[float] = []
    refusals: list[str] = []
    start.wait()
    end = time.perf_counter() + seconds
    number = 0
    while (begun := time.perf_counter()) < end:
        post = make_post(client, number)
        connection.request(
            "POST", post.path, json.dumps(post.body), {"Content-Type": "application/json", **post.headers}
        )
        response = connection.getresponse()
        text = response.read()
        if response.status == wanted:
            durations.append((time.perf_counter() - begun) * 1000)
        else:
            refusals.append(f"{response.status} {text[:300]!r}")
        number += 1
    with lock:
        load.durations_ms += durations
        load.refusals += refusals
