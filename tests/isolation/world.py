"""Two organizations, three programs, and in each of them things that nobody else may ever see.

Every private text holds the name of its owner, so that a leak names whose it is.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask
from sqlalchemy import select

from catalog import Item, ItemDraft, Visibility, apply_change_set, get_item, make_change_set
from catalog.tables import item as item_table
from rewards_service.identity.operations import create_api_key, grant_role, open_session, prove_code, register_staff
from rewards_service.identity.policy import API_SCOPES, Role, SessionKind
from rewards_service.kit.database import unit_of_work
from rewards_service.kit.services import services_of
from rewards_service.programs.models import Organization, Program
from rewards_service.programs.operations import create_organization, create_program
from rewards_service.web.sessions import CONSOLE, shop_cookie
from tests.isolation.tenants import Tenant
from tests.support.commerce import Commerce, fixed_denominations

PASSWORD_HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$Zm9yYmlkZGVu"
PROGRAMS = {"alpha": "north", "beta": "north", "gamma": "south"}


@dataclass
class Story(Commerce):
    """One program within an open transaction."""

    def found(self, item_id: str) -> "_Named":
        """The item of that public id, as orders name it."""
        return _Named(item_id)

    def own_item(self, title: str) -> Item:
        """An item that only programs of the organization may show."""
        connection, owner = self.session.connection(), self.program.organization.public_id
        draft = ItemDraft(title, "gift_card", "Own", title, "EUR", fixed=fixed_denominations())
        changes = make_change_set(connection, supplier=title.lower(), drafts=[draft], owner_key=owner)
        apply_change_set(connection, changes, now=self.now)
        made = select(item_table.c.public_id).where(item_table.c.supplier == title.lower())
        visibility = Visibility(owner_keys=frozenset({owner}))
        return get_item(connection, public_id=self.session.scalars(made).one(), visibility=visibility)


@dataclass(frozen=True)
class _Named:
    """An item by its public id alone."""

    public_id: str


@dataclass
class Stories:
    """Every program within one open transaction."""

    by_name: dict[str, Story]

    def of(self, program_name: str) -> Story:
        """The program of that name."""
        return self.by_name[program_name]


@dataclass(eq=False)
class World:
    """An installation with everything in it; see ``Tenant`` for what each holder has."""

    app: Flask
    now: datetime
    tenants: dict[str, Tenant] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.app.app_context(), unit_of_work() as session:
            for organization in dict.fromkeys(PROGRAMS.values()):
                create_organization(
                    session, external_id=organization, name=organization.capitalize(), functional_currency="EUR",
                    time_zone="UTC", now=self.now,
                )  # fmt: skip
            for number, (name, organization) in enumerate(PROGRAMS.items()):
                create_program(
                    session,
                    organization=session.scalars(select(Organization).filter_by(external_id=organization)).one(),
                    external_id=name, name=name.capitalize(), unit=f"PT{'ABC'[number]}", currency="EUR",
                    time_zone="UTC", locale="en", rate_units=100, rate_minor=100, now=self.now,
                )  # fmt: skip
        self.tenants = {name: Tenant(self, name, name) for name in PROGRAMS}
        self.tenants["neighbour"] = Tenant(self, "neighbour", "alpha")

    @contextmanager
    def writing(self) -> Iterator[Stories]:
        """Let something happen in any of the programs."""
        with self.app.app_context(), unit_of_work() as session:
            programs = {name: session.scalars(select(Program).filter_by(external_id=name)).one() for name in PROGRAMS}
            vault = services_of(self.app).vault
            yield Stories({name: Story(session, found, vault, self.now) for name, found in programs.items()})

    def key(self, program_name: str, *, whole_organization: bool, scopes: frozenset[str] = API_SCOPES) -> str:
        """A key of a program, or of its organization."""
        with self.writing() as story:
            commerce = story.of(program_name)
            made = create_api_key(
                commerce.session, organization_id=commerce.program.organization_id, name="test", scopes=scopes,
                program_id=None if whole_organization else commerce.program.id, now=self.now,
            )  # fmt: skip
            return made.key

    def worker_cookie(self, role: Role, program_name: str, *, everywhere: bool) -> tuple[str, str]:
        """The cookie of a member of staff with one role, in a program or in its whole organization."""
        with self.writing() as story:
            commerce = story.of(program_name)
            organization_id = commerce.program.organization_id
            staff = register_staff(
                commerce.session, organization_id=organization_id, name=role.capitalize(), password_hash=PASSWORD_HASH,
                email=f"{role}-{next(_NUMBERS)}@example.com", locale="en", now=self.now,
            )  # fmt: skip
            grant_role(commerce.session, staff=staff, role=role, program_id=None if everywhere else commerce.program.id)
            opened = open_session(
                commerce.session, kind=SessionKind.STAFF, organization_id=organization_id, staff_id=staff.id,
                user_agent="test", now=self.now,
            )  # fmt: skip
            return CONSOLE, opened.token

    def member_cookie(self, tenant: Tenant) -> tuple[str, str]:
        """The cookie of a tenant's member."""
        return self._shop_cookie(tenant, SessionKind.MEMBER, member_id=tenant.member.id)

    def guest_cookie(self, tenant: Tenant) -> tuple[str, str]:
        """The cookie of a guest who typed the tenant's code."""
        code, _ = tenant.kept_code
        return self._shop_cookie(tenant, SessionKind.GUEST, code_id=code.public_id)

    def _shop_cookie(
        self, tenant: Tenant, kind: SessionKind, *, member_id: int | None = None, code_id: str | None = None
    ) -> tuple[str, str]:
        """The cookie of a visitor of a shop."""
        with self.writing() as story:
            commerce = story.of(tenant.program_name)
            opened = open_session(
                commerce.session, kind=kind, organization_id=commerce.program.organization_id, user_agent="test",
                program_id=commerce.program.id, member_id=member_id, now=self.now,
            )  # fmt: skip
            if code_id is not None:
                prove_code(commerce.session, session_id=opened.sign_in.id, code_public_id=code_id, now=self.now)
            return shop_cookie(commerce.program), opened.token


_NUMBERS = itertools.count(1)
