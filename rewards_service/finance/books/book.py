"""A range of an organization's books, read piece by piece: what a format needs and nothing it does not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards_service.ledger.models import Entry
from rewards_service.ledger.queries import AccountBalance, JournalEntry, JournalRange, entries_after, trial_balance
from rewards_service.programs.models import Organization, Unit

ENTRIES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Commodity:
    """A unit of the books: its symbol, its decimals, and what it is."""

    symbol: str
    exponent: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Book:
    """One organization's books from ``first_day`` to ``last_day``, both included.

    The parts are read anew each time they are asked for, in the session's one consistent state. Test programs are
    left out.
    """

    title: str
    currency: str
    first_day: date
    last_day: date
    commodities: list[Commodity]
    read_balances: Callable[[date], Iterator[AccountBalance]]
    read_entries: Callable[[], Iterator[JournalEntry]]
    is_from_start: bool

    def accounts(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each account's name and the symbols it is kept in."""
        for name, rows in groupby(self.closing(), key=lambda balance: balance.book_name):
            yield name, [row.symbol for row in rows]

    def opening(self) -> Iterator[AccountBalance]:
        """Yield what was brought forward on the first day; nothing where the range begins with the books."""
        if self.is_from_start:
            return
        for balance in self.read_balances(self.first_day - timedelta(days=1)):
            if balance.amount_units:
                yield balance

    def closing(self) -> Iterator[AccountBalance]:
        """Yield the balance of every account at the end of the last day."""
        return self.read_balances(self.last_day)


def open_book(
    session: Session, *, organization: Organization, first_day: date | None, last_day: date | None, today: date
) -> Book:
    """Return the books of an organization; none: from the first entry, to the last one or ``today``.

    ``session`` sees one consistent state until the book is closed.
    """
    first, last = session.execute(
        select(func.min(Entry.booked_on), func.max(Entry.booked_on)).where(Entry.organization_id == organization.id)
    ).one()
    of = JournalRange(
        organization.id,
        first_day=first_day or first or today,
        last_day=last_day or max(last or today, today),
        with_test_programs=False,
    )
    assert of.first_day is not None, "set above"
    assert of.last_day is not None, "set above"
    return Book(
        title=f"{organization.name} rewards",
        currency=organization.functional_currency,
        first_day=of.first_day,
        last_day=of.last_day,
        commodities=_commodities(session, organization_id=organization.id),
        read_balances=lambda day: trial_balance(session, organization_id=organization.id, as_of=day),
        read_entries=lambda: _entries(session, of=of),
        is_from_start=first_day is None or first is None or first_day <= first,
    )


def _entries(session: Session, *, of: JournalRange) -> Iterator[JournalEntry]:
    """Yield the entries of a range in the order of the books, but for those that moved nothing."""
    after = None
    while found := entries_after(session, of=of, after=after, limit=ENTRIES_AT_ONCE):
        yield from (entry for entry in found if entry.lines)
        after = (found[-1].booked_on, found[-1].id)


def _commodities(session: Session, *, organization_id: int) -> list[Commodity]:
    """Return the units of an organization by symbol."""
    units = session.scalars(select(Unit).where(Unit.organization_id == organization_id).order_by(Unit.symbol))
    return [Commodity(unit.symbol, unit.exponent, _meaning(unit)) for unit in units]


def _meaning(unit: Unit) -> str:
    """Return what a unit is, in a few words."""
    meanings = {"money": "money", "points": "points", "promise": f"value promised in {unit.currency}"}
    return meanings[unit.kind]
