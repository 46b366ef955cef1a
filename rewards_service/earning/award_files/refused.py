"""The rows of a file that were refused, as a file of their own: same columns, and the reason behind them."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rewards_service.earning.award_files.cells import RefusedRow
from rewards_service.kit.tabular import Table
from rewards_service.kit.tabular.formulas import neutralise

REFUSED_SUFFIX = ".refused.csv"
REASON_COLUMN = "reason"
UNIVERSAL_ENCODING = "utf-8-sig"
"""With its mark, so that spreadsheet programs recognise it."""


def refused_path(path: Path) -> Path:
    """Return where the refused rows of the file at ``path`` go: beside it."""
    return path.with_name(path.name + REFUSED_SUFFIX)


def refused_content(table: Table, refused: Sequence[RefusedRow]) -> bytes:
    """Return the file of refused rows, written like the file they came from, with no cell that would run.

    A row that did not fit the header has lost its cells; its reason names its line.
    """
    cells = {row.line: row.cells for row in table.rows}
    blank = ("",) * len(table.header)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=table.separator or ",", lineterminator="\r\n")
    writer.writerow([*map(neutralise, table.header), REASON_COLUMN])
    for row in sorted(refused, key=lambda known: known.line):
        writer.writerow([*map(neutralise, cells.get(row.line, blank)), _reason(row)])
    return _encoded(text.getvalue(), table.encoding)


def without_reasons(table: Table, *, name: str) -> Table:
    """Return a file of refused rows that somebody mended as the file it came from; any other file as it is."""
    if not name.endswith(REFUSED_SUFFIX) or table.header[-1] != REASON_COLUMN:
        return table
    rows = tuple(replace(row, cells=row.cells[:-1]) for row in table.rows)
    return replace(table, header=table.header[:-1], rows=rows)


def _reason(row: RefusedRow) -> str:
    """Return why a row was refused, in one cell that begins with a word."""
    where = f"line {row.line}, {row.column}" if row.column else f"line {row.line}"
    return f"{where}: {row.code}; found {row.found or 'nothing'}; expected {row.expected}"


def _encoded(text: str, encoding: str) -> bytes:
    """Return ``text`` in the encoding of the file it came from, or in one that has every sign."""
    try:
        return text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.encode(UNIVERSAL_ENCODING)
