"""A program whose messages are sent by a worker to twins, files or a real server."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs

from rewards_service.delivery.jobs import JOB_KINDS
from rewards_service.delivery.models import Message, MessageAttempt
from rewards_service.delivery.operations import queue_message, resend_message
from rewards_service.delivery.queries import attempts_of_message, message_by_public_id
from rewards_service.gateways import Gateways
from rewards_service.kit.actor import Actor
from rewards_service.kit.clock import FixedClock
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.jobs import JobRegistry, install_registry
from rewards_service.kit.jobs import registry as registry_module
from rewards_service.programs.models import Program
from rewards_service.worker import Worker
from tests.support.gateways import make_gateways
from tests.support.made_up import make_program

STAFF = Actor("staff", "stf_1")
SIGN_IN = {"template": "sign_in", "context": {"login": "lgn_1", "minutes": 10}}
POINTS = {"units": 12480, "kind": "points", "currency": None}
EUROS = {"units": 2000, "kind": "promise", "currency": "EUR"}
CODE = {
    "template": "code_delivered",
    "context": {"claim_link": "lnk_1", "value": EUROS, "name": "Ada Lovelace", "expires_on": "2027-03-31"},
}


def resend(message: Message, now: datetime, **more: Any) -> Message:
    """Send a message again, as a member of staff does."""
    return transact(
        lambda session: resend_message(
            session, message=session.get_one(Message, message.id), actor=STAFF, now=now, **more
        )
    )


@dataclass
class Post:
    """Files messages of one program and sends them."""

    app: Flask
    clock: FixedClock
    program: Program
    gateways: Gateways
    worker: Worker

    def file(self, to: str = "ada@example.org", *, channel: str = "email", **more: Any) -> Message:
        """File a message and return it."""
        given: dict[str, Any] = {**SIGN_IN, "locale": "en", "about_type": "login_request", "about_id": "lgn_1", **more}
        given.setdefault("reference", f"{to}:{given['template']}")
        return transact(
            lambda session: queue_message(
                session,
                organization_id=self.program.organization_id,
                program=self.program,
                channel=channel,
                to=to,
                now=self.clock.now(),
                **given,
            )
        )

    def send(self) -> int:
        """Send what is due."""
        self.worker.tick()
        return self.worker.drain()

    def look(self, message: Message) -> Message:
        """Return a message as it is now."""
        with read_session() as reader:
            return message_by_public_id(reader, organization_id=message.organization_id, public_id=message.public_id)

    def attempts(self, message: Message) -> list[MessageAttempt]:
        """Return each attempt to send a message."""
        with read_session() as reader:
            return attempts_of_message(reader, message=message)


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[dict[str, Any]]]:
    """What was logged, as a list and not on the screen."""
    with capture_logs() as captured:
        yield captured


@pytest.fixture
def gateways() -> Gateways:
    """Twins, and readers of made-up secrets; a test may ask for others."""
    return make_gateways(
        secrets={
            "sign_in.link": lambda _, login: f"{login}.proof",
            "sign_in.code": lambda _, __: "7K3Q H2M9",
            "claim.link": lambda _, link: f"token-of-{link}",
        }
    )


@pytest.fixture
def post(app: Flask, clock: FixedClock, gateways: Gateways, monkeypatch: pytest.MonkeyPatch) -> Post:
    """The post of a made-up program."""
    registry = JobRegistry(JOB_KINDS)
    monkeypatch.setattr(registry_module, "_installed", [])
    install_registry(registry)
    program = transact(lambda session: make_program(session, external_id="larkspur", now=clock.now()))
    worker = Worker(registry=registry, gateways=gateways, clock=clock, context=app.app_context, timetable=())
    return Post(app=app, clock=clock, program=program, gateways=gateways, worker=worker)
