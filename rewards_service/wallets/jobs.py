"""Jobs on wallets and all other bearers: value reaches its end."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from rewards_service.kit.errors import Refusal
from rewards_service.kit.jobs import Continue, Done, JobKind, JobRun, Outcome
from rewards_service.kit.logs import logger_of
from rewards_service.ledger.lots import LotRow, lots_by_id
from rewards_service.ledger.models import Account, Lot
from rewards_service.ledger.operations import expire_lot
from rewards_service.programs.models import Program

CHUNK = 200
"""Lots per transaction: well within what SQLite's writer may keep others waiting for."""

FROM_THE_START = (0, 0)

log = logger_of(__name__)


@dataclass(slots=True)
class EndedLots:
    """What one chunk came to.

    Attributes:
        found: how many lots had value past its last moment.
        last: the keys of the account and the lot from which the next chunk goes on.
        refused: the keys of the lots that the books did not let end; they are as they were.
    """

    found: int
    last: tuple[int, int]
    refused: list[int] = field(default_factory=list)


def expire_chunk(session: Session, *, now: datetime, after: tuple[int, int] = FROM_THE_START) -> EndedLots:
    """End up to ``CHUNK`` lots whose last moment has passed, in the order of their accounts.

    A lot that the books refuse to end is logged and keeps none of the others waiting.
    """
    due = session.execute(
        select(Account.program_id, Lot.account_id, Lot.id)
        .join(Account, Account.id == Lot.account_id)
        .where(Lot.expires_at <= now, Lot.units_available > 0, tuple_(Lot.account_id, Lot.id) > after)
        .order_by(Lot.account_id, Lot.id)
        .limit(CHUNK)
    ).all()
    ended = EndedLots(found=len(due), last=(due[-1].account_id, due[-1].id) if due else after)
    lots = lots_by_id(session, lot_ids=[row.id for row in due])
    for program_id, rows in groupby(due, key=lambda row: row.program_id):
        program = session.get_one(Program, program_id)
        ended.refused += [row.id for row in rows if not _does_end(session, program=program, lot=lots[row.id], now=now)]
    return ended


def _does_end(session: Session, *, program: Program, lot: LotRow, now: datetime) -> bool:
    """End one lot, or log why the books refuse that and leave it as it was."""
    try:
        with session.begin_nested():
            expire_lot(session, program=program, lot=lot, now=now)
    except Refusal as refusal:
        log.warning("lot_not_ended", lot_id=lot.id, program=program.public_id, code=refusal.code)
        return False
    return True


def _expire_value(session: Session, job: JobRun, _: object, now: datetime) -> Outcome:
    """End one chunk, and come back while there is more."""
    account_id, lot_id, refused = job.cursor or (*FROM_THE_START, 0)
    ended = expire_chunk(session, now=now, after=(account_id, lot_id))
    refused += len(ended.refused)
    done = job.done + ended.found
    if ended.found == CHUNK:
        return Continue(cursor=[*ended.last, refused], done=done)
    return Done(note=f"{done - refused} lots ended" + (f", {refused} refused: see the log" if refused else ""))


JOB_KINDS = [JobKind(name="wallets.expire_value", queue="bulk", attempts_max=8, settle=_expire_value)]
