"""Tables of jobs: the jobs, what each try came to, and which moments of the timetable are taken."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rewards_service.kit.database import KEY, Base, UtcDateTime
from rewards_service.kit.jobs.policy import REASON_LENGTH_MAX, JobState
from rewards_service.kit.triggers import append_only

STATES = ", ".join(f"'{state}'" for state in JobState)


class Job(Base):
    """Something to be done after the transaction that asked for it: the row is the truth, any broker a hint."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state_is_known"),
        CheckConstraint("(state = 'running') = (lease_token IS NOT NULL)", name="only_running_is_leased"),
        Index("ix_job_claim", "queue", "state", "priority", "run_at"),
        Index("ix_job_due", "queue", "state", "run_at"),
    )

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    organization_id: Mapped[int | None] = mapped_column(BigInteger, doc="Whose; bare, as the kit knows none.")
    kind: Mapped[str] = mapped_column(String(80))
    queue: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    priority: Mapped[int] = mapped_column(Integer, doc="Lower runs first.")
    run_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="Not before; none: only when a person asks.")
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, doc="References alone, never a secret or an address.")
    cursor: Mapped[Any] = mapped_column(
        JSON(none_as_null=True), nullable=True, doc="Where the next chunk of a bulk job begins."
    )
    done: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer, doc="Claims so far; a try that crashed counts.")
    attempts_base: Mapped[int] = mapped_column(Integer, doc="Claims when a person last asked for more tries.")
    is_unresolved: Mapped[bool] = mapped_column(Boolean, doc="What the last try did must be looked up first.")
    lease_token: Mapped[str | None] = mapped_column(String(32), doc="Whoever holds it may settle; renewed per claim.")
    lease_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worker: Mapped[str | None] = mapped_column(String(80), doc="Who claimed it last.")
    dedupe_key: Mapped[str | None] = mapped_column(String(120), doc="Names the fact that the job brings about.")
    live_key: Mapped[str | None] = mapped_column(String(201), unique=True, doc="Kind and dedupe_key until it ends.")
    reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH_MAX), doc="Why the last try did not end it.")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class JobAttempt(Base):
    """What one try of a job came to; what an operator reads before he retries or cancels."""

    __tablename__ = "job_attempt"
    __table_args__ = (Index("ix_job_attempt_job_id", "job_id"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"))
    attempt: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(10), doc="The state it led to, or 'lost' for a worker that vanished.")
    reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH_MAX))
    status: Mapped[int | None] = mapped_column(Integer, doc="The vendor's own number: an HTTP or SMTP status.")
    worker: Mapped[str | None] = mapped_column(String(80))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    duration_ms: Mapped[int] = mapped_column(Integer)


class ScheduleSlot(Base):
    """One moment of the timetable that was acted on, so that any number of tickers is harmless."""

    __tablename__ = "schedule_slot"
    __table_args__ = (UniqueConstraint("name", "slot"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    slot: Mapped[datetime] = mapped_column(UtcDateTime, doc="The start of the period.")
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(JobAttempt.__table__)
