"""Books for hledger (https://hledger.org/1.25/hledger.html, journal format).

It reads an entry of two unbalanced units as an exchange, so ``hledger check balancednoautoconversion`` is what tells
that the books balance. Its assertions hold in the order of the file: they stand in transactions of nothing at the end.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice

from rewards_service.finance.books.book import Book
from rewards_service.finance.books.text import amount_of, narration, period, plain, zero_text
from rewards_service.ledger.queries import AccountBalance, JournalEntry, Line

SUFFIX = ".journal"
ASSERTIONS_AT_ONCE = 500
"""Assertions per transaction, so that none becomes too large to balance quickly."""


def write_hledger(book: Book) -> Iterator[str]:
    """Yield the lines of the books."""
    yield f"; {plain(book.title)}, {period(book.first_day, book.last_day)}. A positive amount is a debit."
    yield "decimal-mark ."
    for commodity in book.commodities:
        yield f"commodity 1000.{'0' * commodity.exponent} {commodity.symbol}"
    for name, _ in book.accounts():
        yield f"account {name}"
    yield from _brought_forward(book.opening(), day=book.first_day)
    for entry in book.read_entries():
        yield from _transaction(entry)
    yield from _assertions(book.closing(), day=book.last_day)


def _brought_forward(balances: Iterable[AccountBalance], *, day: date) -> Iterator[str]:
    """Yield one transaction with all balances that were there before; in every unit they add up to zero."""
    lines = [_posting(balance) for balance in balances]
    if lines:
        yield f"{day} * opening | balances brought forward"
        yield from lines


def _transaction(entry: JournalEntry) -> Iterator[str]:
    """Yield one entry."""
    tags = [f"entry:{entry.id}"]
    if entry.effective_on != entry.booked_on:
        tags.append(f"effective:{entry.effective_on}")
    if entry.mirrors_id is not None:
        tags.append(f"mirrors:{entry.mirrors_id}")
    yield f"{entry.booked_on} * ({entry.id}) {entry.kind} | {narration(entry)}  ; {', '.join(tags)}"
    yield from (_posting(line) for line in entry.lines)


def _posting(row: Line | AccountBalance) -> str:
    """Return one line of a transaction."""
    return f"    {row.book_name}  {amount_of(row)}"


def _assertions(balances: Iterator[AccountBalance], *, day: date) -> Iterator[str]:
    """Yield transactions of nothing that assert every balance."""
    while some := list(islice(balances, ASSERTIONS_AT_ONCE)):
        yield f"{day} * close | balances at the end of {day}"
        for balance in some:
            nothing = f"{zero_text(exponent=balance.exponent)} {balance.symbol}"
            yield f"    {balance.book_name}  {nothing} = {amount_of(balance)}"
