"""One try of one job: what it produces before it is settled, and what a failure on the way means."""

from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from rewards_service.gateways import Gateways
from rewards_service.kit.database import read_session
from rewards_service.kit.errors import RateLimited, Refusal
from rewards_service.kit.jobs import Dead, JobKind, JobRun, Outcome, RetryAt, Unknown
from rewards_service.kit.jobs.settlement import Try

FIRST_STATUS_OF_OURS = 500


@dataclass(slots=True)
class Attempt:
    """One try from its beginning to its end; ``has_reached_out`` says that somebody outside may have acted."""

    run: JobRun
    kind: JobKind
    worker: str
    started_at: datetime
    begun: float
    has_reached_out: bool = False

    def produce(self, gateways: Gateways) -> Any:  # noqa: ANN401 — what the kind's own settle takes
        """Prepare on a session that cannot write, then perform or look up outside of any transaction."""
        work = None
        if self.kind.prepare is not None:
            with read_session() as session:
                work = self.kind.prepare(session, self.run)
        if self.kind.perform is None:
            return work
        looks_up = self.run.is_lookup and self.kind.look_up is not None
        act = self.kind.look_up if looks_up and self.kind.look_up else self.kind.perform
        self.has_reached_out = True
        return act(work, gateways)

    def outcome_of(self, error: Exception) -> Outcome:
        """Return what ``error`` makes of the try.

        A refusal is a fact, unless it speaks of our load; anything else may pass. Where something may have happened
        outside that must not happen twice, nobody knows until it is looked up.
        """
        may_have_happened = self.has_reached_out or self.run.is_lookup
        if isinstance(error, Refusal) and not _is_of_load(error) and not self.run.is_lookup:
            return Dead(f"{error.code}: {error}")
        reason = f"{type(error).__name__}: {error}"
        if self.kind.look_up is not None and may_have_happened:
            return Unknown(reason)
        return RetryAt(None, reason)

    def as_try(self, outcome: Outcome, *, is_told: bool = True) -> Try:
        """Return the try as it is recorded."""
        return Try(
            run=self.run,
            kind=self.kind,
            outcome=outcome,
            worker=self.worker,
            started_at=self.started_at,
            duration_ms=int((monotonic() - self.begun) * 1000),
            is_told=is_told,
        )


def _is_of_load(refusal: Refusal) -> bool:
    """Tell whether a refusal speaks of too much at once and not of the matter."""
    return isinstance(refusal, RateLimited) or refusal.status >= FIRST_STATUS_OF_OURS
