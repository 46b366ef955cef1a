"""CSV and its relatives: cells between separators, quoted after RFC 4180."""

import contextlib
import csv
import io
import itertools
from collections.abc import Iterator

from rewards_service.kit.tabular.encoding import decode
from rewards_service.kit.tabular.errors import FileTruncated
from rewards_service.kit.tabular.table import RowProblem, Table, TableRow, build_table

SEPARATORS = (";", ",", "\t", "|")
"""In the order in which a tie is decided: decimal commas make the comma the weaker sign."""

SAMPLE_RECORDS_MAX = 200
HINT = "sep="
"""A first line ``sep=;`` is how spreadsheet programs say their separator."""


def read_separated(content: bytes) -> Table:
    """Return the table in the bytes of a text file.

    Raises:
        FileUnreadable: one of its kinds, as ``read_table`` promises.
    """
    text, encoding = decode(content)
    text, separator, line_first = _without_hint(text)
    separator = separator or _find_separator(text)
    problems: list[RowProblem] = []
    records = list(_records(text, separator=separator, line_first=line_first, problems=problems))
    table = build_table(encoding=encoding, separator=separator, records=records, problems=problems)
    _require_whole_end(text, table, line_last=records[-1].line)
    return table


def _without_hint(text: str) -> tuple[str, str | None, int]:
    """Return the text below a ``sep=`` line, the separator it names, and the number of its first line."""
    first, _, rest = text.partition("\n")
    separator = first.strip("\r")[len(HINT) :]
    if first.startswith(HINT) and separator in SEPARATORS:
        return rest, separator, 2
    return text, None, 1


def _find_separator(text: str) -> str:
    """Return the separator that cuts most records into as many cells as the first one has; a comma if none does."""
    fits = {separator: _fit(text, separator) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: fits[separator])
    return best if fits[best] > (0, 0) else ","


def _fit(text: str, separator: str) -> tuple[int, int]:
    """Return how many records have as many cells as the first, and that number; nothing for a single column."""
    records = _sample(text, separator)
    columns = len(records[0]) if records else 0
    if columns <= 1:
        return (0, 0)
    return (sum(len(record) == columns for record in records), columns)


def _sample(text: str, separator: str) -> list[list[str]]:
    """Return the first records that are not blank, read without complaint."""
    filled = filter(None, csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    sample: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        sample.extend(itertools.islice(filled, SAMPLE_RECORDS_MAX))
    return sample


def _records(text: str, *, separator: str, line_first: int, problems: list[RowProblem]) -> Iterator[TableRow]:
    """Yield each record with the line where it begins; badly quoted ones go to ``problems``.

    Raises:
        FileTruncated: a quotation mark is never closed.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + line_first
        try:
            record = next(reader, None)
        except csv.Error as error:
            problems.append(_problem(error, line))
            continue
        if record is None:
            return
        yield TableRow(line, tuple(record))


def _problem(error: csv.Error, line: int) -> RowProblem:
    """Return what is wrong with one record, or refuse the file where the reader lost its place."""
    if "expected after" not in str(error):
        raise FileTruncated(
            "The quotation mark that opens in the record at line {line} is never closed.", line=line
        ) from error
    return RowProblem(line, "bad_quotes", found="text after a closing quotation mark", expected="a separator")


def _require_whole_end(text: str, table: Table, *, line_last: int) -> None:
    """Refuse a file whose last record is cut short and does not end its line."""
    is_cut = bool(table.problems) and table.problems[-1].line == line_last and not text.endswith(("\n", "\r"))
    if is_cut:
        raise FileTruncated("The last row, at line {line}, is not complete.", line=line_last)
