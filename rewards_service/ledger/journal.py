"""Reading the books: entries with their movements, and what one account saw, newest first and in pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from rewards_service.kit.paging import Listing, Page, fetch_page
from rewards_service.kit.signing import Signer
from rewards_service.ledger.models import Account, Entry, Posting
from rewards_service.programs.models import Unit

ENTRIES = Listing(name="entries", keys=(Entry.id,), descending=True)
STATEMENT = Listing(name="statement", keys=(Entry.id,), descending=True)


@dataclass(frozen=True, slots=True)
class BookedMovement:
    """One posting as the books name it: ``units`` move from the credited to the debited account."""

    debit_account: str
    credit_account: str
    unit: Unit
    units: int


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An entry and its movements."""

    entry: Entry
    movements: list[BookedMovement]

    @property
    def reference(self) -> str:
        """What names the entry outside: unique within its organization."""
        return _reference(self.entry)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What one entry did to one account: units that came (above zero) or went."""

    entry: Entry
    units: int

    @property
    def reference(self) -> str:
        """What names the entry outside: unique within its organization."""
        return _reference(self.entry)


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which entries: of one account by its name in the books, booked from a day on, booked until a day (included)."""

    account: str | None = None
    booked_from: date | None = None
    booked_until: date | None = None


def list_entries(
    session: Session,
    *,
    organization_id: int,
    program_ids: Collection[int] | None,
    only: JournalFilter,
    signer: Signer,
    cursor: str | None,
    limit: int,
) -> Page[JournalEntry]:
    """Return a page of an organization's entries, newest first; ``program_ids`` limits them to some programs.

    Raises:
        CursorInvalid: ``cursor`` is not one of this list.
    """
    statement = select(Entry.id, Entry).where(Entry.organization_id == organization_id)
    if program_ids is not None:
        statement = statement.where(Entry.program_id.in_(program_ids))
    filtered = _only(statement, only=only, organization_id=organization_id)
    page = fetch_page(session, filtered, listing=ENTRIES, signer=signer, cursor=cursor, limit=limit)
    movements = _movements(session, entry_ids=[row.id for row in page.items])
    return Page([JournalEntry(row.Entry, movements.get(row.id, [])) for row in page.items], page.next_cursor)


def account_statement(
    session: Session, *, account_id: int, signer: Signer, cursor: str | None, limit: int
) -> Page[StatementLine]:
    """Return a page of what entries did to one bearer account, newest first.

    Raises:
        CursorInvalid: ``cursor`` is not one of this list.
    """
    change = case((Posting.credit_account_id == account_id, Posting.units), else_=-Posting.units)
    statement = (
        select(Entry.id, Entry, func.sum(change).label("units"))
        .join(Posting, Posting.entry_id == Entry.id)
        .where(or_(Posting.credit_account_id == account_id, Posting.debit_account_id == account_id))
        .group_by(Entry.id)
    )
    page = fetch_page(session, statement, listing=STATEMENT, signer=signer, cursor=cursor, limit=limit)
    return Page([StatementLine(row.Entry, int(row.units)) for row in page.items], page.next_cursor)


def _reference(entry: Entry) -> str:
    """Return what names an entry outside; the key inside is nobody's business."""
    return f"{entry.source_type}:{entry.source_ref}:{entry.kind}"


def _only(statement: Select[int, Entry], *, only: JournalFilter, organization_id: int) -> Select[int, Entry]:
    """Return ``statement`` without the entries that the filter leaves out."""
    if only.booked_from is not None:
        statement = statement.where(Entry.booked_on >= only.booked_from)
    if only.booked_until is not None:
        statement = statement.where(Entry.booked_on <= only.booked_until)
    if only.account is None:
        return statement
    named = select(Account.id).where(Account.organization_id == organization_id, Account.book_name == only.account)
    touches = or_(Posting.debit_account_id.in_(named), Posting.credit_account_id.in_(named))
    return statement.where(exists().where(and_(Posting.entry_id == Entry.id, touches)))


def _movements(session: Session, *, entry_ids: list[int]) -> dict[int, list[BookedMovement]]:
    """Return the movements of each entry, in the order they were written."""
    debit, credit = aliased(Account), aliased(Account)
    rows = session.execute(
        select(Posting.entry_id, debit.book_name, credit.book_name, Unit, Posting.units)
        .join(debit, debit.id == Posting.debit_account_id)
        .join(credit, credit.id == Posting.credit_account_id)
        .join(Unit, Unit.id == Posting.unit_id)
        .where(Posting.entry_id.in_(entry_ids))
        .order_by(Posting.id)
    )
    found: dict[int, list[BookedMovement]] = {}
    for entry_id, debited, credited, unit, units in rows:
        found.setdefault(entry_id, []).append(BookedMovement(debited, credited, unit, units))
    return found
