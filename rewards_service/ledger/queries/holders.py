"""What a holder has, and why: lots, what became of them, and the statement of an account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import RowMapping, func, literal, select
from sqlalchemy.orm import Session

from rewards_service.kit.paging import PAGE_SIZE, PAGE_SIZE_MAX, Page, decode_cursor, encode_cursor
from rewards_service.kit.signing import Signer
from rewards_service.ledger.lots import LotRow, read_lots
from rewards_service.ledger.models import Account, Entry, Lot, LotMovement, Posting
from rewards_service.ledger.policy import taking_order
from rewards_service.ledger.queries.signed import sides

STATEMENT = "ledger.statement"
ANCESTORS_MAX = 1_000
"""How often a lot may have changed hands; longer chains are a defect."""


@dataclass(frozen=True, slots=True)
class StatementPart:
    """The share of one lot in a line of a statement, in units, negative when it left."""

    lot_id: int
    award_ref: str
    expires_at: datetime | None
    units: int


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What one entry did to a holder's balance: units (negative = less), and the balance after it."""

    entry_id: int
    kind: str
    source_type: str
    source_ref: str
    booked_on: date
    recorded_at: datetime
    reason: str | None
    units: int
    balance_units: int
    parts: list[StatementPart]


@dataclass(frozen=True, slots=True)
class LotStep:
    """One step in a lot's life: the entry, its source, and what it changed, in units."""

    lot_id: int
    kind: str
    source_type: str
    source_ref: str
    booked_on: date
    available_delta: int
    held_delta: int


@dataclass(frozen=True, slots=True)
class LotStory:
    """Where a lot comes from and what became of it.

    Attributes:
        ancestors: the lot itself, its parent, and so on up to the one that the award made.
        steps: what made each of them and, for the lot itself, everything since, oldest first.
    """

    ancestors: list[LotRow]
    steps: list[LotStep]

    @property
    def award_ref(self) -> str:
        """The reference of the award, code or adjustment that made the value."""
        return self.ancestors[-1].award_ref


def spendable_units(session: Session, *, account_ids: Iterable[int], now: datetime) -> dict[int, int]:
    """Return, per account, the units that can be spent at ``now``: held and expired ones are left out."""
    units = dict.fromkeys(account_ids, 0)
    rows = session.execute(
        select(Lot.account_id, func.sum(Lot.units_available))
        .where(
            Lot.account_id.in_(units),
            Lot.is_open,
            Lot.expires_at.is_(None) | (Lot.expires_at > now),
        )
        .group_by(Lot.account_id)
    )
    units.update((account_id, int(total)) for account_id, total in rows)
    return units


def lots_of(session: Session, *, account_id: int) -> list[LotRow]:
    """Return the lots of a holder that have units, available or held, in the order in which they are taken."""
    has_units = Lot.is_open | (Lot.units_held > 0)
    return sorted(read_lots(session, Lot.account_id == account_id, has_units), key=taking_order)


def explain_lot(session: Session, *, lot_id: int) -> LotStory:
    """Return where a lot comes from, up to the award, and what became of it."""
    ancestors = read_lots(session, Lot.id == lot_id)
    while (parent_id := ancestors[-1].parent_lot_id) is not None:
        assert len(ancestors) < ANCESTORS_MAX, "a lot has an origin"
        ancestors += read_lots(session, Lot.id == parent_id)
    return LotStory(ancestors, _steps_of(session, lot_id=lot_id, ancestor_ids=[lot.id for lot in ancestors]))


def holder_statement(
    session: Session, *, account_id: int, signer: Signer, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[StatementLine]:
    """Return what happened to a holder's balance, newest first, each line with the balance after it.

    The cursor carries the balance, so a page is right although others have been added before it.

    Raises:
        CursorInvalid: ``cursor`` is not one of this statement.
    """
    listing = f"{STATEMENT}.{account_id}"
    size = max(1, min(limit, PAGE_SIZE_MAX))
    before, balance = None, 0
    if cursor is None:
        balance = session.scalars(select(Account.balance_units).where(Account.id == account_id)).one() or 0
    else:
        before, balance = (int(part) for part in decode_cursor(signer, listing=listing, cursor=cursor))
    rows = _moved(session, account_id=account_id, before=before, limit=size + 1)
    parts = _parts_of(session, account_id=account_id, entry_ids=[row["entry_id"] for row in rows[:size]])
    lines = []
    for row in rows[:size]:
        units = int(row["units"])
        fields = {**row, "units": units, "balance_units": balance, "parts": parts.get(row["entry_id"], [])}
        lines.append(StatementLine(**fields))
        balance -= units
    if len(rows) <= size:
        return Page(items=lines, next_cursor=None)
    position = (lines[-1].entry_id, balance)
    return Page(items=lines, next_cursor=encode_cursor(signer, listing=listing, position=position))


def _moved(session: Session, *, account_id: int, before: int | None, limit: int) -> Sequence[RowMapping]:
    """Return entries that changed an account, newest first, each with its units in the holder's view."""
    side = sides((Posting.debit_account_id == account_id) | (Posting.credit_account_id == account_id))
    statement = (
        select(
            Entry.id.label("entry_id"),
            Entry.kind,
            Entry.source_type,
            Entry.source_ref,
            Entry.booked_on,
            Entry.recorded_at,
            Entry.reason,
            (-func.sum(side.c.amount_units)).label("units"),
        )
        .join(side, side.c.entry_id == Entry.id)
        .where(side.c.account_id == account_id)
        .group_by(Entry.id)
        .order_by(Entry.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(Entry.id < before)
    return session.execute(statement).mappings().all()


def _parts_of(session: Session, *, account_id: int, entry_ids: list[int]) -> dict[int, list[StatementPart]]:
    """Return the shares of lots in each entry: what it took from or gave back to old ones, and new ones it made."""
    made = select(Lot.entry_id, Lot.id, Lot.award_ref, Lot.expires_at, Lot.units_made)
    touched = select(LotMovement.entry_id, Lot.id, Lot.award_ref, Lot.expires_at, LotMovement.available_delta).join(
        LotMovement, LotMovement.lot_id == Lot.id
    )
    parts: dict[int, list[StatementPart]] = {}
    moved = touched.where(LotMovement.available_delta != 0)
    for statement, entry_id in ((moved, LotMovement.entry_id), (made, Lot.entry_id)):
        rows = session.execute(
            statement.where(Lot.account_id == account_id, entry_id.in_(entry_ids)).order_by(entry_id, Lot.id)
        )
        for row in rows:
            parts.setdefault(row[0], []).append(StatementPart(*row[1:]))
    return parts


def _steps_of(session: Session, *, lot_id: int, ancestor_ids: list[int]) -> list[LotStep]:
    """Return what made each of these lots, and everything that happened to the first of them since, oldest first."""
    source = (Entry.kind, Entry.source_type, Entry.source_ref, Entry.booked_on)
    made = (
        select(Lot.id, *source, Lot.units_made, literal(0))
        .join(Entry, Entry.id == Lot.entry_id)
        .where(Lot.id.in_(ancestor_ids))
        .order_by(Entry.id)
    )
    changed = (
        select(LotMovement.lot_id, *source, LotMovement.available_delta, LotMovement.held_delta)
        .join(Entry, Entry.id == LotMovement.entry_id)
        .where(LotMovement.lot_id == lot_id)
        .order_by(LotMovement.id)
    )
    return [LotStep(*row) for statement in (made, changed) for row in session.execute(statement)]
