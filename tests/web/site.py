"""A whole installation for tests of pages: its application, its clock, its stories, its browsers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.identity.models import LoginRequest, Member, Staff
from rewards_service.identity.operations import grant_role, register_staff
from rewards_service.identity.passwords import hash_password
from rewards_service.identity.policy import Role
from rewards_service.identity.tokens import LoginSecrets, login_secrets
from rewards_service.kit.clock import FixedClock
from rewards_service.kit.database import read_session, unit_of_work
from rewards_service.kit.jobs.policy import QUEUES
from rewards_service.kit.services import services_of
from rewards_service.programs.models import Program
from rewards_service.worker import Worker
from tests.support.commerce import Commerce
from tests.support.made_up import make_program
from tests.web.browser import Browser, Page

T = TypeVar("T")

PASSWORD = "a long and boring password"
PASSWORD_HASH = hash_password(PASSWORD)


@dataclass
class Site:
    """One installation; a request of a browser runs in a context of its own, as it does in production."""

    app: Flask
    clock: FixedClock
    codes: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def story(self, program: str = "demo") -> Iterator[Commerce]:
        """Let something happen in a program, which is made when it is first spoken of."""
        with self.app.app_context(), unit_of_work() as session:
            found = session.scalar(select(Program).where(Program.external_id == program))
            made = found or make_program(session, external_id=program, now=self.clock.now())
            yield Commerce(session, made, services_of(self.app).vault, self.clock.now())

    def read(self, question: Callable[[Session], T]) -> T:
        """Ask the database something."""
        with self.app.app_context(), read_session() as session:
            return question(session)

    def run_jobs(self) -> None:
        """Do what is due: fulfil, send."""
        services = services_of(self.app)
        worker = Worker(
            registry=services.registry, gateways=services.gateways, clock=self.clock, context=self.app.app_context
        )
        with self.app.app_context():
            worker.drain(queues=list(QUEUES))

    def browser(self, **options: str) -> Browser:
        """A new browser."""
        return Browser(self.app, **options)

    def guest(self, *codes: str, program: str = "demo") -> Browser:
        """A browser in which these codes were typed."""
        browser = self.browser()
        page = browser.send(browser.get(f"/s/{program}/"), "/codes", text=" ".join(codes))
        assert page.status == 200, page.words
        return browser

    def member(self, email: str, program: str = "demo") -> Browser:
        """A browser in which the member with that address is signed in."""
        browser = self.browser()
        self.sign_in(browser, email, program=program)
        return browser

    def sign_in(self, browser: Browser, email: str, program: str = "demo") -> Page:
        """Sign in by the code of a message."""
        sent = browser.send(browser.get(f"/s/{program}/sign-in"), "/sign-in", address=email)
        return browser.send(sent, "/sign-in/sent", code=self.login(email).code)

    def login(self, email: str) -> LoginSecrets:
        """What the newest sign-in message to an address holds."""
        newest = select(LoginRequest.public_id).where(LoginRequest.address == email).order_by(LoginRequest.id.desc())
        found = self.read(lambda session: session.scalars(newest.limit(1)).one())
        return login_secrets(services_of(self.app).vault, found)

    def hire(self, role: Role, *, program: str = "demo", everywhere: bool = True, email: str | None = None) -> str:
        """Make a member of staff with a role and return the address to sign in with."""
        address = email or f"{role}@{program}.example"
        with self.story(program) as story:
            staff = register_staff(
                story.session,
                organization_id=story.program.organization_id,
                email=address,
                name=f"{role.capitalize()} Person",
                password_hash=PASSWORD_HASH,
                locale="en",
                now=self.clock.now(),
            )
            grant_role(story.session, staff=staff, role=role, program_id=None if everywhere else story.program.id)
        return address

    def worker(self, role: Role, *, program: str = "demo", everywhere: bool = True) -> Browser:
        """A browser in which somebody with that role is signed in to the console."""
        address, browser = self.hire(role, program=program, everywhere=everywhere), self.browser()
        page = browser.send(browser.get("/console/sign-in"), "/console/sign-in", email=address, password=PASSWORD)
        assert page.status == 200, page.words
        return browser

    def member_row(self, email: str) -> Member:
        """The member with that address."""
        return self.read(lambda session: session.scalars(select(Member).where(Member.email == email)).one())

    def staff_row(self, email: str) -> Staff:
        """The member of staff with that address."""
        return self.read(lambda session: session.scalars(select(Staff).where(Staff.email == email)).one())
