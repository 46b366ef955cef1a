"""The rows of an award file: each read into an award, or refused with its reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rewards_service.earning.award_files.aliases import Field
from rewards_service.earning.award_files.cells import FOUND_CHARACTERS_MAX, Cells, RefusedRow, RowRefused
from rewards_service.earning.award_files.mapping import AwardMapping, ProgramHabits
from rewards_service.earning.award_files.people import Person, PersonKey, PersonReader
from rewards_service.earning.award_files.values import Earned, read_day, read_earned
from rewards_service.kit.tabular import Table

REFERENCE_CHARACTERS_MAX = 200
REASON_CHARACTERS_MAX = 200


Content = tuple[PersonKey, Earned, str, date | None, date | None]


@dataclass(frozen=True, slots=True)
class AwardRow:
    """One award that can be made, and the codes of what is worth a note about its row."""

    line: int
    reference: str
    person: Person
    earned: Earned
    reason: str
    earned_on: date | None
    expires_on: date | None
    notes: tuple[str, ...]

    @property
    def content(self) -> Content:
        """What must be equal where the same reference comes again."""
        return (self.person.key, self.earned, self.reason, self.earned_on, self.expires_on)


def read_rows(
    table: Table, *, mapping: AwardMapping, habits: ProgramHabits, people: PersonReader
) -> Iterator[AwardRow | RefusedRow]:
    """Yield what each row of ``table`` is, the ones that did not fit the header first."""
    for problem in table.problems:
        yield RefusedRow(problem.line, "", problem.code, problem.found[:FOUND_CHARACTERS_MAX], problem.expected)
    for row in table.rows:
        cells = Cells(row, mapping.columns, table.header)
        try:
            yield _read_row(cells, people=people, mapping=mapping, habits=habits)
        except RowRefused as refusal:
            yield refusal.row


def _read_row(cells: Cells, *, people: PersonReader, mapping: AwardMapping, habits: ProgramHabits) -> AwardRow:
    """Return the award in one row.

    Raises:
        RowRefused: names the column, what was found and what was expected.
    """
    reference = cells.text(Field.REFERENCE, characters_max=REFERENCE_CHARACTERS_MAX)
    if not reference:
        raise cells.refused(Field.REFERENCE, "reference_missing", "the sender's own number of the award")
    return AwardRow(
        line=cells.row.line,
        reference=reference,
        earned=read_earned(cells, mapping=mapping, habits=habits),
        earned_on=read_day(cells, Field.EARNED_ON, mapping=mapping),
        expires_on=read_day(cells, Field.EXPIRES_ON, mapping=mapping),
        person=people.read(cells),
        reason=cells.text(Field.REASON, characters_max=REASON_CHARACTERS_MAX),
        notes=tuple(dict.fromkeys(cells.notes)),
    )
