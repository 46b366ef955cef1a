"""What redemptions are measured on: a program with one item, much stock, and wallets of three lots each."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import FixedDenomination, Item, ItemDraft, apply_change_set, get_item, make_change_set
from catalog.tables import item as item_table
from rewards_service.app import create_app
from rewards_service.config import Settings, read_settings
from rewards_service.identity.operations import create_api_key, register_member
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.crypto import new_key_ring, write_key_file
from rewards_service.kit.database import db, transact
from rewards_service.kit.schema import migrate
from rewards_service.kit.services import Services, services_of
from rewards_service.kit.tabular import read_table
from rewards_service.programs.models import Program
from rewards_service.stock.operations import import_stock
from rewards_service.wallets.operations import AwardTerms, Recipient, award_value
from tests.support.made_up import make_program
from tests.support.postgresql import PostgresqlServer, start_server

WALLETS = 200
LOTS = ((10**9, 30), (10**9, 60), (10**9, 90))
"""Units and days to live of each wallet's lots: more than any run spends."""
VOUCHERS = 200
FACE_MINOR = 2500
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


@dataclass(frozen=True)
class Stage:
    """A database with everything a redemption needs, and how to reach it."""

    environ: dict[str, str]
    api_key: str
    item_id: str
    wallets: tuple[str, ...]

    @property
    def url(self) -> str:
        """The database as SQLAlchemy names it."""
        return self.environ["REWARDS_DATABASE_URL"]


@contextmanager
def durable_postgresql() -> Iterator[tuple[PostgresqlServer, str]]:
    """Start a server that is durable as PostgreSQL is by default, and give the URL of an empty database on it."""
    server = start_server()
    try:
        with psycopg.connect(f"host={server.directory} user=rewards dbname=postgres", autocommit=True) as connection:
            for setting in DURABLE:
                connection.execute(f"ALTER SYSTEM SET {setting} = on")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE DATABASE redeem")
        yield server, server.url("redeem")
    finally:
        server.stop()


def build_stage(url: str, home: Path) -> Stage:
    """Fill the empty database at ``url``; keys and outbox are in ``home``."""
    home.mkdir(parents=True, exist_ok=True)
    write_key_file(home / "keys.json", new_key_ring())
    environ = {"REWARDS_HOME": str(home), "REWARDS_DATABASE_URL": url, "REWARDS_LOG_LEVEL": "WARNING"}
    app = create_app(settings_of(environ))
    with app.app_context():
        migrate(db.engine)
        services = services_of(app)
        api_key, item_id, wallets = transact(lambda session: _fill(session, services))
        db.session.remove()
        db.engine.dispose()
    return Stage(environ, api_key, item_id, wallets)


def settings_of(environ: dict[str, str]) -> Settings:
    """Return the settings that ``environ`` makes."""
    return read_settings({**os.environ, **environ})


def _fill(session: Session, services: Services) -> tuple[str, str, tuple[str, ...]]:
    """Make the program, its item with stock, its members with value, and a key."""
    now = datetime.now(UTC)
    program = make_program(session, external_id="bench", now=now)
    item = _item(session, now=now)
    rows = "\n".join(f"{secrets.token_hex(8)};25.00;23.00" for _ in range(VOUCHERS))
    table = read_table(f"number;value;cost\n{rows}\n".encode())
    import_stock(
        session,
        program=program,
        item=item,
        table=table,
        file_name="benchmark.csv",
        vault=services.vault,
        actor=SYSTEM,
        now=now,
    )
    wallets = tuple(_wallet(session, program=program, number=number, now=now) for number in range(WALLETS))
    key = create_api_key(
        session, organization_id=program.organization_id, program_id=program.id, name="benchmark", now=now
    )
    return key.key, item.public_id, wallets


def _item(session: Session, *, now: datetime) -> Item:
    """Make one gift card of 25 euro."""
    draft = ItemDraft(
        "Bookworld",
        "gift_card",
        "Bookworld",
        "Bookworld card",
        "EUR",
        fixed=(FixedDenomination(FACE_MINOR, 2300, "EUR"),),
    )
    connection = session.connection()
    apply_change_set(connection, make_change_set(connection, supplier="cardo", drafts=[draft]), now=now)
    return get_item(connection, public_id=session.scalars(select(item_table.c.public_id)).one())


def _wallet(session: Session, *, program: Program, number: int, now: datetime) -> str:
    """Make a member whose wallet has three lots, and return the wallet's public id."""
    member = register_member(
        session,
        organization_id=program.organization_id,
        program_id=program.id,
        name=f"Member {number}",
        locale="en",
        external_id=f"M{number}",
        now=now,
    )
    assert program.points_unit is not None
    for index, (units, days) in enumerate(LOTS):
        awarded = award_value(
            session,
            program=program,
            recipient=Recipient(member=member),
            terms=AwardTerms(units, program.points_unit, "benchmark", expires_at=now + timedelta(days=days)),
            external_id=f"A{number}-{index}",
            actor=SYSTEM,
            now=now,
        )
    return awarded.wallet.public_id
