"""Jobs on wallets and all other bearers: value reaches its end."""

from datetime import datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.kit.jobs import Continue, Done, JobKind, JobRun, Outcome
from rewards_service.ledger.lots import lots_by_id
from rewards_service.ledger.models import Account, Lot
from rewards_service.ledger.operations import expire_lot
from rewards_service.programs.models import Program

CHUNK = 200
"""Lots per transaction: well within what SQLite's writer may keep others waiting for."""


def expire_chunk(session: Session, *, now: datetime) -> int:
    """End up to ``CHUNK`` lots whose last moment has passed and return how many were found."""
    due = session.execute(
        select(Account.program_id, Lot.id)
        .join(Account, Account.id == Lot.account_id)
        .where(Lot.expires_at <= now, Lot.units_available > 0)
        .order_by(Lot.account_id, Lot.id)
        .limit(CHUNK)
    ).all()
    lots = lots_by_id(session, lot_ids=[lot_id for _, lot_id in due])
    for program_id, rows in groupby(due, key=lambda row: row.program_id):
        program = session.get_one(Program, program_id)
        for _, lot_id in rows:
            expire_lot(session, program=program, lot=lots[lot_id], now=now)
    return len(due)


def _expire_value(session: Session, job: JobRun, _: object, now: datetime) -> Outcome:
    """End one chunk, and come back while there is more."""
    found = expire_chunk(session, now=now)
    done = job.done + found
    return Continue(cursor=None, done=done) if found == CHUNK else Done(note=f"{done} lots ended")


JOB_KINDS = [JobKind(name="wallets.expire_value", queue="bulk", attempts_max=8, settle=_expire_value)]
