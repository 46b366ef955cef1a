"""Making the demo: once, through the operations that everybody else uses."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import apply_change_set, make_change_set, read_catalog
from rewards_service.cli.demo import people
from rewards_service.cli.demo.stocking import stock_everything
from rewards_service.codes.operations import CodeTerms, issue_code
from rewards_service.identity.operations import grant_role, register_member, register_staff
from rewards_service.identity.passwords import hash_password
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.services import Services
from rewards_service.programs.models import Program
from rewards_service.programs.operations import create_organization, create_program
from rewards_service.wallets.operations import AwardTerms, Recipient, award_value

POINTS_PER_EURO = 100
CENTS_PER_EURO = 100
PASSWORD_BYTES = 12
NOTE_FILE = "demo.json"
NOTE_MODE = 0o600


@dataclass(frozen=True, slots=True)
class DemoSignIns:
    """How to sign in to the demo; kept in a private file of the home folder, so that a later start can say it again."""

    password: str
    codes: tuple[str, ...]

    def lines(self, base_url: str) -> list[str]:
        """Return what is printed at the start."""
        staff = [f"  {each.email}  ({each.role.value})" for each in people.STAFF]
        members = [f"  {each.email}  {each.name}" for each in people.MEMBERS]
        return [
            f"Shop     {base_url}/s/{people.PROGRAM}/",
            "  codes to try: " + "  ".join(self.codes),
            "  members sign in by email; the message waits in the console's outbox:",
            *members,
            f"Console  {base_url}/console/   password for everybody: {self.password}",
            *staff,
        ]


def ensure_demo(services: Services) -> DemoSignIns:
    """Make the demo where it is missing and return how to sign in."""
    note = services.settings.home / NOTE_FILE
    with read_session() as session:
        exists = session.scalar(select(Program.id).where(Program.external_id == people.PROGRAM)) is not None
    if exists and note.exists():
        kept = json.loads(note.read_text(encoding="utf-8"))
        return DemoSignIns(kept["password"], tuple(kept["codes"]))
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    password_hash = hash_password(password)
    codes = transact(lambda session: _make(session, services=services, password_hash=password_hash))
    sign_ins = DemoSignIns(password, codes)
    _keep_note(note, sign_ins)
    return sign_ins


def _make(session: Session, *, services: Services, password_hash: str) -> tuple[str, ...]:
    """Make everything in one transaction and return the codes in clear."""
    now = services.clock.now()
    program = _make_program(session, now=now)
    for each in people.STAFF:
        staff = register_staff(
            session,
            organization_id=program.organization_id,
            email=each.email,
            name=each.name,
            password_hash=password_hash,
            locale="en",
            now=now,
        )
        grant_role(session, staff=staff, role=each.role)
    for member in people.MEMBERS:
        _make_member(session, program=program, demo=member, now=now)
    content = files("rewards_service.cli.demo").joinpath("catalog.json").read_bytes()
    drafts = read_catalog(content).drafts
    changes = make_change_set(session.connection(), supplier=people.SUPPLIER, drafts=drafts)
    apply_change_set(session.connection(), changes, now=now)
    stock_everything(session, program=program, vault=services.vault, now=now)
    return tuple(
        str(_issue(session, program=program, services=services, reference=reference, units=units, days=days, now=now))
        for reference, units, days in people.CODES
    )


def _make_program(session: Session, *, now: datetime) -> Program:
    """Make the organization and its program: points, EUR, 100 points to the euro."""
    organization = create_organization(
        session,
        external_id=people.ORGANIZATION,
        name=people.ORGANIZATION_NAME,
        functional_currency="EUR",
        time_zone=people.TIME_ZONE,
        now=now,
    )
    return create_program(
        session,
        organization=organization,
        external_id=people.PROGRAM,
        name=people.PROGRAM_NAME,
        unit="PTS",
        currency="EUR",
        time_zone=people.TIME_ZONE,
        locale="en",
        rate_units=POINTS_PER_EURO,
        rate_minor=CENTS_PER_EURO,
        now=now,
    )


def _make_member(session: Session, *, program: Program, demo: people.DemoMember, now: datetime) -> None:
    """Register a member and award what he or she earned."""
    member = register_member(
        session,
        organization_id=program.organization_id,
        program_id=program.id,
        external_id=demo.external_id,
        name=demo.name,
        email=demo.email,
        phone=demo.phone,
        locale="en",
        now=now,
    )
    assert program.points_unit is not None, "the demo has points"
    for number, (reason, units, days) in enumerate(demo.awards, start=1):
        award_value(
            session,
            program=program,
            recipient=Recipient(member=member),
            terms=AwardTerms(units, program.points_unit, reason, expires_at=now + timedelta(days=days)),
            external_id=f"{demo.external_id}-{number}",
            actor=SYSTEM,
            now=now,
        )


def _issue(
    session: Session, *, program: Program, services: Services, reference: str, units: int, days: int, now: datetime
) -> str:
    """Issue a code and return it in clear, because everybody may try it."""
    assert program.points_unit is not None, "the demo has points"
    terms = CodeTerms(units, program.points_unit, expires_at=now + timedelta(days=days))
    new = issue_code(
        session, program=program, terms=terms, vault=services.vault, actor=SYSTEM, now=now, reference=reference
    )
    return new.text.reveal()


def _keep_note(path: Path, sign_ins: DemoSignIns) -> None:
    """Keep the sign-ins where only the owner of the home folder reads them."""
    path.touch(mode=NOTE_MODE)
    path.write_text(json.dumps({"password": sign_ins.password, "codes": sign_ins.codes}) + "\n", encoding="utf-8")
