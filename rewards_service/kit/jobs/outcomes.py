"""What one step of a job may end in; a kind's ``settle`` returns one of these."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Done:
    """The job has done all there was to do; ``note`` is kept with the attempt, ``status`` is a vendor's own number."""

    note: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Continue:
    """One chunk of a bulk job is done: ``done`` of its total so far, and ``cursor``, where the next chunk begins."""

    cursor: object
    done: int


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Nothing happened, and trying again may help.

    ``run_at`` is the earliest moment, such as a vendor's Retry-After; without one the backoff alone decides. The job
    dies of this when its tries are used up.
    """

    run_at: datetime | None
    reason: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something may have happened: it is looked up by our reference before anything is sent again."""

    reason: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Dead:
    """It did not happen and trying again cannot help; a person decides what comes next."""

    reason: str
    status: int | None = None


Outcome = Done | Continue | RetryAt | Unknown | Dead
