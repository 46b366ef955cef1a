"""The own shape as CSV: a header, then one item per line; comma, semicolon or tab separates.

Columns are the fields of ``catalog.imports.own``; ``countries`` is written ``DE AT``, ``fixed`` is ``10=9.20 25`` (a
face value, and after ``=`` its cost in ``cost_currency``), the open range is ``open_min``, ``open_max`` and
``open_cost_percent``.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from catalog.errors import CatalogFileRefused, RowProblem
from catalog.imports.own import REQUIRED_FIELDS, TEXT_FIELDS
from catalog.imports.rows import Values

SEPARATORS = ",;\t"
COLUMNS = frozenset(
    {*REQUIRED_FIELDS, *TEXT_FIELDS, "countries", "fixed", "cost_currency", "open_min", "open_max", "open_cost_percent"}
)
_BEYOND_HEADER = "beyond the header"
"""Where cells go that the header has no name for; the own shape does not know the field, so the line is refused."""


def read_lines(text: str) -> Iterator[tuple[int, Values]]:
    """Yield (line number, values of the own shape) of every line that is not blank.

    Raises:
        CatalogFileRefused: the header lacks a column or has a strange one, or the file ends within quotes.
    """
    separator = max(SEPARATORS, key=text.partition("\n")[0].count)
    lines = _number_lines(text, separator)
    header = [name.strip() for name in next(lines)[1]]
    _require_columns(header)
    for line, cells in lines:
        if cells:
            yield line, _to_values(header, cells)


def _number_lines(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (the line it begins in, cells) of every record; one with line ends in quotes takes several lines.

    Raises:
        CatalogFileRefused: the record that begins in a line never ends, or has a cell beyond any sense.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise CatalogFileRefused([RowProblem(line, "", "csv_invalid", f"the file is not CSV: {error}")]) from error


def _require_columns(header: Sequence[str]) -> None:
    """Refuse a header that lacks a required column, or has an unknown or repeated one."""
    problems = [
        RowProblem(1, name, "column_missing", "this column is needed") for name in REQUIRED_FIELDS if name not in header
    ]
    problems += [
        RowProblem(1, name[:40], "column_unknown", "this column is not part of the shape")
        for name in header
        if name not in COLUMNS
    ]
    problems += [
        RowProblem(1, name, "column_repeated", "this column stands twice")
        for name in sorted(set(header))
        if name in COLUMNS and header.count(name) > 1
    ]
    if problems:
        raise CatalogFileRefused(problems)


def _to_values(header: Sequence[str], line: Sequence[str]) -> Values:
    """Return the cells of a line as the JSON shape has them."""
    cells = dict(zip(header, line, strict=False))
    values: dict[str, object] = {name: cells[name] for name in (*REQUIRED_FIELDS, *TEXT_FIELDS) if name in cells}
    if len(line) > len(header):
        values[_BEYOND_HEADER] = line[len(header)]
    values["countries"] = cells.get("countries", "").split()
    cost_currency = cells.get("cost_currency") or None
    values["fixed"] = [_to_fixed(written, cost_currency) for written in cells.get("fixed", "").split()]
    opened = {name: cells.get(f"open_{name}") for name in ("min", "max", "cost_percent")}
    if any(opened.values()):
        values["open"] = opened
    return values


def _to_fixed(written: str, cost_currency: str | None) -> Values:
    """Return ``25=23.75`` or ``25`` as the JSON shape has it."""
    face_value, has_cost, cost = written.partition("=")
    return {"face_value": face_value, "cost": cost if has_cost else None, "cost_currency": cost_currency}
