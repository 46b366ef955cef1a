"""Writing books to a file, as a stream."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from rewards_service.finance.books.beancount import write_beancount
from rewards_service.finance.books.book import Book, open_book
from rewards_service.finance.books.hledger import write_hledger
from rewards_service.finance.books.table import write_table
from rewards_service.kit.errors import FieldProblem, ValidationFailed
from rewards_service.programs.models import Organization

BOOK_FORMATS: dict[str, Callable[[Book], Iterator[str]]] = {
    "beancount": write_beancount,
    "hledger": write_hledger,
    "csv": write_table,
}
"""What ``books export --format`` knows."""


@dataclass(frozen=True, slots=True)
class ExportedBooks:
    """What was written: which days, and how many lines of text."""

    first_day: date
    last_day: date
    lines: int


def export_books(
    session: Session,
    *,
    organization: Organization,
    book_format: str,
    first_day: date | None,
    last_day: date | None,
    today: date,
    out: Path,
) -> ExportedBooks:
    """Write the books of an organization to ``out``; the file appears whole or not at all.

    ``session`` must see one consistent state, as a reading one does.

    Raises:
        ValidationFailed: the range ends before it begins.
        OSError: the file cannot be written.
    """
    book = open_book(session, organization=organization, first_day=first_day, last_day=last_day, today=today)
    if book.last_day < book.first_day:
        message = "The last day lies before the first."
        raise ValidationFailed(message, problems=(FieldProblem("/to", "range_empty", message),))
    lines = _write_whole(BOOK_FORMATS[book_format](book), out=out)
    return ExportedBooks(book.first_day, book.last_day, lines)


def _write_whole(lines: Iterator[str], *, out: Path) -> int:
    """Write lines to a file beside ``out`` and give it that name at the end; return how many there were."""
    beginning = out.with_name(f".{out.name}.part")
    count = 0
    try:
        with beginning.open("w", encoding="utf8", newline="\n") as file:
            for count, line in enumerate(lines, 1):  # noqa: B007 — the last one is the number of lines
                file.write(f"{line}\n")
        beginning.replace(out)
    finally:
        beginning.unlink(missing_ok=True)
    return count
