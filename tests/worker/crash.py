"""Workers that die at a named point, in processes of their own, and what their databases look like afterwards."""

import multiprocessing
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import Integer, Table, func, select
from sqlalchemy.orm import Session

from rewards_service.app import JOB_KINDS
from rewards_service.codes.operations import CodeTerms, create_batch, issue_code, reissue_code
from rewards_service.delivery.operations import queue_message
from rewards_service.gateways.mail import OutboxMail
from rewards_service.gateways.sms import OutboxSms
from rewards_service.kit import failpoints
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.clock import FixedClock
from rewards_service.kit.crypto import KeyRing
from rewards_service.kit.database import Base, connect_database, db, read_session, transact
from rewards_service.kit.failpoints import Failpoint
from rewards_service.kit.jobs import JobRegistry, enqueue, install_registry
from rewards_service.kit.throttle import Caller, record_failure
from rewards_service.ledger.operations.rating import change_rate
from rewards_service.worker import Worker
from rewards_service.worker.signs import sign_of_life
from tests.support.commerce import Commerce
from tests.support.gateways import make_gateways
from tests.support.made_up import make_program
from tests.support.schema import import_all_models

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["pytest", "tests.worker.crash"])
"""Loaded once: every process that dies is a fork of one that has them."""
SECONDS_MAX = 60
LATER = timedelta(days=400)
"""By then everything that scenes file is due, and every lease has run out."""
NOT_COMPARED = {"job_attempt", "schedule_slot"}
"""A try that was lost is one more attempt; all else must be as if nobody had died."""
VALUE = re.compile(r"(^|_)(minor|units|available|held)$")

Shape = dict[str, int]


@dataclass(frozen=True)
class Place:
    """One database, its keys and the directory that its messages are written to."""

    url: str
    ring: KeyRing
    outbox: Path
    now: datetime

    @property
    def signs(self) -> Path:
        """Where its workers keep their signs of life."""
        return self.outbox.parent / "workers"

    @contextmanager
    def worker(self, *, at: datetime | None = None) -> Iterator[Worker]:
        """Open the application and give a worker to whom it is ``at``."""
        app = Flask("rewards_service")
        app.config["SQLALCHEMY_DATABASE_URI"] = self.url
        connect_database(app)
        registry = JobRegistry(JOB_KINDS)
        install_registry(registry)
        gateways = make_gateways(
            mail=OutboxMail(self.outbox),
            sms=OutboxSms(self.outbox),
            ring=self.ring,
            secrets={"sign_in.link": lambda _, login: login, "sign_in.code": lambda _, __: "7K3Q H2M9"},
        )
        clock = FixedClock(at or self.now)
        with app.app_context():
            yield Worker(registry=registry, gateways=gateways, clock=clock, context=app.app_context, timetable=())
            db.session.remove()
            db.engine.dispose()

    def file(self, kind: str) -> None:
        """File a job of ``kind`` with what it is to work on, as the product itself does."""
        with self.worker() as worker:
            vault = worker._gateways.vault

            def scene(session: Session) -> None:
                program = make_program(session, external_id="demo", now=self.now)
                SCENES[kind](Commerce(session, program, vault, self.now))

            transact(scene)

    def shape(self) -> Shape:
        """Return how many rows each table has, and the sum of each column of value."""
        import_all_models()
        with self.worker(), read_session() as reader:
            compared = [table for table in Base.metadata.sorted_tables if table.name not in NOT_COMPARED]
            return {name: count for table in compared for name, count in figures(reader, table)}


def figures(reader: Session, table: Table) -> Iterator[tuple[str, int]]:
    """Go through what is compared of one table."""
    yield table.name, reader.scalar(select(func.count()).select_from(table)) or 0
    for column in table.columns:
        if isinstance(column.type, Integer) and VALUE.search(column.name):
            yield f"{table.name}.{column.name}", reader.scalar(select(func.coalesce(func.sum(column), 0))) or 0


