"""What a sort of job is made of, and what its functions are told about the job they run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from rewards_service.kit.jobs.outcomes import Outcome
from rewards_service.kit.jobs.policy import is_exhausted


@dataclass(frozen=True, slots=True)
class JobRun:
    """One job in the hands of a worker.

    Attributes:
        attempt: the number of this try, from 1; it never starts again, whoever asked for more.
        is_last_attempt: a ``RetryAt`` now means that the job dies.
        is_lookup: what the last try did is not known, so ``look_up`` runs and not ``perform``.
        cursor: where the next chunk begins; ``None`` at the start.
        done, total: progress, in whatever the kind counts.
        gateways: the vendors and keys that the application handed to the worker.
    """

    id: int
    kind: str
    organization_id: int | None
    payload: dict[str, Any]
    attempt: int
    is_last_attempt: bool
    is_lookup: bool
    cursor: Any
    done: int
    total: int | None
    lease_token: str
    claimed_at: datetime
    gateways: Any


@dataclass(frozen=True, slots=True)
class JobKind:
    """One sort of job: a name, a queue, a limit of tries, and the functions that the worker calls in this order.

    Attributes:
        name: ``feature.verb_object``, unique in the installation.
        queue: a name of ``policy.QUEUES``.
        attempts_max: tries before the job dies and waits for a person.
        claimed: optional ``(session, jobs, now)`` in the claiming transaction: what others should see meanwhile.
        prepare: optional ``(session, job)`` on a session that cannot write: returns what ``perform`` needs.
        perform: optional ``(work, gateways)`` outside of any transaction: the only place for the network.
        look_up: optional ``(work, gateways)``, instead of ``perform`` when the last outcome is unknown. A kind whose
            effect must not happen twice has one; after a crash its jobs are looked up, the others' run again.
        settle: ``(session, job, outcome, now)`` in the transaction that also settles the job: the business effect.
            ``outcome`` is what ``perform`` or ``look_up`` returned. A refusal raised here means that the job dies.
        died: optional ``(session, job, reason, now)`` in the transaction in which a job dies without its ``settle``
            having said so: used up, refused, or abandoned by workers that crashed.

    ``settle`` may run again when the database gave the transaction up, so it has no effect but through its session.
    """

    name: str
    queue: str
    attempts_max: int
    settle: Callable[[Session, JobRun, Any, datetime], Outcome]
    prepare: Callable[[Session, JobRun], Any] | None = None
    perform: Callable[[Any, Any], Any] | None = None
    look_up: Callable[[Any, Any], Any] | None = None
    claimed: Callable[[Session, Sequence[JobRun], datetime], None] | None = None
    died: Callable[[Session, JobRun, str, datetime], None] | None = None

    @property
    def reaches_out(self) -> bool:
        """Tell whether the kind talks to anybody outside the database."""
        return self.perform is not None


def run_of(row: Any, *, kind: JobKind, gateways: object = None) -> JobRun:  # noqa: ANN401 — a job, or a row of its table
    """Return what the functions of ``kind`` are told about the claimed job in ``row``."""
    return JobRun(
        id=row.id,
        kind=row.kind,
        organization_id=row.organization_id,
        payload=row.payload,
        attempt=row.attempts,
        is_last_attempt=is_exhausted(
            attempts=row.attempts, attempts_base=row.attempts_base, attempts_max=kind.attempts_max
        ),
        is_lookup=row.is_unresolved,
        cursor=row.cursor,
        done=row.done,
        total=row.total,
        lease_token=row.lease_token or "",
        claimed_at=row.claimed_at or row.created_at,
        gateways=gateways,
    )
