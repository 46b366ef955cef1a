"""A program's points get another worth."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from rewards_service.kit.jobs import enqueue
from rewards_service.programs.models import Program, RateVersion
from rewards_service.programs.operations import set_rate

REBASE_LOTS = "ledger.rebase_lots"
"""The job that brings a new rate to all lots."""

SETTLING = timedelta(minutes=2)
"""How long after a rate begins no transaction is left that began under the old one."""


def change_rate(
    session: Session, *, program: Program, rate_units: int, rate_minor: int, valid_from: datetime, now: datetime
) -> RateVersion:
    """Say what points are worth from ``valid_from`` on and have all open value re-based to it.

    A lot that is touched before the job comes to it is re-based then.

    Raises:
        ValidationFailed: the rate is no pair of positive integers, or begins before the one that it follows.
    """
    rate = set_rate(session, program=program, rate_units=rate_units, rate_minor=rate_minor, valid_from=valid_from)
    enqueue(
        session,
        kind=REBASE_LOTS,
        payload={"program_id": program.id},
        organization_id=program.organization_id,
        now=now,
        run_at=max(valid_from, now) + SETTLING,
        dedupe_key=f"{program.id}/{rate.version}",
    )
    return rate
