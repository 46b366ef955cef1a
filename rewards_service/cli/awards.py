"""``rewards awards``: value comes in from the files of other systems."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from rewards_service.cli.award_import import AwardImport
from rewards_service.cli.context import EXIT_REFUSED, emit, json_option, with_services
from rewards_service.earning.award_files.file import AwardFile, open_award_file
from rewards_service.earning.award_files.mapping import ProgramHabits
from rewards_service.earning.award_files.refused import refused_content, refused_path, without_reasons
from rewards_service.earning.operations import ImportedRows
from rewards_service.earning.schemas import describe_mapping, load_mapping
from rewards_service.kit.database import read_session
from rewards_service.kit.services import Services
from rewards_service.kit.tabular import read_table
from rewards_service.programs.models import Program
from rewards_service.programs.queries import program_by_reference, value_unit

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
REFUSED_SHOWN_MAX = 50


@click.group()
def awards() -> None:
    """Award value to members."""


@awards.command("import")
@click.argument("path", metavar="FILE", type=FILE)
@click.option("--program", "reference", required=True, help="The program's id or external id.")
@click.option("--mapping", "mapping_path", type=FILE, help="How to read the file, as --save-mapping wrote it.")
@click.option("--save-mapping", "saved_path", type=NEW_FILE, help="Where to keep how the file was read.")
@click.option("--dry-run", is_flag=True, help="Do everything, keep nothing.")
@click.option("--notify", is_flag=True, help="Tell everybody of what is new, by email or else by SMS.")
@click.option("--all-or-nothing", is_flag=True, help="Keep nothing unless every row is good.")
@json_option
@with_services
def import_awards(
    services: Services,
    *,
    path: Path,
    reference: str,
    mapping_path: Path | None,
    saved_path: Path | None,
    dry_run: bool,
    notify: bool,
    all_or_nothing: bool,
    as_json: bool,
) -> None:
    """Import earned incentives from FILE: CSV in any usual form, or XLSX.

    Columns, decimals, days and telephone numbers are recognised, and shown. Good rows become awards, each reference
    once; refused rows are named, and kept in FILE.refused.csv. Exit status 1 when a row was refused.
    """
    program_id, file = _open(path, reference=reference, mapping_path=mapping_path)
    understood = describe_mapping(file)
    if saved_path is not None:
        saved_path.write_text(json.dumps(understood, ensure_ascii=False, indent=2) + "\n", encoding="utf8")
    with show_progress(file) as advance:
        steps = AwardImport(file, program_id, services.clock, advance, is_announced=notify)
        done, is_kept = _carry_out(steps, dry_run=dry_run, all_or_nothing=all_or_nothing)
    result = _result(file, done, understood=understood, is_kept=is_kept)
    if done.refused and not dry_run:
        result["refused_file"] = _write_refused(path, file, done)
    emit(result, as_json=as_json, text=_as_text(result, unit=file.habits.points))
    if done.refused:
        sys.exit(EXIT_REFUSED)


def _open(path: Path, *, reference: str, mapping_path: Path | None) -> tuple[int, AwardFile]:
    """Return the program's key and the file, opened for it."""
    with read_session() as session:
        program = program_by_reference(session, reference=reference)
        habits = _habits(program)
        program_id = program.id
    given = load_mapping(mapping_path.read_bytes()) if mapping_path else None
    table = without_reasons(read_table(path), name=path.name)
    return program_id, open_award_file(table, name=path.name, habits=habits, given=given)


def _habits(program: Program) -> ProgramHabits:
    """Return what the program says where a file does not."""
    return ProgramHabits(program.currency, value_unit(program, name=None).symbol, program.country)


@contextmanager
def show_progress(file: AwardFile) -> Iterator[Callable[[int], None]]:
    """Show on a terminal's standard error how many rows are behind."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=file.row_count, label=file.name, file=sys.stderr) as bar:
        yield bar.update


def _carry_out(steps: AwardImport, *, dry_run: bool, all_or_nothing: bool) -> tuple[ImportedRows, bool]:
    """Import a file in the way that is asked for; return what became of it, and whether that was kept."""
    if dry_run:
        return steps.rehearse(), False
    if all_or_nothing:
        done = steps.keep_all_or_nothing()
        return done, not done.refused
    return steps.keep_good_rows(), True


def _result(file: AwardFile, done: ImportedRows, *, understood: dict[str, Any], is_kept: bool) -> dict[str, Any]:
    """Return what became of a file, for programs; ``kept`` is false where all of it was only tried."""
    return {
        "rows": file.row_count,
        "new": done.new,
        "already_there": done.already_there,
        "refused": [asdict(row) for row in sorted(done.refused, key=lambda known: known.line)],
        "notes": dict(sorted(done.notes.items())),
        "kept": is_kept,
        "new_units": done.new_units,
        "unit": file.habits.points,
        "understood": understood,
    }


def _write_refused(path: Path, file: AwardFile, done: ImportedRows) -> str | None:
    """Write the refused rows beside the file and return where; what was imported stands though there be no room."""
    target = refused_path(path)
    try:
        target.write_bytes(refused_content(file.table, done.refused))
    except OSError as error:
        click.echo(f"The refused rows could not be written to {target}: {error.strerror}", err=True)
        return None
    return str(target)


def _as_text(result: dict[str, Any], *, unit: str) -> str:
    """Return what became of a file, for a person: how it was read, what was refused, what was kept."""
    refused = [_refusal_as_text(row) for row in result["refused"]]
    rows = "1 row" if result["rows"] == 1 else f"{result['rows']} rows"
    counts = (
        f"{rows}: {result['new']} new ({result['new_units']} {unit}), "
        f"{result['already_there']} already there, {len(refused)} refused."
    )
    lines = [
        *_understanding_as_text(result["understood"]),
        *refused[:REFUSED_SHOWN_MAX],
        *([f"  … and {len(refused) - REFUSED_SHOWN_MAX} more"] if len(refused) > REFUSED_SHOWN_MAX else []),
        *(f"  note: {code} ({count})" for code, count in result["notes"].items()),
        counts,
    ]
    if result.get("refused_file"):
        lines.append(f"Refused rows are in {result['refused_file']}.")
    if not result["kept"]:
        lines.append("Nothing was kept.")
    return "\n".join(lines)


def _understanding_as_text(understood: dict[str, Any]) -> list[str]:
    """Return how a file was read: a wrong guess shows here first."""
    columns = ", ".join(f"{column} → {field}" for field, column in understood["columns"].items())
    habits = (
        f"Encoding {understood['encoding']}, decimals after {understood['decimal_sign']!r}, days as "
        f"{understood['date_format']}, national phone numbers of {understood['region'] or 'no country'}, amounts in "
        f"{understood['unit']} unless a row says otherwise."
    )
    return [f"Columns: {columns}. Not used: {', '.join(understood['not_used']) or 'none'}.", habits]


def _refusal_as_text(row: dict[str, Any]) -> str:
    """Return why one row was refused."""
    where = row["column"] or "the row"
    return (
        f"  line {row['line']}, {where}: {row['code']}; found {row['found'] or 'nothing'}; expected {row['expected']}"
    )
