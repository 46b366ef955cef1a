"""``rewards ledger verify``: whether the books are right."""

import sys
from typing import Any

import click

from rewards_service.cli.context import EXIT_REFUSED, emit, json_option, with_services
from rewards_service.finance.verify import CheckResult, verify_books
from rewards_service.kit.database import read_session
from rewards_service.kit.services import Services


@click.group()
def ledger() -> None:
    """Look after the books."""


@ledger.command("verify")
@json_option
@with_services
def verify(services: Services, *, as_json: bool) -> None:
    """Recompute sums, balances, lots and holds; name the first row that breaks each claim."""
    with read_session() as session:
        results = verify_books(session, now=services.clock.now())
    is_sound = all(result.holds for result in results)
    lines = [*map(_as_line, results), "The books are right." if is_sound else "The books are WRONG."]
    emit({"ok": is_sound, "checks": [_as_json(result) for result in results]}, as_json=as_json, text="\n".join(lines))
    if not is_sound:
        sys.exit(EXIT_REFUSED)


def _as_json(result: CheckResult) -> dict[str, Any]:
    """Return a result for programs."""
    return {
        "number": result.number,
        "claim": result.claim,
        "ok": result.holds,
        "broken_by": result.broken_by,
        "note": result.note,
    }


def _as_line(result: CheckResult) -> str:
    """Return a result for a person."""
    if result.broken_by is None:
        return f"{result.number:>2}  OK      {result.claim}{f' ({result.note})' if result.note else ''}"
    row = ", ".join(f"{name}={value}" for name, value in result.broken_by.items())
    return f"{result.number:>2}  BROKEN  {result.claim}: {row}"
