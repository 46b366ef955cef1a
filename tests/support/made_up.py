"""Made-up organizations and programs, with the figures of the demo: points, EUR, 100 points to the euro."""

from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.programs.models import Organization, Program
from rewards_service.programs.operations import create_organization, create_program


def make_program(session: Session, *, external_id: str, now: datetime) -> Program:
    """Create an organization and in it a program, both called ``external_id``; 1 point is 1 cent."""
    organization = create_organization(
        session,
        external_id=external_id,
        name=f"{external_id.capitalize()} Ltd",
        functional_currency="EUR",
        time_zone="Europe/Berlin",
        now=now,
    )
    return add_program(session, organization=organization, external_id=external_id, unit="PTS", now=now)


def add_program(session: Session, *, organization: Organization, external_id: str, unit: str, now: datetime) -> Program:
    """Create one more program of an organization; 1 point is 1 cent."""
    return create_program(
        session,
        organization=organization,
        external_id=external_id,
        name=f"{external_id.capitalize()} rewards",
        unit=unit,
        currency="EUR",
        time_zone="Europe/Berlin",
        locale="en",
        rate_units=100,
        rate_minor=100,
        now=now,
    )
