"""The claim about day sums: 27."""

from datetime import datetime

from sqlalchemy import func, or_, select, union_all
from sqlalchemy.orm import Session

from rewards_service.finance.verify.check import Breaks, Check
from rewards_service.ledger.models import AccountDay
from rewards_service.ledger.queries.signed import day_sums, not_rolled

_SUMS = ("debit_units", "credit_units", "postings")
_KEYS = tuple(column.name for column in AccountDay.__table__.c if column.name not in _SUMS)


def _snapshots_are_the_postings(session: Session, _: datetime) -> Breaks:
    """Find days whose sums, with what is not added yet, are not what was posted."""
    tail, everything = day_sums(*not_rolled(session)), day_sums()
    parts = union_all(
        select(*AccountDay.__table__.c[*_KEYS, *_SUMS]),
        select(*tail.c[*_KEYS, *_SUMS]),
        select(*everything.c[_KEYS], *(-everything.c[name] for name in _SUMS)),
    ).subquery()
    keys = parts.c[_KEYS]
    sums = [func.sum(parts.c[name]).label(name) for name in _SUMS]
    wrong = select(*keys, *sums).group_by(*keys).having(or_(*(total != 0 for total in sums)))
    yield from map(dict, session.execute(wrong.limit(1)).mappings())


CHECKS = (Check(27, "day sums and what is not added yet are the postings", _snapshots_are_the_postings),)
