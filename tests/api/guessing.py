"""A key that guesses."""

from sqlalchemy import insert, select

from rewards_service.kit.database import unit_of_work
from rewards_service.kit.throttle.models import ThrottleFailure


def guess_again(times: int) -> None:
    """Count every wrong code that was sent so far so many times more."""
    failure = ThrottleFailure.__table__
    columns = (failure.c.purpose, failure.c.scope, failure.c.key, failure.c.failed_at)
    with unit_of_work() as session:
        rows = [row._asdict() for row in session.execute(select(*columns))]
        session.execute(insert(failure), rows * times)
