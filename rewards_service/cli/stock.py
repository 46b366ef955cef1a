"""``rewards stock``: vouchers that were bought come in from files, and how many are left."""

import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from rewards_service.cli.context import EXIT_REFUSED, emit, json_option, with_services
from rewards_service.cli.items import item_by_reference
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.errors import ValidationFailed
from rewards_service.kit.money import Money
from rewards_service.kit.services import Services
from rewards_service.kit.tabular import read_table
from rewards_service.programs.models import Program
from rewards_service.programs.policy import local_day
from rewards_service.programs.queries import program_by_reference, programs_of
from rewards_service.stock.operations import StockImported, import_stock
from rewards_service.stock.queries import StockLevel, stock_levels

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
REFUSED_SHOWN_MAX = 50

program_option = click.option(
    "--program", "program_reference", help="Whose stock: needed where there are several organizations."
)


class ProgramNeeded(ValidationFailed):
    """There are several organizations, or none, so nobody can tell whose stock it is."""

    code = "program_needed"
    title = "Say whose stock it is with --program"


@click.group()
def stock() -> None:
    """Keep vouchers in stock."""


@stock.command("import")
@click.argument("path", metavar="FILE", type=FILE)
@click.option("--item", "item_reference", required=True, help="The item's id, or its supplier's reference.")
@program_option
@json_option
@with_services
def import_vouchers(
    services: Services, *, path: Path, item_reference: str, program_reference: str | None, as_json: bool
) -> None:
    """Take vouchers of an item from FILE: CSV in any usual form, or XLSX.

    Numbers and PINs are sealed; a number that is there already is left alone, so the same file again changes nothing.
    Exit status 1 when a row was refused.
    """
    table = read_table(path)
    now = services.clock.now()

    def take(session: Session) -> tuple[StockImported, str]:
        item = item_by_reference(session, reference=item_reference)
        program = _program(session, reference=program_reference)
        done = import_stock(
            session,
            program=program,
            item=item,
            table=table,
            file_name=path.name,
            vault=services.vault,
            actor=SYSTEM,
            now=now,
        )
        return done, item.currency

    done, currency = transact(take)
    emit({**asdict(done), "currency": currency}, as_json=as_json, text=_as_text(done, currency=currency))
    if done.refused:
        sys.exit(EXIT_REFUSED)


@stock.command("list")
@program_option
@json_option
@with_services
def list_stock(services: Services, *, program_reference: str | None, as_json: bool) -> None:
    """Show how many vouchers are left, by item and face value."""
    with read_session() as session:
        levels = _levels(session, reference=program_reference, now=services.clock.now())
    for level in levels:
        emit({**asdict(level), "is_low": level.is_low}, as_json=as_json, text=_as_line(level))
    if not (levels or as_json):
        click.echo("Nothing is in stock.")


def _levels(session: Session, *, reference: str | None, now: datetime) -> list[StockLevel]:
    """Return what is left on the program's day."""
    program = _program(session, reference=reference)
    today = local_day(now, program.time_zone)
    return stock_levels(session, organization_id=program.organization_id, today=today)


def _program(session: Session, *, reference: str | None) -> Program:
    """Return the program named, or the first of the only organization: a stock is the organization's.

    Raises:
        ProgramNotFound: there is none of that name.
        ProgramNeeded: nobody was named, and it matters.
    """
    if reference is not None:
        return program_by_reference(session, reference=reference)
    programs = programs_of(session)
    if len({program.organization_id for program in programs}) != 1:
        raise ProgramNeeded
    return programs[0]


def _as_text(done: StockImported, *, currency: str) -> str:
    """Return what an import came to, for a person."""
    cost = Money(done.cost_minor, currency).format("en")
    lines = [f"{done.new} new vouchers for {cost}, {done.already_there} there already, {len(done.refused)} refused."]
    lines += [
        f"  line {row.line}, {row.column or 'row'}: {row.code} (found {row.found!r}, expected {row.expected})"
        for row in done.refused[:REFUSED_SHOWN_MAX]
    ]
    if len(done.refused) > REFUSED_SHOWN_MAX:
        lines.append(f"  … and {len(done.refused) - REFUSED_SHOWN_MAX} more; --json shows all.")
    return "\n".join(lines)


def _as_line(level: StockLevel) -> str:
    """Return how many of a face value are left, for a person."""
    face = Money(level.face_value_minor, level.currency).format("en")
    return f"{level.available:6}  {face:>10}  {level.item_title}{'  LOW' if level.is_low else ''}"
