"""``rewards doctor``: is this installation well? It only reads."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import click

from rewards_service.cli.context import EXIT_REFUSED, emit, json_option, with_services
from rewards_service.config import Settings
from rewards_service.finance.verify import verify_books
from rewards_service.kit.database import db, read_session
from rewards_service.kit.jobs import JobState, count_by_state
from rewards_service.kit.schema import newest_revision, revision_of
from rewards_service.kit.services import Services

DEAD_SHOWN = "rewards jobs list --state dead"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is well, and what to do if not."""

    about: str
    is_well: bool
    detail: str


@click.command()
@json_option
@with_services
def doctor(services: Services, *, as_json: bool) -> None:
    """Look at schema, settings, jobs and books; exit status 1 when something needs a person."""
    findings = [
        _schema(),
        _settings(services.settings),
        _jobs(),
        *_books(services.clock.now()),
    ]
    for finding in findings:
        result = {"about": finding.about, "ok": finding.is_well, "detail": finding.detail}
        text = f"{'OK   ' if finding.is_well else 'LOOK '} {finding.about}: {finding.detail}"
        emit(result, as_json=as_json, text=text)
    if not all(finding.is_well for finding in findings):
        sys.exit(EXIT_REFUSED)


def _schema() -> Finding:
    """Tell whether the database has the schema of this version."""
    found, wanted = revision_of(db.engine), newest_revision()
    return Finding("schema", found == wanted, f"at {found}, this version needs {wanted}; `rewards init` migrates")


def _settings(settings: Settings) -> Finding:
    """Tell whether links in messages can be followed from outside."""
    is_public = settings.base_url.startswith("https://") or settings.env != "production"
    return Finding("settings", is_public, f"{settings.env}, links begin with {settings.base_url}")


def _jobs() -> Finding:
    """Tell whether jobs died or wait for a person."""
    with read_session() as session:
        counts = count_by_state(session)
    dead, unknown = counts[JobState.DEAD], counts[JobState.UNKNOWN]
    detail = f"{dead} dead, {unknown} unknown, {counts[JobState.PENDING]} waiting; {DEAD_SHOWN} says why"
    return Finding("jobs", not dead, detail)


def _books(now: datetime) -> Iterator[Finding]:
    """Recompute the books, one finding per invariant that does not hold, or one for all."""
    with read_session() as session:
        broken = [result for result in verify_books(session, now=now) if not result.holds]
    if not broken:
        yield Finding("books", is_well=True, detail="every balance, lot and hold was recomputed and is right")
    for result in broken:
        yield Finding(f"books {result.number}", is_well=False, detail=f"{result.claim}: {result.broken_by}")
