"""Reads of organizations and programs."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from rewards_service.kit.errors import NotFound, ValidationFailed
from rewards_service.programs.models import Offer, Organization, Partner, Program, RateVersion, Unit
from rewards_service.programs.policy import Rate

_RATE_IN_FORCE = (
    select(RateVersion)
    .where(RateVersion.program_id == bindparam("of_program"), RateVersion.valid_from <= bindparam("at"))
    .order_by(RateVersion.valid_from.desc(), RateVersion.version.desc())
    .limit(1)
)


class ProgramNotFound(NotFound):
    """The organization has no such program."""

    title = "There is no such program"


class UnitNotOfProgram(ValidationFailed):
    """The value unit is not one that the program issues."""

    code = "unit_not_of_program"
    title = "This program does not issue that unit"


class ParRate:
    """The rate of value promised in a currency: one to one, and not changeable."""

    units = 1
    minor = 1


PAR = ParRate()


def organization_by_reference(session: Session, *, reference: str) -> Organization:
    """Return the organization of that public or external id.

    Raises:
        NotFound: there is none.
    """
    found = session.scalar(
        select(Organization).where(or_(Organization.public_id == reference, Organization.external_id == reference))
    )
    if found is None:
        raise NotFound
    return found


def organizations(session: Session) -> list[Organization]:
    """Return all organizations of the installation, oldest first."""
    return list(session.scalars(select(Organization).order_by(Organization.id)))


def program_by_reference(session: Session, *, reference: str, organization_id: int | None = None) -> Program:
    """Return the program of that public or external id; ``organization_id`` none means the whole installation.

    Raises:
        ProgramNotFound: there is none within the organization.
    """
    query = select(Program).where(or_(Program.public_id == reference, Program.external_id == reference))
    if organization_id is not None:
        query = query.where(Program.organization_id == organization_id)
    found = session.scalar(query.order_by(Program.id).limit(1))
    if found is None:
        raise ProgramNotFound
    return found


def program_by_id(session: Session, *, program_id: int) -> Program:
    """Return the program with that internal key, which exists."""
    return session.get_one(Program, program_id)


def programs_of(session: Session, *, organization_id: int | None = None) -> list[Program]:
    """Return the programs of an organization, or of the installation, oldest first."""
    query = select(Program).order_by(Program.id)
    if organization_id is not None:
        query = query.where(Program.organization_id == organization_id)
    return list(session.scalars(query))


def money_unit(session: Session, *, organization_id: int, currency: str) -> Unit:
    """Return the organization's unit of ``currency``.

    Raises:
        UnitNotOfProgram: the organization keeps no books in it.
    """
    return unit_by_symbol(session, organization_id=organization_id, symbol=currency)


def unit_by_symbol(session: Session, *, organization_id: int, symbol: str) -> Unit:
    """Return the unit that the books call ``symbol``.

    Raises:
        UnitNotOfProgram: the organization has none of that name.
    """
    found = session.scalar(select(Unit).where(Unit.organization_id == organization_id, Unit.symbol == symbol))
    if found is None:
        raise UnitNotOfProgram("{symbol} is not a unit of this organization.", symbol=symbol[:20])
    return found


def value_unit(program: Program, *, name: str | None) -> Unit:
    """Return the program's value unit that callers name: its points by symbol, its promises by ISO code; none: points.

    Raises:
        UnitNotOfProgram: the program issues nothing of that name.
    """
    for unit in (program.points_unit, program.promise_unit):
        if unit is not None and name in {None, unit.api_name, unit.symbol}:
            return unit
    raise UnitNotOfProgram("{unit} is not a unit of this program.", unit=(name or "")[:20])


def rate_in_force(session: Session, *, program_id: int, now: datetime) -> RateVersion:
    """Return the version of the points rate that is valid at ``now``; every program has one from its first moment."""
    return session.scalars(_RATE_IN_FORCE, {"of_program": program_id, "at": now}).one()


def rates_in_force(session: Session, *, program_ids: Collection[int], now: datetime) -> dict[int, RateVersion]:
    """Return the version of the points rate that is valid at ``now`` by the key of its program, for many at once."""
    query = select(RateVersion).where(RateVersion.program_id.in_(program_ids), RateVersion.valid_from <= now)
    return {
        rate.program_id: rate for rate in session.scalars(query.order_by(RateVersion.valid_from, RateVersion.version))
    }


def rate_of_unit(session: Session, *, unit: Unit, now: datetime) -> Rate:
    """Return what ``unit`` is worth: the program's rate for points, one to one for promises."""
    if unit.kind == "promise":
        return PAR
    assert unit.program_id is not None, "points belong to a program"
    return rate_in_force(session, program_id=unit.program_id, now=now)


def offer_of(session: Session, *, program_id: int, item_id: int) -> Offer | None:
    """Return what the program says about an item, or nothing where it says nothing."""
    return session.scalar(select(Offer).where(Offer.program_id == program_id, Offer.item_id == item_id))


def partner_by_external_id(session: Session, *, organization_id: int, external_id: str) -> Partner | None:
    """Return the partner with the sender's number, or nothing when it is new."""
    return session.scalar(
        select(Partner).where(Partner.organization_id == organization_id, Partner.external_id == external_id)
    )
