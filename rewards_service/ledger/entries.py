"""Writing entries: the header, its postings, and the money side that goes with value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Date, bindparam, insert, text
from sqlalchemy.orm import Session

from rewards_service.kit.actor import SYSTEM, Actor
from rewards_service.kit.bulk import BULK_ROWS_MIN, insert_mappings
from rewards_service.kit.database import UtcDateTime
from rewards_service.kit.statements import Statement
from rewards_service.ledger.accounts import account_ids
from rewards_service.ledger.chart import AccountKey, Role
from rewards_service.ledger.errors import AlreadyPosted
from rewards_service.ledger.models import Posting
from rewards_service.ledger.policy import Movement, pair
from rewards_service.programs.models import Program
from rewards_service.programs.policy import local_day

KIND_WITHOUT_MONEY = "rate"
"""The only kind that may have no posting: a new rate of which rounding has swallowed everything."""


@dataclass(frozen=True, slots=True)
class Source:
    """The business fact behind an entry; within an organization one entry per (type, reference, kind)."""

    type: str
    reference: str
    actor: Actor = SYSTEM
    reason: str | None = None
    effective_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """A signed amount of the program's currency on an account of the house; positive = debit."""

    role: Role
    amount_minor: int
    owner: str = ""


@dataclass(frozen=True, slots=True)
class ValueLine:
    """A signed number of value units on a bearer's account (its key) or on one of the house; positive = debit."""

    account: int | AccountKey
    unit_id: int
    units: int


_INSERT_ENTRY = Statement(
    text(
        "INSERT INTO entry (organization_id, program_id, kind, source_type, source_ref, booked_on, effective_on, "
        "recorded_at, actor, reason, mirrors_id) VALUES (:organization_id, :program_id, :kind, :source_type, "
        ":source_ref, :booked_on, :effective_on, :recorded_at, :actor, :reason, :mirrors_id) "
        "ON CONFLICT DO NOTHING RETURNING id"
    ).bindparams(
        bindparam("booked_on", type_=Date),
        bindparam("effective_on", type_=Date),
        bindparam("recorded_at", type_=UtcDateTime),
    )
)
_INSERT_POSTING = Statement(insert(Posting))


def post_entry(
    session: Session,
    *,
    program: Program,
    kind: str,
    source: Source,
    now: datetime,
    value: Sequence[ValueLine] = (),
    money: Sequence[MoneyLine] = (),
) -> int:
    """Add the entry whose signed view is these lines and return its key; lines of zero have no posting.

    Stored balances are not touched: the caller's guard has changed them before.

    Raises:
        AlreadyPosted: the books have an entry of this kind for the source.
    """
    lines = [line for line in [*value, *(_in_currency(program, line) for line in money)] if line.units]
    by_unit: dict[int, list[tuple[int, int]]] = {}
    for account_id, line in zip(_accounts(session, program=program, lines=lines), lines, strict=True):
        by_unit.setdefault(line.unit_id, []).append((account_id, line.units))
    movements = [movement for unit_id, pairs in by_unit.items() for movement in pair(pairs, unit_id=unit_id)]
    return write_entry(session, program=program, kind=kind, source=source, movements=movements, now=now)


def write_entry(
    session: Session,
    *,
    program: Program,
    kind: str,
    source: Source,
    movements: Sequence[Movement],
    now: datetime,
    mirrors_id: int | None = None,
) -> int:
    """Add an entry with its postings and return its key.

    ``booked_on`` is the day of ``now`` in the organization's time zone; ``effective_on`` the day it is about.

    Raises:
        AlreadyPosted: the books have an entry of this kind for the source, or a mirror of that entry.
    """
    assert movements or kind == KIND_WITHOUT_MONEY, "an entry moves something"
    connection = session.connection()
    header = _header(program, kind=kind, source=source, now=now, mirrors_id=mirrors_id)
    entry_id: int | None = _INSERT_ENTRY.scalar(connection, header)
    if entry_id is None:
        raise AlreadyPosted
    rows = [_posting_row(movement, entry_id=entry_id) for movement in movements]
    if len(rows) >= BULK_ROWS_MIN:
        insert_mappings(session, Posting, rows)
    elif rows:
        _INSERT_POSTING.run_each(connection, rows)
    return entry_id


def _accounts(session: Session, *, program: Program, lines: Sequence[ValueLine]) -> list[int]:
    """Return the account of each line; those of the house are found by what names them."""
    keys = {line.account for line in lines if isinstance(line.account, AccountKey)}
    ids = account_ids(session, program=program, keys=keys) if keys else {}
    return [ids[line.account] if isinstance(line.account, AccountKey) else line.account for line in lines]


def _in_currency(program: Program, line: MoneyLine) -> ValueLine:
    """Return a line of money as one of its unit, the program's currency."""
    return ValueLine(AccountKey(line.role, program.money_unit_id, line.owner), program.money_unit_id, line.amount_minor)


def _header(program: Program, *, kind: str, source: Source, now: datetime, mirrors_id: int | None) -> dict[str, object]:
    """Return the columns of an entry."""
    time_zone = program.organization.time_zone
    return {
        "organization_id": program.organization_id,
        "program_id": program.id,
        "kind": kind,
        "source_type": source.type,
        "source_ref": source.reference,
        "booked_on": local_day(now, time_zone),
        "effective_on": local_day(source.effective_at or now, time_zone),
        "recorded_at": now,
        "actor": f"{source.actor.kind}:{source.actor.reference}",
        "reason": source.reason,
        "mirrors_id": mirrors_id,
    }


def _posting_row(movement: Movement, *, entry_id: int) -> dict[str, int]:
    """Return the columns of one posting."""
    return {
        "entry_id": entry_id,
        "debit_account_id": movement.debit_account_id,
        "credit_account_id": movement.credit_account_id,
        "unit_id": movement.unit_id,
        "units": movement.units,
    }
