"""Entries that are complete are added up by day, so that no balance of the house needs all its postings."""

from sqlalchemy import ColumnElement, Date, bindparam, delete, func, select, text
from sqlalchemy.orm import Session

from rewards_service.kit.commit_order import Horizon, order_column, read_horizon, wait_for_writers
from rewards_service.ledger.models import AccountDay, Entry, RollMark
from rewards_service.ledger.queries.signed import day_sums

ENTRIES_AT_ONCE = 2_000
"""Entries per transaction: well within what SQLite's writer may keep others waiting for."""

_FIRST_MARK = text(
    "INSERT INTO roll_mark (id, cluster, below, floor_entry_id) VALUES (1, :cluster, 0, 0) ON CONFLICT DO NOTHING"
)
_ADD = text(
    "INSERT INTO account_day "
    "(account_id, role, unit_id, program_id, booked_on, kind, debit_units, credit_units, postings) VALUES "
    "(:account_id, :role, :unit_id, :program_id, :booked_on, :kind, :debit_units, :credit_units, :postings) "
    "ON CONFLICT (account_id, role, unit_id, program_id, booked_on, kind) DO UPDATE SET "
    "debit_units = account_day.debit_units + excluded.debit_units, "
    "credit_units = account_day.credit_units + excluded.credit_units, "
    "postings = account_day.postings + excluded.postings"
).bindparams(bindparam("booked_on", type_=Date))


def roll_days(session: Session) -> bool:
    """Add up to about ``ENTRIES_AT_ONCE`` complete entries to their days and tell whether more are waiting.

    Entries of transactions that are still open, and all later ones, wait for another pass. On a server that is not the
    one whose marks were counted everything is added up anew, once.
    """
    session.execute(_FIRST_MARK, {"cluster": read_horizon(session, key=Entry.id).cluster})
    mark = session.scalars(select(RollMark).with_for_update().execution_options(populate_existing=True)).one()
    horizon = read_horizon(session, key=Entry.id)
    if mark.cluster != horizon.cluster:
        _start_anew(session, mark=mark, horizon=horizon)
        return False
    order = order_column(session, key=Entry.id, mark=Entry.commit_mark)
    is_new = (order >= mark.below, Entry.id > mark.floor_entry_id)
    next_chunk = select(order).where(*is_new).order_by(order).offset(ENTRIES_AT_ONCE).limit(1)
    chunk_end = session.scalar(next_chunk)
    below = horizon.below if chunk_end is None else min(horizon.below, max(chunk_end, mark.below + 1))
    _add_days(session, order < below, *is_new)
    has_more = below < horizon.below
    mark.below = below
    session.flush()
    return has_more


def _start_anew(session: Session, *, mark: RollMark, horizon: Horizon) -> None:
    """Add up all there is, whatever the marks say, which another server gave out."""
    wait_for_writers(session, table=Entry.__tablename__)
    session.execute(delete(AccountDay))
    mark.floor_entry_id = session.scalars(select(func.coalesce(func.max(Entry.id), 0))).one()
    mark.cluster, mark.below = horizon.cluster, horizon.below
    _add_days(session, Entry.id <= mark.floor_entry_id)
    session.flush()


def _add_days(session: Session, *conditions: ColumnElement[bool]) -> None:
    """Add what these entries moved to their days."""
    rows = session.execute(select(day_sums(*conditions))).mappings().all()
    sums = ("debit_units", "credit_units", "postings")
    if rows:
        session.execute(_ADD, [{**row, **{name: int(row[name]) for name in sums}} for row in rows])
