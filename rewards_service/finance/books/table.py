"""Books as a table for a spreadsheet: one row per line of an entry, no cell a formula (ASVS 1.2.10)."""

import csv
import io
from collections.abc import Iterator

from rewards_service.finance.books.book import Book
from rewards_service.finance.books.text import amount_text
from rewards_service.kit.tabular.formulas import neutralise
from rewards_service.ledger.queries import AccountBalance, JournalEntry, Line

SUFFIX = ".csv"
COLUMNS = (
    *("entry", "booked_on", "effective_on", "recorded_at", "kind", "program", "account", "unit", "amount"),
    *("source_type", "source_ref", "actor", "reason", "mirrors"),
)


def write_table(book: Book) -> Iterator[str]:
    """Yield the rows of the books, headers first; what was brought forward comes as rows of kind ``opening``."""
    yield _row(COLUMNS)
    for balance in book.opening():
        day = book.first_day.isoformat()
        yield _row(["", day, day, "", "opening", "", *_amount(balance), "", "", "", "", ""])
    for entry in book.read_entries():
        yield from (_line(entry, line) for line in entry.lines)


def _line(entry: JournalEntry, line: Line) -> str:
    """Return one line of an entry as a row."""
    mirrors = "" if entry.mirrors_id is None else str(entry.mirrors_id)
    about = (entry.source_type, entry.source_ref, entry.actor, entry.reason or "")
    return _row(
        [
            str(entry.id),
            entry.booked_on.isoformat(),
            entry.effective_on.isoformat(),
            entry.recorded_at.isoformat(),
            entry.kind,
            entry.program,
            *_amount(line),
            *map(neutralise, about),
            mirrors,
        ]
    )


def _amount(row: Line | AccountBalance) -> tuple[str, str, str]:
    """Return account, unit and amount; a number may begin with a minus, it is no text."""
    return row.book_name, row.symbol, amount_text(row.amount_units, exponent=row.exponent)


def _row(cells: list[str] | tuple[str, ...]) -> str:
    """Return one row as CSV without its line end."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue()
