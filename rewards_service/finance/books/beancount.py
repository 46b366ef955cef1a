"""Books for beancount (https://beancount.github.io/docs/beancount_language_syntax.html).

Its balance assertions hold at the start of a day and, written with two decimals, let 0.01 pass: so those of the last
day are dated the day after and say ``~ 0.00``.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from rewards_service.finance.books.book import Book
from rewards_service.finance.books.text import amount_of, amount_text, narration, period, plain, zero_text
from rewards_service.ledger.queries import AccountBalance, JournalEntry, Line

SUFFIX = ".beancount"


def write_beancount(book: Book) -> Iterator[str]:
    """Yield the lines of the books."""
    day = book.first_day
    yield f";; {plain(book.title)}, {period(book.first_day, book.last_day)}. A positive amount is a debit."
    yield f'option "title" "{plain(book.title)}"'
    yield f'option "operating_currency" "{book.currency}"'
    for commodity in book.commodities:
        yield f"{day} commodity {commodity.symbol}"
        yield f'  name: "{plain(commodity.meaning)}"'
    for name, symbols in book.accounts():
        yield f"{day} open {name} {','.join(symbols)}"
    yield from _brought_forward(book.opening(), day=day)
    for entry in book.read_entries():
        yield from _transaction(entry)
    for balance in book.closing():
        yield _assertion(balance, day=book.last_day + timedelta(days=1))


def _brought_forward(balances: Iterable[AccountBalance], *, day: date) -> Iterator[str]:
    """Yield one transaction with all balances that were there before; in every unit they add up to zero."""
    lines = [_posting(balance) for balance in balances]
    if lines:
        yield f'{day} * "opening" "balances brought forward"'
        yield from lines


def _transaction(entry: JournalEntry) -> Iterator[str]:
    """Yield one entry."""
    yield f'{entry.booked_on} * "{entry.kind}" "{narration(entry)}"'
    yield f'  entry: "{entry.id}"'
    if entry.effective_on != entry.booked_on:
        yield f"  effective: {entry.effective_on}"
    if entry.mirrors_id is not None:
        yield f'  mirrors: "{entry.mirrors_id}"'
    yield from (_posting(line) for line in entry.lines)


def _posting(row: Line | AccountBalance) -> str:
    """Return one line of a transaction."""
    return f"  {row.book_name}  {amount_of(row)}"


def _assertion(balance: AccountBalance, *, day: date) -> str:
    """Return the assertion of a balance, exact to the smallest unit."""
    amount = amount_text(balance.amount_units, exponent=balance.exponent)
    return f"{day} balance {balance.book_name}  {amount} ~ {zero_text(exponent=balance.exponent)} {balance.symbol}"
