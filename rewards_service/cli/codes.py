"""``rewards codes``: reward codes in numbers."""

import csv
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import click
from sqlalchemy.orm import Session

from rewards_service.cli.context import CommandContext, emit, fail, json_option, with_services
from rewards_service.codes.models import CodeBatch
from rewards_service.codes.operations import (
    CodeSettings,
    CodeTerms,
    code_settings,
    create_batch,
    export_batch,
    record_export,
    set_code_settings,
)
from rewards_service.codes.queries import batch_by_public_id, batch_progress
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.ids import new_public_id
from rewards_service.kit.jobs import JobState, Progress
from rewards_service.kit.services import Services
from rewards_service.programs.models import Unit
from rewards_service.programs.policy import end_of_day
from rewards_service.programs.queries import program_by_reference, value_unit

FILE_MODE = 0o600
LOOK_SECONDS = 0.5
LIVE_STATES = frozenset({JobState.PENDING, JobState.RUNNING})
HEADER = ("id", "code", "value_units", "unit", "expires_at")
EXPORT_REASON = "issued by command"


class RowWriter(Protocol):
    """What writes rows: a writer of ``csv``."""

    def writerow(self, row: Iterable[Any], /) -> object:
        """Write one row."""


@click.group()
def codes() -> None:
    """Issue reward codes."""


@codes.command("issue")
@click.option("--program", "reference", required=True, help="The program's id or external id.")
@click.option("--count", required=True, type=click.IntRange(min=1), help="How many codes.")
@click.option("--units", required=True, type=click.IntRange(min=1), help="What each is worth, in smallest units.")
@click.option("--unit", help="PTS, or a currency for value promised in it; default: the program's points.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The last day, in the program's time zone.")
@click.option("--external-id", help="Your own name for the batch; the same name again issues nothing new.")
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write the codes to this file.")
@json_option
@with_services
def issue(
    services: Services,
    *,
    reference: str,
    count: int,
    units: int,
    unit: str | None,
    expires: datetime | None,
    external_id: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """Issue COUNT codes and wait until they exist; the file is readable by you alone: treat it like cash."""
    now = services.clock.now()
    name = external_id or new_public_id("cli", now=now)

    def ask(session: Session) -> CodeBatch:
        program = program_by_reference(session, reference=reference)
        ends = end_of_day(expires.date(), program.time_zone) if expires else None
        terms = CodeTerms(units, value_unit(program, name=unit), expires_at=ends)
        return create_batch(session, program=program, external_id=name, count=count, terms=terms, actor=SYSTEM, now=now)

    with _reserved(path):
        batch = transact(ask)
    progress = _wait(services, batch=batch)
    if progress.state is not JobState.DONE:
        _let_go(path)
        fail(f"Only {progress.done} of {count} codes were issued; `rewards jobs list` says why. {_again(batch)}")
    if path is not None:
        _write(services, batch=batch, path=path, now=now)
    result = {"id": batch.public_id, "external_id": name, "count": count, "file": str(path) if path else None}
    emit(result, as_json=as_json, text=f"{count} codes issued, batch {batch.public_id}." + (f" {path}" if path else ""))


@codes.command("settings")
@click.option("--program", "reference", required=True, help="The program's id or external id.")
@click.option("--prefix", help="What its codes begin with: two to four letters, or '' for nothing.")
@click.option("--symbols", type=int, help="Their length without the prefix, 12 to 24.")
@click.option("--days", type=int, help="How long codes issued without an end can be spent; 0: for ever.")
@click.option("--copy-days", type=int, help="How long after its first use a code can be sent again.")
@click.option("--short-codes", is_flag=True, help="Fewer than 16 symbols are meant, although they are easier to guess.")
@json_option
@with_services
def settings(
    services: Services,
    *,
    reference: str,
    prefix: str | None,
    symbols: int | None,
    days: int | None,
    copy_days: int | None,
    short_codes: bool,
    as_json: bool,
) -> None:
    """Show how a program's codes look and last, after changing what is named, for codes issued from then on."""
    named = {"prefix": prefix, "symbols": symbols, "copy_days": copy_days}
    changes: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    if days is not None:
        changes["days"] = days or None

    def change(session: Session) -> CodeSettings:
        program = program_by_reference(session, reference=reference)
        wanted = replace(code_settings(program), **changes)
        if changes:
            now = services.clock.now()
            set_code_settings(
                session, program=program, settings=wanted, actor=SYSTEM, now=now, are_short_codes_meant=short_codes
            )
        return wanted

    said = transact(change)
    ends = f"{said.days} days after they are issued" if said.days else "never"
    text = (
        f"{said.symbols} symbols ({said.bits} random bits), prefix: {said.prefix or 'none'}. Without an end of "
        f"their own they end: {ends}. Sent again until {said.copy_days} days after the first use."
    )
    emit({**asdict(said), "bits": said.bits}, as_json=as_json, text=text)


@contextmanager
def _reserved(path: Path | None) -> Iterator[None]:
    """Make the private file before anything is issued: what cannot be written must not cost a code.

    Where nothing is issued, the file goes away again, so that the same command can be repeated.
    """
    if path is None:
        yield
        return
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
    except FileExistsError:
        fail(f"{path} exists already; codes are not written over anything.")
    try:
        yield
    except BaseException:
        _let_go(path)
        raise


def _let_go(path: Path | None) -> None:
    """Remove the private file of codes that could not be written."""
    if path is not None:
        path.unlink(missing_ok=True)


def _again(batch: CodeBatch) -> str:
    """Say how to come back to a batch that exists: under its name nothing is issued twice."""
    return f"To have them written, run this again with --external-id {batch.external_id}."


def _wait(services: Services, *, batch: CodeBatch) -> Progress:
    """Run the batch's job here, or wait for the worker that has it, and return where it ended."""
    context: CommandContext = click.get_current_context().obj
    while (progress := _progress(batch)).state in LIVE_STATES:
        if not context.drain(services, ["bulk"]):
            time.sleep(LOOK_SECONDS)
    return progress


def _progress(batch: CodeBatch) -> Progress:
    """Return how far a batch has come."""
    with read_session() as session:
        return batch_progress(session, batch=batch)


def _write(services: Services, *, batch: CodeBatch, path: Path, now: datetime) -> None:
    """Write the codes of a batch to its private file; that they were taken out is on record before the first."""
    transact(lambda session: record_export(session, batch=batch, actor=SYSTEM, reason=EXPORT_REASON, now=now))
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            _write_rows(csv.writer(file), services, batch=batch, now=now)
    except OSError as error:
        _let_go(path)
        fail(f"{path} cannot be written: {error.strerror}. The codes exist. {_again(batch)}")


def _write_rows(writer: RowWriter, services: Services, *, batch: CodeBatch, now: datetime) -> None:
    """Write a header and one row for each code of a batch."""
    with read_session() as session:
        writer.writerow(HEADER)
        found = batch_by_public_id(session, organization_id=batch.organization_id, public_id=batch.public_id)
        unit = session.get_one(Unit, batch.unit_id).api_name
        for exported in export_batch(session, batch=found, vault=services.vault, now=now):
            code, text = exported.view.code, exported.text
            ends = code.expires_at.isoformat() if code.expires_at else ""
            writer.writerow((code.public_id, text.reveal() if text else "", batch.value_units, unit, ends))
