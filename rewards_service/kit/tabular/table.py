"""A table as it was read, and the limits of what is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rewards_service.kit.tabular.errors import FileEmpty, FileTooLarge, FileUnreadable

FILE_BYTES_MAX = 64 * 1024 * 1024
UNPACKED_BYTES_MAX = 256 * 1024 * 1024
"""What an XLSX file may unfold to: a small archive can hold very much."""

ROWS_MAX = 500_000
COLUMNS_MAX = 200
CELL_CHARACTERS_MAX = 32_767
"""The limit of spreadsheet programs (ECMA-376)."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: the line where it begins in the file (the first line is 1), and as many cells as the header has."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why one row was left out: a stable code, what was found and what was expected."""

    line: int
    code: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class Table:
    """A file read as a table.

    Attributes:
        encoding: the Python name of the text encoding, or ``"xlsx"``.
        separator: what stands between cells; ``None`` in a workbook.
        header: the names of the columns, without outer white space; a column may have none.
        rows: the rows that fit the header, blank ones left out; cells are as they stand in the file.
        problems: the rows that do not fit, by line.
    """

    encoding: str
    separator: str | None
    header: tuple[str, ...]
    rows: tuple[TableRow, ...]
    problems: tuple[RowProblem, ...]


def build_table(
    *, encoding: str, separator: str | None, records: Iterable[TableRow], problems: Sequence[RowProblem] = ()
) -> Table:
    """Return the table whose first record that is not blank is its header.

    Raises:
        FileEmpty: there is no row below a header.
        FileUnreadable: the header is badly quoted.
        FileTooLarge: there are more than ``ROWS_MAX`` rows or ``COLUMNS_MAX`` columns.
    """
    filled = [record for record in records if any(cell.strip() for cell in record.cells)]
    _require_header(filled, problems)
    header = _without_blank_end([name.strip() for name in filled[0].cells])
    _require_limits(rows=len(filled) - 1, columns=len(header))
    fitted = [_fit(record, columns=len(header)) for record in filled[1:]]
    ragged = [row for row in fitted if isinstance(row, RowProblem)]
    return Table(
        encoding=encoding,
        separator=separator,
        header=tuple(header),
        rows=tuple(row for row in fitted if isinstance(row, TableRow)),
        problems=tuple(sorted([*problems, *ragged], key=lambda problem: problem.line)),
    )


def _require_header(filled: Sequence[TableRow], problems: Sequence[RowProblem]) -> None:
    """Refuse a table without a header that can be read, or with nothing below it."""
    if not filled or len(filled) + len(problems) <= 1:
        raise FileEmpty
    if problems and problems[0].line < filled[0].line:
        raise FileUnreadable("The header, at line {line}, cannot be read.", line=problems[0].line)


def _require_limits(*, rows: int, columns: int) -> None:
    """Refuse a table that is too long or too wide."""
    if rows > ROWS_MAX:
        raise FileTooLarge("The file has {found} rows; {limit} are read at most.", found=rows, limit=ROWS_MAX)
    if columns > COLUMNS_MAX:
        raise FileTooLarge("The file has {found} columns; {limit} are read at most.", found=columns, limit=COLUMNS_MAX)


def _fit(record: TableRow, *, columns: int) -> TableRow | RowProblem:
    """Return the record with exactly ``columns`` cells, or what is wrong; surplus blank cells are dropped."""
    cells = record.cells
    if len(cells) > columns and not any(cell.strip() for cell in cells[columns:]):
        cells = cells[:columns]
    if len(cells) != columns:
        return RowProblem(record.line, "ragged_row", found=f"{len(cells)} cells", expected=f"{columns} cells")
    longest = max(len(cell) for cell in cells)
    if longest > CELL_CHARACTERS_MAX:
        return RowProblem(
            record.line, "cell_too_long", found=f"{longest} symbols", expected=f"at most {CELL_CHARACTERS_MAX}"
        )
    return TableRow(record.line, cells)


def _without_blank_end(names: list[str]) -> list[str]:
    """Return ``names`` without empty ones at the end, which a separator after the last column leaves behind."""
    while names and not names[-1]:
        names.pop()
    return names
