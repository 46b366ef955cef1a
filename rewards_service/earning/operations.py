"""Writes of imports: rows of a file become awards, each once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from rewards_service.earning.announcing import announce_award
from rewards_service.earning.award_files.aliases import Field
from rewards_service.earning.award_files.cells import RefusedRow, RowRefused
from rewards_service.earning.award_files.file import AwardFile
from rewards_service.earning.award_files.rows import AwardRow, Content
from rewards_service.earning.policy import award_units
from rewards_service.earning.queries import awards_of_references
from rewards_service.earning.recipients import Recipients
from rewards_service.kit.actor import Actor
from rewards_service.kit.errors import Refusal
from rewards_service.programs.models import Program
from rewards_service.programs.policy import Rate, end_of_day, local_day
from rewards_service.programs.queries import rate_in_force, value_unit
from rewards_service.wallets.models import Award
from rewards_service.wallets.operations import Awarded, AwardTerms, Recipient, award_value
from rewards_service.wallets.queries import living_wallet, wallet_by_id

CONFLICT = "external_id_conflict"
EXPECTED_SAME = "the content that this reference came with before, or a new reference"
EARNED_LATER = "earned_in_the_future"
NOBODY_TOLD = "nobody_told"
ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class ImportedRows:
    """What became of some rows.

    Attributes:
        new_units: the points of the new awards together.
        notes: how often each note was made about rows that were not refused.
        contents: what each reference among them stands for, so that the rest of the file can be held against it.
    """

    new: int = 0
    new_units: int = 0
    already_there: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    contents: dict[str, Content] = field(default_factory=dict)

    def add(self, later: "ImportedRows") -> None:
        """Count rows that came later in the file in."""
        self.new += later.new
        self.new_units += later.new_units
        self.already_there += later.already_there
        self.refused += later.refused
        self.notes += later.notes
        self.contents |= later.contents


def import_award_rows(
    session: Session,
    *,
    program: Program,
    file: AwardFile,
    rows: Sequence[AwardRow | RefusedRow],
    known: Mapping[str, Content],
    actor: Actor,
    now: datetime,
    is_announced: bool = False,
) -> ImportedRows:
    """Make an award of each of ``rows``, some rows of ``file``, and say what became of them.

    Where it ``is_announced``, whoever a new award goes to is told by email, else by a short message.
    ``known`` holds the contents of the references in the file's earlier rows. A refusal concerns its row alone: what
    the row would have written is undone.
    """
    readable = [row for row in rows if isinstance(row, AwardRow)]
    done = ImportedRows(refused=[row for row in rows if isinstance(row, RefusedRow)])
    chunk = _fetch_chunk(
        session, program=program, file=file, rows=readable, actor=actor, now=now, is_announced=is_announced
    )
    for row in readable:
        told = done.contents.get(row.reference) or known.get(row.reference)
        try:
            chunk.take(row, told=told, done=done)
        except RowRefused as refusal:
            done.refused.append(refusal.row)
        except Refusal as refusal:
            done.refused.append(RefusedRow(row.line, "", refusal.code, row.reference, str(refusal)))
    return done


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Rows that are imported in one transaction, with what was fetched for all of them."""

    session: Session
    program: Program
    file: AwardFile
    awards: Mapping[str, Award]
    recipients: Recipients
    rate: Rate
    actor: Actor
    now: datetime
    is_announced: bool

    def take(self, row: AwardRow, *, told: Content | None, done: ImportedRows) -> None:
        """Make an award of ``row`` unless it is there, and count it in ``done``.

        Raises:
            RowRefused: its reference stands for something else, in an earlier row or in an award that is there.
            Refusal: the award cannot be made.
        """
        award = self.awards.get(row.reference)
        if told is None and award is None:
            notes = self._make(row)
            done.new += 1
            done.new_units += self._units(row, rate=self.rate)
        else:
            self._require_same(row, told=told, award=award)
            notes = row.notes
            done.already_there += 1
        done.notes.update(notes)
        done.contents[row.reference] = row.content

    def _make(self, row: AwardRow) -> tuple[str, ...]:
        """Make the award, in a savepoint, and return the notes about its row."""
        with self.session.begin_nested():
            recipient, notes = self.recipients.settle(self.file.people[row.person.key], now=self.now)
            awarded = award_value(
                self.session,
                program=self.program,
                recipient=recipient,
                terms=self._terms(row),
                external_id=row.reference,
                actor=self.actor,
                now=self.now,
            )
        untold = self._announce(awarded, recipient=recipient)
        is_later = row.earned_on is not None and row.earned_on > local_day(self.now, self.program.time_zone)
        return (*row.notes, *notes, *((EARNED_LATER,) if is_later else ()), *untold)

    def _announce(self, awarded: Awarded, *, recipient: Recipient) -> tuple[str, ...]:
        """Tell of a new award where that is asked for; who cannot be told keeps it, and is noted."""
        if not self.is_announced or not awarded.is_new:
            return ()
        try:
            with self.session.begin_nested():
                is_told = announce_award(
                    self.session, program=self.program, award=awarded.award, recipient=recipient, now=self.now
                )
        except Refusal:
            is_told = False
        return () if is_told else (NOBODY_TOLD,)

    def _terms(self, row: AwardRow) -> AwardTerms:
        """Return what a row awards; its day begins, and its last day ends, in the program's time zone."""
        zone = self.program.time_zone
        return AwardTerms(
            value_units=self._units(row, rate=self.rate),
            unit=value_unit(self.program, name=self.file.habits.points),
            reason=row.reason,
            expires_at=end_of_day(row.expires_on, zone) if row.expires_on else None,
            earned_on=end_of_day(row.earned_on - ONE_DAY, zone) if row.earned_on else None,
            source_row=f"{self.file.name}:{row.line}",
        )

    def _units(self, row: AwardRow, *, rate: Rate) -> int:
        """Return the points that a row awards at ``rate``."""
        is_points = row.earned.unit == self.file.habits.points
        return award_units(smallest=row.earned.smallest, is_points=is_points, rate=rate)

    def _require_same(self, row: AwardRow, *, told: Content | None, award: Award | None) -> None:
        """Refuse a row whose reference stands for something else."""
        is_same = told == row.content if told is not None else award is not None and self._is_award(row, award)
        if not is_same:
            column = self.file.table.header[self.file.mapping.columns[Field.REFERENCE]]
            raise RowRefused(RefusedRow(row.line, column, CONFLICT, row.reference, EXPECTED_SAME))

    def _is_award(self, row: AwardRow, award: Award) -> bool:
        """Tell whether ``award`` is what ``row`` says, at the rate of its own time: a new rate makes no new award."""
        terms = self._terms(row)
        rate = rate_in_force(self.session, program_id=self.program.id, now=award.created_at)
        return (
            award.value_units == self._units(row, rate=rate)
            and (award.unit_id, award.reason, award.expires_at) == (terms.unit.id, terms.reason, terms.expires_at)
            and terms.earned_on in {None, award.earned_on}
            and self._holds(row, award)
        )

    def _holds(self, row: AwardRow, award: Award) -> bool:
        """Tell whether an award went to the person of a row, or waits for one of the person's addresses."""
        person = self.file.people[row.person.key]
        wallet = living_wallet(self.session, wallet=wallet_by_id(self.session, wallet_id=award.wallet_id))
        if wallet.member_id is None:
            return wallet.pending_address in {person.email, person.phone}
        member = self.recipients.find(person)
        return member is not None and member.id == wallet.member_id


def _fetch_chunk(
    session: Session,
    *,
    program: Program,
    file: AwardFile,
    rows: Sequence[AwardRow],
    actor: Actor,
    now: datetime,
    is_announced: bool,
) -> _Chunk:
    """Fetch what ``rows`` need in a few statements, however many they are."""
    return _Chunk(
        session,
        program=program,
        file=file,
        awards=awards_of_references(session, program_id=program.id, references={row.reference for row in rows}),
        recipients=Recipients(session, program=program, people=[file.people[row.person.key] for row in rows]),
        rate=rate_in_force(session, program_id=program.id, now=now),
        actor=actor,
        now=now,
        is_announced=is_announced,
    )
