"""Readable copies do not stay for ever: some time after a code was first used, only its hash is left."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from rewards_service.codes.models import Code
from rewards_service.kit.idempotency import wipe_answers
from rewards_service.ledger.models import Entry, Posting
from rewards_service.programs.models import Program

EXAMINED_MAX = 500
"""Codes that one transaction looks at."""


@dataclass(frozen=True, slots=True)
class WipedChunk:
    """How far the search has come (``None``: to its end), and how many copies it wiped."""

    last_id: int | None
    wiped: int


def wipe_copies(session: Session, *, after_id: int, now: datetime) -> WipedChunk:
    """Wipe the readable copies of codes that were used long enough ago, among the next after ``after_id``.

    How long is each program's ``code_copy_days``, counted from the first use. The API's stored answers with these codes
    are wiped too. The codes stay usable: they are found by their hash.
    """
    examined = session.execute(
        select(Code.id, Code.account_id, Program.code_copy_days)
        .join(Program, Program.id == Code.program_id)
        .where(Code.id > after_id, Code.sealed_code.is_not(None))
        .order_by(Code.id)
        .limit(EXAMINED_MAX)
    ).all()
    if not examined:
        return WipedChunk(last_id=None, wiped=0)
    accounts: dict[int, list[int]] = {}
    for row in examined:
        accounts.setdefault(row.code_copy_days, []).append(row.account_id)
    was_used = [
        Posting.debit_account_id.in_(account_ids) & (Entry.recorded_at <= now - timedelta(days=days))
        for days, account_ids in accounts.items()
    ]
    used = session.scalars(
        select(Posting.debit_account_id).join(Entry, Entry.id == Posting.entry_id).where(or_(*was_used)).distinct()
    ).all()
    wiped = update(Code).where(Code.account_id.in_(used)).values(sealed_code=None).returning(Code.public_id)
    wipe_answers(session, references=session.scalars(wiped).all())
    return WipedChunk(last_id=examined[-1].id, wiped=len(used))