def die(place: Place, point: str, kind: str) -> int:
    """Let a process work until it dies at ``point`` for ``kind``, and return its exit status."""
    process = PROCESSES.Process(target=work_until_dead, args=(place, point, kind))
    process.start()
    process.join(SECONDS_MAX)
    assert process.exitcode is not None, "the process neither died nor ended"
    return process.exitcode


def work_until_dead(place: Place, point: str, kind: str) -> None:
    """Do what leads to ``point``; runs in a process of its own."""
    failpoints._ARMED = Failpoint(point, kind, None)
    if point == "after_commit":
        place.file(kind)
    else:
        with place.worker(at=place.now + LATER) as worker, sign_of_life(place.signs, name=worker.name):
            worker.drain()


def message(shop: Commerce, channel: str, to: str) -> None:
    """File a message."""
    queue_message(
        shop.session,
        organization_id=shop.program.organization_id,
        program=shop.program,
        channel=channel,
        to=to,
        template="sign_in",
        context={"login": "lgn_1", "minutes": 10},
        locale="en",
        now=shop.now,
        about_type="login_request",
        about_id="lgn_1",
        reference="lgn_1",
    )


def plain(kind: str, arrange: Callable[[Commerce], object]) -> Callable[[Commerce], None]:
    """Return a scene of a job that the timetable files: something to work on, and the job."""

    def scene(shop: Commerce) -> None:
        arrange(shop)
        enqueue(shop.session, kind=kind, payload={}, now=shop.now)

    return scene


def a_batch(shop: Commerce) -> None:
    """Ask for a batch of codes."""
    terms = CodeTerms(500, shop.program.points_unit, expires_at=shop.now + 2 * LATER)
    create_batch(shop.session, program=shop.program, external_id="B1", count=7, terms=terms, actor=SYSTEM, now=shop.now)


def a_used_code(shop: Commerce) -> None:
    """Issue a code and exchange it for another."""
    terms = CodeTerms(500, shop.program.points_unit)
    new = issue_code(shop.session, program=shop.program, terms=terms, vault=shop.vault, actor=SYSTEM, now=shop.now)
    reissue_code(shop.session, code=new.code, vault=shop.vault, actor=SYSTEM, reason="lost", now=shop.now)


def an_order(shop: Commerce) -> None:
    """Order something that is in stock."""
    item = shop.item()
    shop.stock(item)
    shop.order(item, shop.wallet((5000, 900)))


def another_rate(shop: Commerce) -> None:
    """Give the points of somebody another worth."""
    shop.wallet((5000, 900))
    tomorrow = shop.now + timedelta(days=1)
    change_rate(shop.session, program=shop.program, rate_units=100, rate_minor=90, valid_from=tomorrow, now=shop.now)


def a_failure(shop: Commerce) -> None:
    """Let somebody guess wrong."""
    record_failure(shop.session, purpose="code", caller=Caller(session="s"), now=shop.now)


def some_value(shop: Commerce) -> None:
    """Give somebody value that ends soon, and some that stays."""
    shop.wallet((5000, 30), (700, 900))


SCENES: dict[str, Callable[[Commerce], None]] = {
    "codes.issue_batch": a_batch,
    "codes.wipe_copies": plain("codes.wipe_copies", a_used_code),
    "delivery.send_email": lambda shop: message(shop, "email", "ada@example.org"),
    "delivery.send_sms": lambda shop: message(shop, "sms", "+4915112345678"),
    "delivery.wipe_words": plain("delivery.wipe_words", lambda shop: message(shop, "email", "ada@example.org")),
    "fulfillment.fulfil_line": an_order,
    "ledger.rebase_lots": another_rate,
    "ledger.roll_days": plain("ledger.roll_days", some_value),
    "upkeep.purge_answers": plain("upkeep.purge_answers", some_value),
    "upkeep.purge_failures": plain("upkeep.purge_failures", a_failure),
    "upkeep.purge_slots": plain("upkeep.purge_slots", some_value),
    "wallets.expire_value": plain("wallets.expire_value", some_value),
}
"""How each kind of job comes to be filed; a test holds the list against what the application knows."""
