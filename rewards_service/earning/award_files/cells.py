"""The cells of one row by what they mean, and why a row is refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rewards_service.earning.award_files.aliases import Field
from rewards_service.kit.tabular import TableRow
from rewards_service.kit.tabular.formulas import is_formula, restore

FOUND_CHARACTERS_MAX = 80
"""How much of a cell is quoted in a reason."""

FORMULA_KEPT = "formula_kept_as_text"
CONTROLS_REMOVED = "control_characters_removed"

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control signs, line breaks, and marks that turn the direction of writing."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """Why one row was refused; ``column`` is empty where the row as a whole does not fit."""

    line: int
    column: str
    code: str
    found: str
    expected: str


class RowRefused(Exception):
    """A row cannot become an award; ``row`` says why. It stays inside the reading of one file."""

    def __init__(self, row: RefusedRow) -> None:
        self.row = row
        super().__init__(row.code)


@dataclass(slots=True)
class Cells:
    """One row of a file, read by meaning; ``notes`` gathers the codes of what is worth telling about it."""

    row: TableRow
    columns: Mapping[Field, int]
    header: Sequence[str]
    notes: list[str] = field(default_factory=list)

    def raw(self, wanted: Field) -> str:
        """Return the cell as it was before anybody neutralised it, or nothing where the file has no such column."""
        index = self.columns.get(wanted)
        return "" if index is None else restore(self.row.cells[index])

    def text(self, wanted: Field, *, characters_max: int) -> str:
        """Return the cell as text that may be kept: control signs and outer spaces removed, a formula noted.

        Raises:
            RowRefused: it is longer than what is kept of it.
        """
        cell = self.raw(wanted).strip()
        plain = cell if cell.isprintable() else " ".join(_CONTROLS.sub(" ", cell).split())
        if plain is not cell and _CONTROLS.search(cell):
            self.notes.append(CONTROLS_REMOVED)
        if is_formula(plain):
            self.notes.append(FORMULA_KEPT)
        if len(plain) > characters_max:
            raise self.refused(wanted, "text_too_long", f"at most {characters_max} symbols")
        return plain

    def refused(self, wanted: Field, code: str, expected: str, *, found: str | None = None) -> RowRefused:
        """Return the refusal of the row for what is in one of its columns."""
        index = self.columns.get(wanted)
        cell = self.raw(wanted) if found is None else found
        column = "" if index is None else self.header[index]
        return RowRefused(RefusedRow(self.row.line, column, code, cell[:FOUND_CHARACTERS_MAX], expected))
