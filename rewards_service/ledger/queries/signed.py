"""The signed view of postings: one row per side, positive = debit (accounting model, section 1)."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Subquery, case, func, select, union_all
from sqlalchemy.orm import Session, aliased

from rewards_service.kit.commit_order import order_column
from rewards_service.ledger.chart import BEARERS
from rewards_service.ledger.models import Account, Entry, Posting, RollMark

_DEBIT = (Posting.debit_account_id, Posting.units)
_CREDIT = (Posting.credit_account_id, -Posting.units)
HOLDERS_TOGETHER = 0
"""Stands for all accounts of one role of holders where sums are kept."""


def sides(*conditions: ColumnElement[bool]) -> Subquery:
    """Return both sides of every posting: entry_id, account_id, unit_id, amount_units.

    ``conditions`` are about ``Posting`` and ``Entry``; without any, entries are not even looked at.
    """
    halves = [
        select(
            Posting.entry_id.label("entry_id"),
            account_id.label("account_id"),
            Posting.unit_id.label("unit_id"),
            amount.label("amount_units"),
        )
        for account_id, amount in (_DEBIT, _CREDIT)
    ]
    if conditions:
        halves = [half.join(Entry, Entry.id == Posting.entry_id).where(*conditions) for half in halves]
    return union_all(*halves).subquery("side")


def day_sums(*conditions: ColumnElement[bool]) -> Subquery:
    """Return what entries moved, in the columns of ``account_day``; ``conditions`` are about ``Entry``."""
    side, mirrored = sides(*conditions), aliased(Entry)
    amount = side.c.amount_units
    rollup = case((Account.role.in_([role.value for role in BEARERS]), HOLDERS_TOGETHER), else_=Account.id)
    kind = func.coalesce(mirrored.kind, Entry.kind)
    keys = (rollup, Account.role, Account.unit_id, Entry.program_id, Entry.booked_on, kind)
    return (
        select(
            rollup.label("account_id"),
            Account.role.label("role"),
            Account.unit_id.label("unit_id"),
            Entry.program_id.label("program_id"),
            Entry.booked_on.label("booked_on"),
            kind.label("kind"),
            func.sum(case((amount > 0, amount), else_=0)).label("debit_units"),
            func.sum(case((amount < 0, -amount), else_=0)).label("credit_units"),
            func.count().label("postings"),
        )
        .join_from(side, Account, Account.id == side.c.account_id)
        .join(Entry, Entry.id == side.c.entry_id)
        .join(mirrored, mirrored.id == Entry.mirrors_id, isouter=True)
        .group_by(*keys)
        .subquery("day_sum")
    )


def not_rolled(session: Session) -> Sequence[ColumnElement[bool]]:
    """Return what tells the entries that ``account_day`` does not contain yet.

    The mark is read by the statement itself, so that both are of one moment.
    """
    order = order_column(session, key=Entry.id, mark=Entry.commit_mark)
    below = select(RollMark.below).scalar_subquery()
    floor = select(RollMark.floor_entry_id).scalar_subquery()
    return (order >= func.coalesce(below, 0), Entry.id > func.coalesce(floor, 0))
