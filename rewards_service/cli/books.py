"""``rewards books export``: the books for other programs."""

from datetime import date, datetime
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.cli.context import emit, fail, json_option, with_services
from rewards_service.finance.books import BOOK_FORMATS, export_books
from rewards_service.kit.database import read_session
from rewards_service.kit.services import Services
from rewards_service.programs.models import Organization
from rewards_service.programs.policy import local_day
from rewards_service.programs.queries import organization_by_reference

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def books() -> None:
    """Copy the books for other programs."""


@books.command("export")
@click.option("--format", "book_format", type=click.Choice(sorted(BOOK_FORMATS)), required=True)
@click.option("--from", "first", type=DAY, help="First day; without it the books begin with their first entry.")
@click.option("--to", "last", type=DAY, help="Last day; without it, today.")
@click.option("--organization", help="Whose books, where there are several; an id or an external id.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@json_option
@with_services
def export(
    services: Services,
    *,
    book_format: str,
    first: datetime | None,
    last: datetime | None,
    organization: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """Write the books to a file that beancount, hledger or a spreadsheet reads, balances asserted."""
    try:
        with read_session() as session:
            owner = _owner(session, reference=organization)
            exported = export_books(
                session,
                organization=owner,
                book_format=book_format,
                first_day=_day(first),
                last_day=_day(last),
                today=local_day(services.clock.now(), owner.time_zone),
                out=out,
            )
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}")
    days = {"from": exported.first_day.isoformat(), "to": exported.last_day.isoformat()}
    emit(
        {"out": str(out), "format": book_format, **days, "lines": exported.lines},
        as_json=as_json,
        text=f"{out}: {exported.lines} lines, {days['from']} to {days['to']}",
    )


def _owner(session: Session, *, reference: str | None) -> Organization:
    """Return the organization of that reference, or the only one there is."""
    if reference is not None:
        return organization_by_reference(session, reference=reference)
    found = session.scalars(select(Organization).order_by(Organization.id).limit(2)).all()
    if len(found) != 1:
        raise click.UsageError("Say whose books with --organization." if found else "There are no books yet.")
    return found[0]


def _day(moment: datetime | None) -> date | None:
    """Return the day that was given."""
    return moment.date() if moment is not None else None
