"""``rewards api-key``: machines that may call the API."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from sqlalchemy.orm import Session

from rewards_service.cli.context import emit, json_option, with_services
from rewards_service.identity.models import ApiKey
from rewards_service.identity.operations import CreatedKey, create_api_key, revoke_api_key
from rewards_service.identity.policy import API_SCOPES
from rewards_service.identity.queries import api_key_by_public_id
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.audit import record_audit
from rewards_service.kit.database import transact
from rewards_service.kit.errors import Conflict
from rewards_service.kit.services import Services
from rewards_service.programs.models import Organization
from rewards_service.programs.queries import organization_by_reference, organizations, program_by_reference

DAYS_MAX = 36_500
SCOPES = tuple(sorted(API_SCOPES))


class OrganizationNotNamed(Conflict):
    """There are several organizations, or none, and the command does not say which is meant."""

    code = "organization_not_named"
    title = "Say whose key it is with --program or --organization"


@click.group("api-key")
def api_key() -> None:
    """Make and revoke keys of the API."""


@api_key.command("create")
@click.option("--program", help="The only program the key may touch: its id or external id.")
@click.option("--organization", help="A key for every program of this organization; default: the only one there is.")
@click.option("--name", required=True, help="What the key is for; shown in lists.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="What it may do; default: all.")
@click.option("--days", type=click.IntRange(1, DAYS_MAX), help="How long it works; default: until it is revoked.")
@json_option
@with_services
def create(
    services: Services,
    *,
    program: str | None,
    organization: str | None,
    name: str,
    scopes: tuple[str, ...],
    days: int | None,
    as_json: bool,
) -> None:
    """Print a new key, this once; what is kept recognises it and does not open anything."""
    del as_json  # the key is one JSON object for people as well: it is copied, not read
    now = services.clock.now()
    expires_at = None if days is None else now + timedelta(days=days)

    def make(session: Session) -> CreatedKey:
        owner_id, program_id = _owner(session, program=program, organization=organization)
        made = create_api_key(
            session,
            organization_id=owner_id,
            program_id=program_id,
            name=name,
            scopes=scopes or API_SCOPES,
            expires_at=expires_at,
            now=now,
        )
        detail = {"scopes": made.row.scopes}
        _audit(session, key=made.row, action="api_key.created", now=now, detail=detail)
        return made

    made = transact(make)
    click.echo(json.dumps({"key": made.key, "id": made.row.public_id, "scopes": made.row.scopes}))


@api_key.command("revoke")
@click.argument("key_id")
@json_option
@with_services
def revoke(services: Services, *, key_id: str, as_json: bool) -> None:
    """End the key with that id at once."""
    now = services.clock.now()

    def end(session: Session) -> datetime:
        key = api_key_by_public_id(session, public_id=key_id)
        revoke_api_key(session, key=key, now=now)
        _audit(session, key=key, action="api_key.revoked", now=now, detail={})
        assert key.revoked_at is not None, "it was just revoked"
        return key.revoked_at

    ended = transact(end).astimezone(UTC).isoformat().replace("+00:00", "Z")
    emit({"id": key_id, "revoked_at": ended}, as_json=as_json, text=f"{key_id} has ended.")


def _owner(session: Session, *, program: str | None, organization: str | None) -> tuple[int, int | None]:
    """Return the keys of the organization and, for a key of one program, of that program.

    Raises:
        NotFound: there is no such program or organization.
        OrganizationNotNamed: neither is named, and there is not exactly one organization.
    """
    if program is not None:
        of = None if organization is None else organization_by_reference(session, reference=organization).id
        found = program_by_reference(session, reference=program, organization_id=of)
        return found.organization_id, found.id
    if organization is not None:
        return organization_by_reference(session, reference=organization).id, None
    everyone: list[Organization] = organizations(session)
    if len(everyone) != 1:
        raise OrganizationNotNamed
    return everyone[0].id, None


def _audit(session: Session, *, key: ApiKey, action: str, now: datetime, detail: dict[str, Any]) -> None:
    """Record what happened to a key."""
    record_audit(
        session,
        organization_id=key.organization_id,
        actor=SYSTEM,
        action=action,
        object_type="api_key",
        object_id=key.public_id,
        now=now,
        detail=detail,
    )
