"""Figures in Prometheus' text format: what waits in the database, and how requests to this process went.

Whatever the database knows is the same in every process. Counts of requests are those of the one process that
answers, and carry its number as a label, so that sums over processes stay right.
"""

import os
import threading
import time
from collections import Counter
from datetime import datetime
from typing import cast

from flask import Flask, Response, current_app, g, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards_service.kit.jobs.models import Job
from rewards_service.kit.jobs.policy import JobState
from rewards_service.kit.jobs.queries import count_by_state

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NANOSECONDS = 10**9
NO_ENDPOINT = "none"

_EXTENSION = "rewards.request_times"

Key = tuple[str, str, int]
"""Endpoint, method and status of a request."""


class RequestTimes:
    """How many requests this process has answered, and for how long it worked on them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count: Counter[Key] = Counter()
        self._nanoseconds: Counter[Key] = Counter()

    @classmethod
    def of(cls, app: Flask) -> "RequestTimes":
        """Return those of ``app``; there is one for each application."""
        return cast("RequestTimes", app.extensions.setdefault(_EXTENSION, cls()))

    def watch(self, app: Flask) -> None:
        """Measure every request to ``app``."""
        app.before_request(self._begin)
        app.after_request(self._end)

    def lines(self) -> list[str]:
        """Return the figures as lines of the text format."""
        with self._lock:
            counted, worked = sorted(self._count.items()), dict(self._nanoseconds)
        lines = _head("rewards_http_requests_total", "counter", "Requests answered by this process.")
        lines += [f"rewards_http_requests_total{_labels(key)} {count}" for key, count in counted]
        lines += _head("rewards_http_request_seconds_total", "counter", "Time this process worked on requests.")
        lines += [f"rewards_http_request_seconds_total{_labels(key)} {_seconds(worked[key])}" for key, _ in counted]
        return lines

    def _begin(self) -> None:
        """Note when the request came."""
        g.began_at_nanosecond = time.perf_counter_ns()

    def _end(self, response: Response) -> Response:
        """Count the request."""
        began = g.pop("began_at_nanosecond", None)
        key = (request.endpoint or NO_ENDPOINT, request.method, response.status_code)
        with self._lock:
            self._count[key] += 1
            self._nanoseconds[key] += 0 if began is None else time.perf_counter_ns() - began
        return response


def metrics_text(session: Session, *, now: datetime) -> str:
    """Return all figures at ``now``; ``session`` need not be able to write."""
    return "\n".join([*_job_lines(session, now=now), *RequestTimes.of(current_app).lines(), ""])


def _job_lines(session: Session, *, now: datetime) -> list[str]:
    """Return how many jobs are in each state, and for how long the oldest has been due."""
    lines = _head("rewards_jobs", "gauge", "Jobs by state.")
    lines += [f'rewards_jobs{{state="{state}"}} {count}' for state, count in count_by_state(session).items()]
    oldest = session.scalar(select(func.min(Job.run_at)).where(Job.state == JobState.PENDING, Job.run_at <= now))
    waited = 0 if oldest is None else int((now - oldest).total_seconds())
    lines += _head("rewards_job_oldest_due_seconds", "gauge", "For how long the oldest due job has waited.")
    return [*lines, f"rewards_job_oldest_due_seconds {waited}"]


def _head(name: str, kind: str, about: str) -> list[str]:
    """Return the two lines that introduce a figure."""
    return [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]


def _labels(key: Key) -> str:
    """Return the labels of a request's figures; none of them is the caller's own text."""
    endpoint, method, status = key
    return f'{{process="{os.getpid()}",endpoint="{endpoint}",method="{method}",status="{status}"}}'


def _seconds(nanoseconds: int) -> str:
    """Return nanoseconds as decimal seconds."""
    return f"{nanoseconds // NANOSECONDS}.{nanoseconds % NANOSECONDS:09}"
