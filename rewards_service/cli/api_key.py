"""``rewards api-key``: keys for other systems."""

import json

import click
from sqlalchemy.orm import Session

from rewards_service.cli.context import json_option, with_services
from rewards_service.identity.operations import create_api_key
from rewards_service.identity.policy import API_SCOPES
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.audit import record_audit
from rewards_service.kit.database import transact
from rewards_service.kit.services import Services
from rewards_service.programs.queries import program_by_reference


@click.group("api-key")
def api_key() -> None:
    """Create keys for the API."""


@api_key.command("create")
@click.option("--program", "reference", required=True, help="The program's id or external id.")
@click.option("--name", required=True, help="What the key is for, as it will be listed.")
@click.option("--scope", "scopes", multiple=True, help="May be repeated; none: everything that a key may do.")
@json_option
@with_services
def create(services: Services, *, reference: str, name: str, scopes: tuple[str, ...], as_json: bool) -> None:
    """Print a new key for a program, this once; what is kept recognises it and does not open anything."""
    del as_json  # the key is one JSON object for people as well: it is copied, not read
    now = services.clock.now()

    def operation(session: Session) -> dict[str, object]:
        program = program_by_reference(session, reference=reference)
        created = create_api_key(
            session,
            organization_id=program.organization_id,
            program_id=program.id,
            name=name,
            scopes=scopes or API_SCOPES,
            now=now,
        )
        record_audit(
            session,
            organization_id=program.organization_id,
            actor=SYSTEM,
            action="api_key.created",
            object_type="api_key",
            object_id=created.row.public_id,
            now=now,
            detail={"scopes": created.row.scopes},
        )
        return {"key": created.key, "id": created.row.public_id, "scopes": created.row.scopes}

    click.echo(json.dumps(transact(operation)))
