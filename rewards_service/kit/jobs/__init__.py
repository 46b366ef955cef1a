"""Jobs: what has to happen after a transaction, kept in the application's own database.

Invariants: a job is filed in the transaction of what it is for, and settled in the transaction of its effect; whoever
settles holds its lease; what a try did and is not known is looked up before anything is repeated; attempts are only
added.

Verbs for features: ``enqueue``; for people: ``retry_job``, ``cancel_job``. A feature describes its jobs with
``JobKind`` in a list ``JOB_KINDS``; the application collects them into one ``JobRegistry``. Workers use ``leases`` and
``settlement``.
"""

from rewards_service.kit.jobs.kinds import JobKind, JobRun
from rewards_service.kit.jobs.operations import JobNotCancellable, JobNotRetryable, cancel_job, enqueue, retry_job
from rewards_service.kit.jobs.outcomes import Continue, Dead, Done, Outcome, RetryAt, Unknown
from rewards_service.kit.jobs.policy import PRIORITY_DEFAULT, JobState
from rewards_service.kit.jobs.queries import (
    JobNotFound,
    Progress,
    attempts_of,
    count_by_state,
    job_by_id,
    jobs_by_state,
    progress_of,
)
from rewards_service.kit.jobs.registry import JobRegistry, UnknownJobKindError, install_registry

__all__ = [
    "PRIORITY_DEFAULT",
    "Continue",
    "Dead",
    "Done",
    "JobKind",
    "JobNotCancellable",
    "JobNotFound",
    "JobNotRetryable",
    "JobRegistry",
    "JobRun",
    "JobState",
    "Outcome",
    "Progress",
    "RetryAt",
    "Unknown",
    "UnknownJobKindError",
    "attempts_of",
    "cancel_job",
    "count_by_state",
    "enqueue",
    "install_registry",
    "job_by_id",
    "jobs_by_state",
    "progress_of",
    "retry_job",
]
