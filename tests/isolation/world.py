"""Two organizations, three programs, and in each of them things that nobody else may ever see.

Every private text holds the name of its owner, so that a leak names whose it is.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from flask import Flask
from sqlalchemy import select

from catalog import Item, ItemDraft, Visibility, apply_change_set, get_item, make_change_set
from catalog.tables import item as item_table
from rewards_service.codes.models import Code
from rewards_service.codes.operations import (
    CodeTerms,
    claim_token,
    create_batch,
    create_claim_link,
    deliver_code,
    issue_code,
)
from rewards_service.identity.models import Member
from rewards_service.identity.operations import create_api_key, grant_role, open_session, prove_code, register_staff
from rewards_service.identity.operations.logins import request_login
from rewards_service.identity.policy import API_SCOPES, Role, SessionKind
from rewards_service.identity.tokens import login_secrets
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.database import unit_of_work
from rewards_service.kit.jobs.models import Job
from rewards_service.kit.services import services_of
from rewards_service.orders.models import Order
from rewards_service.orders.recipients import OrderRecipient
from rewards_service.programs.models import Organization, Program
from rewards_service.programs.operations import create_organization, create_program
from rewards_service.wallets.models import Wallet
from rewards_service.wallets.operations import Awarded, AwardTerms, Recipient, award_value
from rewards_service.web.sessions import CONSOLE, shop_cookie
from tests.support.commerce import Commerce, fixed_denominations

SECRET = "canary-{name}-canary"
PASSWORD_HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$Zm9yYmlkZGVu"
STOCK = 300
NONCE = "nonce-of-a-browser"
PROGRAMS = {"alpha": "north", "beta": "north", "gamma": "south"}


@dataclass
class Tenant:
    """What one holder has in one program; ``name`` is in every private text of it."""

    world: "World"
    name: str
    program_name: str
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def secret(self) -> str:
        """What must not be seen by others."""
        return SECRET.format(name=self.name)

    @property
    def email(self) -> str:
        """The address of its member."""
        return f"{self.secret}@example.com"

    @cached_property
    def program(self) -> Program:
        """Its program."""
        with self.world.writing() as story:
            return story.of(self.program_name).program

    @cached_property
    def member(self) -> Member:
        """A member with a private name and address."""
        with self.world.writing() as story:
            return story.of(self.program_name).member(self.secret)

    @cached_property
    def wallet(self) -> Wallet:
        """The member's wallet, with plenty in it."""
        return self.new_award().wallet

    @cached_property
    def item(self) -> str:
        """The id of an item of its program's organization, in stock."""
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            item = commerce.own_item(f"Item of {self.name}")
            commerce.stock(item, vouchers=STOCK)
            return item.public_id

    @cached_property
    def kept_code(self) -> tuple[Code, str]:
        """A code that stays as it is, and its text."""
        return self.new_code()

    @cached_property
    def batch(self) -> str:
        """The id of a batch."""
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            terms = CodeTerms(100, commerce.program.points_unit)
            batch = create_batch(
                commerce.session, program=commerce.program, external_id=self.secret, count=2, terms=terms,
                actor=SYSTEM, now=commerce.now,
            )  # fmt: skip
            return batch.public_id

    @cached_property
    def order(self) -> Order:
        """An order whose line was issued."""
        return self.new_order(fulfil=True)

    @cached_property
    def message(self) -> str:
        """The id of a message to its member."""
        code, _ = self.kept_code
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            told = deliver_code(
                commerce.session, code=commerce.session.merge(code), channel="email", to=self.email,
                vault=commerce.vault, now=commerce.now,
            )  # fmt: skip
            told.state = "sent"
            return told.public_id

    @cached_property
    def job(self) -> int:
        """The key of a job of its organization."""
        assert self.batch
        organization_id = self.program.organization_id
        with self.world.writing() as story:
            query = select(Job.id).where(Job.organization_id == organization_id).order_by(Job.id)
            return story.of(self.program_name).session.scalars(query.limit(1)).one()

    @cached_property
    def claim_token(self) -> str:
        """The token of a link to a code."""
        code, _ = self.kept_code
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            link = create_claim_link(
                commerce.session, code=commerce.session.merge(code), vault=commerce.vault, now=commerce.now
            )
            return claim_token(commerce.vault, link=link).reveal()

    @cached_property
    def login_token(self) -> str:
        """The token of a sign-in link."""
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            asked = request_login(
                commerce.session, program=commerce.program, email=self.email, browser_nonce=NONCE, locale="en",
                now=commerce.now,
            )  # fmt: skip
            return login_secrets(commerce.vault, asked.public_id).link_token

    def new_award(self) -> Awarded:
        """Another award to the member."""
        member = self.member
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            terms = AwardTerms(10_000_000, commerce.program.points_unit, self.secret)
            return award_value(
                commerce.session, program=commerce.program, recipient=Recipient(member=member), terms=terms,
                external_id=f"{self.secret}-{next(self.numbers)}", actor=SYSTEM, now=commerce.now,
            )  # fmt: skip

    def new_code(self) -> tuple[Code, str]:
        """A code that may be used up, and its text."""
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            new = issue_code(
                commerce.session, program=commerce.program, terms=CodeTerms(100, commerce.program.points_unit),
                vault=commerce.vault, actor=SYSTEM, now=commerce.now,
            )  # fmt: skip
            return new.code, new.text.reveal()

    def new_order(self, *, fulfil: bool = False) -> Order:
        """An order that the member's wallet pays for."""
        wallet, item = self.wallet, self.item
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            placed = commerce.order(
                commerce.found(item), wallet, external_id=f"{self.secret}-{next(self.numbers)}",
                recipient=OrderRecipient(name=self.secret, email=self.email),
            )  # fmt: skip
            if fulfil:
                commerce.fulfil()
            return commerce.session.get_one(Order, placed.order.id)


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
