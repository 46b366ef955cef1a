"""Programs told from outside: the same content again is the same program, and lists of them come in pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.kit.paging import Listing, Page, fetch_page
from rewards_service.kit.signing import Signer
from rewards_service.programs.models import Organization, Program, RateVersion
from rewards_service.programs.operations import ExternalIdTaken, create_program

PROGRAMS = Listing(name="programs", keys=(Program.id,))


@dataclass(frozen=True, slots=True)
class ProgramTerms:
    """What a program is when it begins.

    Attributes:
        rate_units, rate_minor: so many points are worth so many smallest units of ``currency``.
    """

    external_id: str
    name: str
    unit: str
    currency: str
    time_zone: str
    locale: str
    rate_units: int
    rate_minor: int


@dataclass(frozen=True, slots=True)
class ToldProgram:
    """A program, and whether this call made it."""

    program: Program
    is_new: bool


def tell_program(session: Session, *, organization_id: int, terms: ProgramTerms, now: datetime) -> ToldProgram:
    """Create a program, or return the one that was told before with the same content.

    Programs of one organization are told one after the other: its row is locked meanwhile.

    Raises:
        ExternalIdTaken: the external id, or the name it has in the books, is used by a program with other content.
        ValidationFailed: a field has no usable value; ``problems`` names each.
    """
    organization = session.get_one(Organization, organization_id, with_for_update={"key_share": True})
    known = session.scalar(
        select(Program).where(Program.organization_id == organization_id, Program.external_id == terms.external_id)
    )
    if known is not None:
        if _terms_of(session, known) != terms:
            raise ExternalIdTaken
        return ToldProgram(known, is_new=False)
    return ToldProgram(_create(session, organization=organization, terms=terms, now=now), is_new=True)


def list_programs(
    session: Session,
    *,
    organization_id: int,
    program_ids: Collection[int] | None,
    signer: Signer,
    cursor: str | None,
    limit: int,
) -> Page[Program]:
    """Return a page of an organization's programs, oldest first; ``program_ids`` limits them to some.

    Raises:
        CursorInvalid: ``cursor`` is not one of this list.
    """
    statement = select(Program.id, Program).where(Program.organization_id == organization_id)
    if program_ids is not None:
        statement = statement.where(Program.id.in_(program_ids))
    page = fetch_page(session, statement, listing=PROGRAMS, signer=signer, cursor=cursor, limit=limit)
    return Page([row.Program for row in page.items], page.next_cursor)


def rates_in_force(session: Session, *, program_ids: Collection[int], now: datetime) -> dict[int, RateVersion]:
    """Return the points rate of each program that is valid at ``now``, by the program's key."""
    versions = session.scalars(
        select(RateVersion)
        .where(RateVersion.program_id.in_(program_ids), RateVersion.valid_from <= now)
        .order_by(RateVersion.valid_from, RateVersion.version)
    )
    return {version.program_id: version for version in versions}


def programs_by_key(session: Session, *, program_ids: Collection[int]) -> dict[int, Program]:
    """Return programs by internal key, all in one statement."""
    return {program.id: program for program in session.scalars(select(Program).where(Program.id.in_(program_ids)))}


def _create(session: Session, *, organization: Organization, terms: ProgramTerms, now: datetime) -> Program:
    """Create the program that these terms describe."""
    return create_program(
        session,
        organization=organization,
        external_id=terms.external_id,
        name=terms.name,
        unit=terms.unit,
        currency=terms.currency,
        time_zone=terms.time_zone,
        locale=terms.locale,
        rate_units=terms.rate_units,
        rate_minor=terms.rate_minor,
        now=now,
    )


def _terms_of(session: Session, program: Program) -> ProgramTerms:
    """Return what a program was when it began."""
    first = session.scalars(select(RateVersion).filter_by(program_id=program.id, version=1)).one()
    assert program.points_unit is not None, "every program begins with its points"
    return ProgramTerms(
        external_id=program.external_id,
        name=program.name,
        unit=program.points_unit.symbol,
        currency=program.currency,
        time_zone=program.time_zone,
        locale=program.locale,
        rate_units=first.units,
        rate_minor=first.minor,
    )
