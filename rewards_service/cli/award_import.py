"""How an award file goes into the database: in short transactions, in one, or only for show."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from sqlalchemy.orm import Session

from rewards_service.earning.award_files.cells import RefusedRow
from rewards_service.earning.award_files.file import AwardFile
from rewards_service.earning.award_files.rows import AwardRow
from rewards_service.earning.operations import ImportedRows, import_award_rows
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.clock import Clock
from rewards_service.kit.database import transact
from rewards_service.programs.queries import program_by_id

ROWS_PER_TRANSACTION = 10
"""About 50 ms of SQLite's one writer: an order that waits for it does not notice."""

Rows = list[AwardRow | RefusedRow]


class _Undone(Exception):
    """Carries what was done out of a transaction that is to leave nothing behind."""

    def __init__(self, done: ImportedRows) -> None:
        self.done = done
        super().__init__("rolled back on purpose")


@dataclass(frozen=True, slots=True)
class AwardImport:
    """One file on its way into one program; ``advance`` is told how many rows are behind.

    Where it ``is_announced``, everybody is told of what is new.
    """

    file: AwardFile
    program_id: int
    clock: Clock
    advance: Callable[[int], None]
    is_announced: bool = False

    def keep_good_rows(self) -> ImportedRows:
        """Import every row that can be, a few at a time; what is in stays in when the rest is interrupted."""
        return self._in_steps(transact)

    def rehearse(self) -> ImportedRows:
        """Do the same and keep nothing."""
        return self._in_steps(_rolled_back)

    def keep_all_or_nothing(self) -> ImportedRows:
        """Import every row in one transaction, or keep nothing when one is refused."""

        def import_all(session: Session) -> ImportedRows:
            done = ImportedRows()
            for rows in self._chunks():
                done.add(self._import(session, rows=rows, done=done))
            if done.refused:
                raise _Undone(done)
            return done

        try:
            return transact(import_all)
        except _Undone as undone:
            return undone.done

    def _in_steps(self, run: Callable[[Callable[[Session], ImportedRows]], ImportedRows]) -> ImportedRows:
        """Import the file in many transactions, each of which ``run`` carries out."""
        done = ImportedRows()
        for rows in self._chunks():
            done.add(run(partial(self._import, rows=rows, done=done)))
        return done

    def _import(self, session: Session, *, rows: Rows, done: ImportedRows) -> ImportedRows:
        """Import some rows in an open transaction."""
        return import_award_rows(
            session,
            program=program_by_id(session, program_id=self.program_id),
            file=self.file,
            rows=rows,
            known=done.contents,
            actor=SYSTEM,
            now=self.clock.now(),
            is_announced=self.is_announced,
        )

    def _chunks(self) -> Iterator[Rows]:
        """Yield the rows of the file, as many at a time as one transaction takes."""
        rows = self.file.rows()
        while chunk := list(islice(rows, ROWS_PER_TRANSACTION)):
            yield chunk
            self.advance(len(chunk))


def _rolled_back(operation: Callable[[Session], ImportedRows]) -> ImportedRows:
    """Run ``operation`` in a transaction of which nothing stays."""

    def undo(session: Session) -> ImportedRows:
        raise _Undone(operation(session))

    try:
        return transact(undo)
    except _Undone as undone:
        return undone.done
