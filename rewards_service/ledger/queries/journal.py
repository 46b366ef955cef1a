"""Entries as books show them: the signed view, line by line, in the order in which they are booked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session

from rewards_service.kit.paging import PAGE_SIZE, PAGE_SIZE_MAX, Page, decode_cursor, encode_cursor
from rewards_service.kit.signing import Signer
from rewards_service.ledger.models import Account, Entry, Posting
from rewards_service.ledger.policy import Movement, signed_lines
from rewards_service.programs.models import Program, Unit

JOURNAL = "ledger.entries"
ACCOUNTS_AT_ONCE = 5_000
"""Accounts that one statement looks up; databases limit the parameters of one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an entry in the signed view: positive = debit, in smallest units of ``symbol``."""

    book_name: str
    symbol: str
    exponent: int
    amount_units: int


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One entry of the books with its lines."""

    id: int
    program: str
    kind: str
    source_type: str
    source_ref: str
    booked_on: date
    effective_on: date
    recorded_at: datetime
    actor: str
    reason: str | None
    mirrors_id: int | None
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class JournalRange:
    """Which entries of an organization: of one program, on one account (its book name), booked within days.

    ``first_day`` and ``last_day`` are included.
    """

    organization_id: int
    program_id: int | None = None
    account: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    with_test_programs: bool = True


def list_entries(
    session: Session, *, of: JournalRange, signer: Signer, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[JournalEntry]:
    """Return entries in the order of the books, by cursor.

    Raises:
        CursorInvalid: ``cursor`` is not one of this list.
    """
    size = max(1, min(limit, PAGE_SIZE_MAX))
    after = None
    if cursor is not None:
        day, entry_id = decode_cursor(signer, listing=JOURNAL, cursor=cursor)
        after = (date.fromisoformat(str(day)), int(entry_id))
    entries = entries_after(session, of=of, after=after, limit=size + 1)
    if len(entries) <= size:
        return Page(items=entries, next_cursor=None)
    position = (entries[size - 1].booked_on.isoformat(), entries[size - 1].id)
    return Page(items=entries[:size], next_cursor=encode_cursor(signer, listing=JOURNAL, position=position))


def entries_after(
    session: Session, *, of: JournalRange, after: tuple[date, int] | None, limit: int
) -> list[JournalEntry]:
    """Return up to ``limit`` entries that follow the one booked on a day with a key."""
    rows = session.execute(_select(of, after=after).limit(limit)).mappings().all()
    lines = _lines_of(session, entry_ids=[row["id"] for row in rows])
    return [JournalEntry(**row, lines=lines.get(row["id"], [])) for row in rows]


def _select(of: JournalRange, *, after: tuple[date, int] | None) -> Select[*tuple[Any, ...]]:
    """Select the headers of entries in the order of the books."""
    statement = (
        select(
            Entry.id,
            Program.book_name.label("program"),
            Entry.kind,
            Entry.source_type,
            Entry.source_ref,
            Entry.booked_on,
            Entry.effective_on,
            Entry.recorded_at,
            Entry.actor,
            Entry.reason,
            Entry.mirrors_id,
        )
        .join(Program, Program.id == Entry.program_id)
        .where(Entry.organization_id == of.organization_id, *_conditions(of))
        .order_by(Entry.booked_on, Entry.id)
    )
    if after is None:
        return statement
    return statement.where(tuple_(Entry.booked_on, Entry.id) > after)


def _conditions(of: JournalRange) -> list[ColumnElement[bool]]:
    """Return the conditions that a range sets."""
    conditions = []
    if of.program_id is not None:
        conditions.append(Entry.program_id == of.program_id)
    if of.account is not None:
        ids = select(Account.id).where(Account.organization_id == of.organization_id, Account.book_name == of.account)
        touches = Posting.debit_account_id.in_(ids) | Posting.credit_account_id.in_(ids)
        conditions.append(Entry.id.in_(select(Posting.entry_id).where(touches)))
    if of.first_day is not None:
        conditions.append(Entry.booked_on >= of.first_day)
    if of.last_day is not None:
        conditions.append(Entry.booked_on <= of.last_day)
    if not of.with_test_programs:
        conditions.append(Program.is_test.is_(False))
    return conditions


def _lines_of(session: Session, *, entry_ids: list[int]) -> dict[int, list[Line]]:
    """Return the lines of each entry."""
    postings = session.execute(
        select(Posting.entry_id, Posting.debit_account_id, Posting.credit_account_id, Posting.unit_id, Posting.units)
        .where(Posting.entry_id.in_(entry_ids))
        .order_by(Posting.entry_id, Posting.id)
    ).all()
    names = _names(session, account_ids={row[side] for row in postings for side in (1, 2)})
    return {
        entry_id: [
            Line(*names[account_id], amount)
            for account_id, _, amount in signed_lines(Movement(*row[1:]) for row in rows)
        ]
        for entry_id, rows in groupby(postings, key=lambda row: row.entry_id)
    }


def _names(session: Session, *, account_ids: Iterable[int]) -> dict[int, tuple[str, str, int]]:
    """Return, per account, its book name and its unit's symbol and decimals."""
    ids, names = sorted(account_ids), {}
    for first in range(0, len(ids), ACCOUNTS_AT_ONCE):
        rows = session.execute(
            select(Account.id, Account.book_name, Unit.symbol, Unit.exponent)
            .join(Unit, Unit.id == Account.unit_id)
            .where(Account.id.in_(ids[first : first + ACCOUNTS_AT_ONCE]))
        )
        names.update({row.id: (row.book_name, row.symbol, row.exponent) for row in rows})
    return names
