"""``rewards init``: database, keys and the first owner; a second run changes nothing that is there."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.cli.context import CommandContext, emit, json_option, refuse
from rewards_service.cli.demo import DemoSignIns, ensure_demo
from rewards_service.config import Settings
from rewards_service.identity.addresses import normalise_email
from rewards_service.identity.models import Staff
from rewards_service.identity.operations import grant_role, register_staff
from rewards_service.identity.passwords import hash_password
from rewards_service.identity.policy import Role
from rewards_service.kit.crypto import new_key_ring, write_key_file
from rewards_service.kit.crypto.keys import key_path
from rewards_service.kit.database import db, transact
from rewards_service.kit.errors import Refusal
from rewards_service.kit.schema import migrate
from rewards_service.kit.services import Services, services_of
from rewards_service.programs.operations import create_organization
from rewards_service.programs.policy import book_component
from rewards_service.programs.queries import organizations

HOME_MODE = 0o700
PASSWORD_BYTES = 12
NEXT = (
    "  somebody who may sign in:  rewards init --organization NAME --owner-email ADDRESS",
    "  something to try out:      rewards init --demo",
)
"""What may be wanted after an installation was set up without anybody in it."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The first owner: whose organization, and how to sign in."""

    organization: str
    email: str
    currency: str
    time_zone: str


@click.command()
@click.option("--demo", is_flag=True, help="Add a program, members, a catalog and stock to try things out.")
@click.option("--organization", help="Name of your organization.")
@click.option("--owner-email", help="Who signs in first.")
@click.option("--currency", default="EUR", show_default=True, help="The currency of your books (ISO 4217).")
@click.option("--time-zone", default="UTC", show_default=True, help="Decides the day an entry is booked on (IANA).")
@json_option
@click.pass_obj
def init(
    context: CommandContext,
    *,
    demo: bool,
    organization: str | None,
    owner_email: str | None,
    currency: str,
    time_zone: str,
    as_json: bool,
) -> None:
    """Set up the database, the keys and the first owner. What is there already stays as it is."""
    settings = context.read_settings()
    made_keys = _prepare_home(settings)
    app = context.create_app(settings)
    with app.app_context():
        migrate(db.engine)
        services = services_of(app)
        try:
            signed_up = _first_owner(services, organization, owner_email, currency, time_zone)
            demo_sign_ins = ensure_demo(services) if demo else None
        except Refusal as refusal:
            refuse(refusal)
        finally:
            db.engine.dispose()
    result = {"home": str(settings.home), "keys": "created" if made_keys else "kept", **signed_up}
    emit(result, as_json=as_json, text=_summary(settings, signed_up, demo_sign_ins))


def _prepare_home(settings: Settings) -> bool:
    """Make the home folder and the key file where they are missing; tell whether keys were made."""
    settings.home.mkdir(mode=HOME_MODE, parents=True, exist_ok=True)
    path = key_path(settings.keys)
    if path is None or path.exists():
        return False
    write_key_file(path, new_key_ring())
    return True


def _first_owner(
    services: Services, organization: str | None, email: str | None, currency: str, time_zone: str
) -> dict[str, str]:
    """Make the organization and its owner when both are named, and return how to sign in, the password this once."""
    if not (organization and email):
        return {}
    owner = Owner(organization, normalise_email(email), currency, time_zone)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    password_hash = hash_password(password)
    now = services.clock.now()
    is_new = transact(lambda session: _add_owner(session, owner=owner, password_hash=password_hash, now=now))
    return {"owner": owner.email, "password": password} if is_new else {"owner": owner.email}


def _add_owner(session: Session, *, owner: Owner, password_hash: str, now: datetime) -> bool:
    """Add the organization and its owner unless the owner is registered; tell whether anything was added."""
    if session.scalar(select(Staff.id).where(Staff.email == owner.email)) is not None:
        return False
    external_id = book_component(owner.organization).lower()
    known = [row for row in organizations(session) if row.external_id == external_id]
    organization = (
        known[0]
        if known
        else create_organization(
            session,
            external_id=external_id,
            name=owner.organization,
            functional_currency=owner.currency,
            time_zone=owner.time_zone,
            now=now,
        )
    )
    staff = register_staff(
        session,
        organization_id=organization.id,
        email=owner.email,
        name=owner.email.partition("@")[0],
        password_hash=password_hash,
        locale="en",
        now=now,
    )
    grant_role(session, staff=staff, role=Role.OWNER)
    return True


def _summary(settings: Settings, signed_up: dict[str, str], demo: DemoSignIns | None) -> str:
    """Return what a person should know next."""
    lines = [f"Ready in {settings.home}."]
    if "password" in signed_up:
        lines += [f"Console: sign in as {signed_up['owner']} with the password {signed_up['password']}"]
    if demo is not None:
        lines += demo.lines(settings.base_url)
    if not signed_up and demo is None:
        lines += NEXT
    return "\n".join(lines)
