"""An award file, opened: how it is read, its rows in the order of the file, and the people they are about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rewards_service.earning.award_files.cells import RefusedRow
from rewards_service.earning.award_files.mapping import AwardMapping, GivenMapping, ProgramHabits, read_mapping
from rewards_service.earning.award_files.people import Person, PersonKey, PersonReader, gather_people
from rewards_service.earning.award_files.rows import AwardRow, read_rows
from rewards_service.kit.tabular import Table


@dataclass(frozen=True, slots=True)
class AwardFile:
    """A file of awards for one program.

    Attributes:
        name: what the file is called, without its folder; members read it where they look up what they earned.
        people: everybody in the rows that can be read, by ``Person.key``.
        reader: remembers the addresses of the first reading for the second.
    """

    name: str
    table: Table
    habits: ProgramHabits
    mapping: AwardMapping
    people: Mapping[PersonKey, Person]
    reader: PersonReader

    @property
    def row_count(self) -> int:
        """How many rows there are below the header, readable or not."""
        return len(self.table.rows) + len(self.table.problems)

    def rows(self) -> Iterator[AwardRow | RefusedRow]:
        """Yield each row as an award or as a refusal."""
        return read_rows(self.table, mapping=self.mapping, habits=self.habits, people=self.reader)


def open_award_file(table: Table, *, name: str, habits: ProgramHabits, given: GivenMapping | None = None) -> AwardFile:
    """Return the file whose content is ``table``; ``given`` goes before what is detected.

    Raises:
        MappingUnusable, ColumnAmbiguous, ColumnsMissing: which column is what is not clear.
        AmountsAmbiguous: which sign stands before decimals is not clear.
    """
    mapping = read_mapping(table, habits=habits, given=given)
    reader = PersonReader(region=mapping.region)
    rows = read_rows(table, mapping=mapping, habits=habits, people=reader)
    people = gather_people(row.person for row in rows if isinstance(row, AwardRow))
    return AwardFile(name, table, habits, mapping, people, reader)
