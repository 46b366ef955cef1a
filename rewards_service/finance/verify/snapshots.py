"""The claim about day sums: 27."""

from datetime import datetime

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from rewards_service.finance.verify.check import Breaks, Check
from rewards_service.ledger.models import AccountDay
from rewards_service.ledger.queries.signed import day_sums, not_rolled

_SUMS = ("debit_units", "credit_units", "postings")


def _snapshots_are_the_postings(session: Session, _: datetime) -> Breaks:
    """Find days whose sums, with what is not added yet, are not what was posted."""
    names = AccountDay.__table__.c.keys()
    tail, everything = day_sums(*not_rolled(session)), day_sums()
    parts = union_all(
        select(*(AccountDay.__table__.c[name] for name in names)),
        select(*(tail.c[name] for name in names)),
        select(*(-everything.c[name] if name in _SUMS else everything.c[name] for name in names)),
    ).subquery()
    keys = [parts.c[name] for name in names if name not in _SUMS]
    sums = [func.sum(parts.c[name]) for name in _SUMS]
    wrong = select(*keys, *(total.label(name) for total, name in zip(sums, _SUMS, strict=True))).group_by(*keys)
    broken = wrong.having((sums[0] != 0) | (sums[1] != 0) | (sums[2] != 0)).limit(1)
    yield from (dict(row) for row in session.execute(broken).mappings())


CHECKS = (Check(27, "day sums and what is not added yet are the postings", _snapshots_are_the_postings),)
