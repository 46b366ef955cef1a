"""States of a job, how long to wait before the next try, and the queues."""

import random
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from rewards_service.kit.scrubbing import scrub_text

CHANCE = random.SystemRandom()
BACKOFF_FIRST = timedelta(seconds=5)
BACKOFF_LONGEST = timedelta(hours=1)
DOUBLINGS_MAX = 32
"""A bound for the arithmetic alone: the longest wait is reached long before."""
PRIORITY_DEFAULT = 50
"""Lower numbers run first."""
REASON_LENGTH_MAX = 500
QUEUE_DEFAULT = "default"


class JobState(StrEnum):
    """Where a job is; *unknown* is not *dead*: what its last try did must be looked up before anything is repeated."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


ALLOWED_MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.PENDING: frozenset({JobState.RUNNING, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.PENDING, JobState.DONE, JobState.DEAD, JobState.UNKNOWN, JobState.CANCELLED}),
    JobState.UNKNOWN: frozenset({JobState.PENDING, JobState.CANCELLED}),
    JobState.DEAD: frozenset({JobState.PENDING, JobState.CANCELLED}),
    JobState.DONE: frozenset(),
    JobState.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """How jobs of one sort are taken.

    Attributes:
        batch: how many are claimed at once.
        lease: how long a claim holds without news of its worker.
        in_flight_max: how many may be under way on all machines together.
    """

    name: str
    batch: int
    lease: timedelta
    in_flight_max: int


QUEUES: dict[str, Queue] = {
    queue.name: queue
    for queue in (
        Queue("money", batch=1, lease=timedelta(seconds=90), in_flight_max=16),
        Queue("mail", batch=50, lease=timedelta(minutes=25), in_flight_max=200),
        Queue("sms", batch=50, lease=timedelta(minutes=5), in_flight_max=200),
        Queue(QUEUE_DEFAULT, batch=50, lease=timedelta(minutes=2), in_flight_max=400),
        Queue("bulk", batch=1, lease=timedelta(minutes=5), in_flight_max=4),
    )
}
"""Money is taken one by one, so that a crash leaves one outcome to look up; mail in batches, because a claim costs
more than a letter. A lease is at least twice as long as the longest step, and is renewed between the jobs of a batch: a
mail server has ten minutes for its last word."""


def may_move(source: JobState, target: JobState) -> bool:
    """Tell whether a job may go from ``source`` to ``target``."""
    return target in ALLOWED_MOVES[source]


def backoff(attempts: int, *, chance: random.Random = CHANCE) -> timedelta:
    """Return how long to wait after the try numbered ``attempts`` (from 1): exponential with full jitter.

    Full jitter spreads a crowd of failures evenly, so that a vendor that came back is not knocked over again
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
    """
    assert attempts >= 1, "the first try is number one"
    doublings = min(attempts - 1, DOUBLINGS_MAX)
    ceiling: timedelta = min(BACKOFF_LONGEST, BACKOFF_FIRST * 2**doublings)
    return ceiling * chance.random()


def is_exhausted(*, attempts: int, attempts_base: int, attempts_max: int) -> bool:
    """Tell whether the tries since a person last asked for more are used up."""
    return attempts - attempts_base >= attempts_max


def shorten(reason: str) -> str:
    """Return ``reason`` as it is kept: one line of at most ``REASON_LENGTH_MAX``, nothing secret or personal in it."""
    return " ".join(scrub_text(reason).split())[:REASON_LENGTH_MAX]
