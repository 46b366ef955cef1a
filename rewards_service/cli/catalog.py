"""``rewards catalog import``: a supplier's file becomes a change set, shown, then applied whole."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import click

from catalog import CatalogFileRefused, ChangeSet, ChangeSetStale, apply_change_set, make_change_set, read_catalog
from catalog.changes import FieldChange
from catalog.errors import RowProblem
from rewards_service.cli.context import EXIT_REFUSED, emit, fail, json_option, with_services
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.services import Services

SHOWN_MAX = 20


@click.group()
def catalog() -> None:
    """Import what can be had."""


@catalog.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--supplier", required=True, help="Whose catalog it is; items it no longer lists are withdrawn.")
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
@json_option
@with_services
def import_catalog(services: Services, *, file: Path, supplier: str, dry_run: bool, as_json: bool) -> None:
    """Show what a supplier's FILE changes, and apply it whole; a single wrong row refuses all of it."""
    try:
        read = read_catalog(file.read_bytes())
        with read_session() as session:
            changes = make_change_set(session.connection(), supplier=supplier, drafts=read.drafts)
        if not (dry_run or changes.is_empty):
            now = services.clock.now()
            transact(lambda session: apply_change_set(session.connection(), changes, now=now))
    except CatalogFileRefused as refusal:
        _say_refused(refusal, as_json=as_json)
    except ChangeSetStale as error:
        fail(str(error))
    result = {"supplier": supplier, "dry_run": dry_run, "passed_over": _problems(read.passed_over), **_as_json(changes)}
    text = _as_text(changes, passed_over=len(read.passed_over), dry_run=dry_run)
    emit(result, as_json=as_json, text=text)


def _say_refused(refusal: CatalogFileRefused, *, as_json: bool) -> NoReturn:
    """Name every problem of the file and leave."""
    lines = [f"row {each.row}, {each.field}: {each.message}" for each in refusal.problems]
    emit({"refused": _problems(refusal.problems)}, as_json=as_json, text="\n".join([*lines, "Nothing was changed."]))
    sys.exit(EXIT_REFUSED)


def _problems(problems: Iterable[RowProblem]) -> list[dict[str, object]]:
    """Return rows at fault, or passed over, for programs."""
    return [{"row": each.row, "field": each.field, "code": each.code, "message": each.message} for each in problems]


def _fields(changes: ChangeSet) -> list[tuple[str, FieldChange]]:
    """Return each field that changes, with the supplier's reference of its item."""
    return [(change.draft.supplier_reference, each) for change in changes.changes for each in change.fields]


def _as_json(changes: ChangeSet) -> dict[str, object]:
    """Return a change set for programs."""
    return {
        "additions": [draft.supplier_reference for draft in changes.additions],
        "changes": [
            {"reference": reference, "field": each.field, "before": each.before, "after": each.after}
            for reference, each in _fields(changes)
        ],
        "withdrawals": [each.supplier_reference for each in changes.withdrawals],
        "unchanged": changes.unchanged,
    }


def _as_text(changes: ChangeSet, *, passed_over: int, dry_run: bool) -> str:
    """Return a change set for a person."""
    lines = [
        *(f"  + {draft.supplier_reference}  {draft.title}" for draft in changes.additions),
        *(f"  ~ {reference}  {each.field}: {each.before} → {each.after}" for reference, each in _fields(changes)),
        *(f"  - {each.supplier_reference}  {each.title}" for each in changes.withdrawals),
    ]
    more = [f"  … and {len(lines) - SHOWN_MAX} more"] if len(lines) > SHOWN_MAX else []
    counts = (
        f"{len(changes.additions)} new, {len(changes.changes)} changed, {len(changes.withdrawals)} withdrawn, "
        f"{changes.unchanged} as they were, {passed_over} passed over"
    )
    outcome = "Nothing was written." if dry_run else "Applied." if lines else "Nothing to do."
    return "\n".join([*lines[:SHOWN_MAX], *more, counts, outcome])
