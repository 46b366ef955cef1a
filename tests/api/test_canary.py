"""R14: no code, voucher number, PIN, token or key stands in clear in what the API and its worker leave behind."""

import email
import io
from collections.abc import Iterator
from contextlib import nullcontext
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from rewards_service.codes.format import normal_form
from rewards_service.codes.models import ClaimLink, Code
from rewards_service.codes.operations import claim_token, open_code
from rewards_service.config import Settings
from rewards_service.finance.books import BOOK_FORMATS, export_books
from rewards_service.identity.models import LoginRequest
from rewards_service.identity.operations import request_login
from rewards_service.identity.tokens import login_secrets
from rewards_service.kit.database import read_session, unit_of_work
from rewards_service.kit.jobs.policy import QUEUES
from rewards_service.kit.services import services_of
from rewards_service.programs.models import Organization
from rewards_service.worker import Worker
from tests.api.client import Api
from tests.api.made import Shop
from tests.conftest import NOW
from tests.support.commerce import Commerce
from tests.support.leaks import files, leaks, logged, tables

NUMBER, PIN = "CARD9K2M7Q4X1Z", "PINW8R3T6YB5"
REASON = {"reason": "because"}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile, statements with their parameters included."""
    with logged() as stream:
        yield stream


class TestWhatIsLeftBehind:
    def test_reveals_nothing_that_opens_anything(self, shop: Shop, app: Flask, settings: Settings, log: io.StringIO):
        codes = plant_codes(shop)
        codes += plant_voucher(shop)
        plant_login(shop)
        run_jobs(app)
        export_all(shop, settings)
        codes += batch_codes(shop)
        tokens = [*claim_tokens(shop), *login_tokens(shop)]
        assert (len(codes), len(tokens)) == (13, 3)
        places = {**tables(), **files(app), "log": log.getvalue().encode()}
        assert "INSERT INTO stored_answer" in log.getvalue()
        assert leaks([*(normal_form(code) for code in codes), *tokens, NUMBER, PIN, shop.api.key], places) == []
        assert leaks([*(normal_form(code) for code in codes), NUMBER, PIN, shop.api.key], written(settings.home)) == []

    def test_is_searched_well_enough_to_find_what_is_there(self, shop: Shop, app: Flask, settings: Settings):
        plant_codes(shop)
        run_jobs(app)
        export_all(shop, settings)
        places = written(settings.home)
        assert any(token.encode() in content for token in claim_tokens(shop) for content in places.values())
        assert {Path(place).suffix for place in places} >= {".eml", ".beancount"}


def plant_codes(shop: Shop) -> list[str]:
    """Issue, send, check, split, merge, exchange and mistake codes, each request sent twice; return all in clear."""
    sent = twice(shop.api, "/codes", {"program_id": "demo", "value_units": 100, "deliver": deliver("ana@example.com")})
    first, second = (shop.code(100)["code"] for _ in range(2))
    parts = twice(shop.api, "/codes/split", {"code": first, "parts_units": [40, 60]})["codes"]
    merged = twice(shop.api, "/codes/merge", {"codes": [second, parts[0]["code"]]})
    new = twice(shop.api, f"/codes/{sent['id']}/reissue", REASON | {"deliver": deliver("bob@example.com")})
    twice(shop.api, "/code-batches", {"program_id": "demo", "external_id": "B", "count": 3, "value_units": 5}, 202)
    texts = [sent["code"], first, second, *(part["code"] for part in parts), merged["code"], new["code"]]
    for text in texts:
        shop.api.post("/codes/check", {"code": text})
        shop.api.post("/codes/claim", {"code": text, "wallet_id": text})
        shop.api.get(f"/codes/{text}")
        shop.api.send("POST", "/codes/check", raw=f'{{"code": "{text}"'.encode())
    return texts


def deliver(to: str) -> dict[str, str]:
    """How a code is sent to an address."""
    return {"channel": "email", "to": to}


def twice(api: Api, path: str, body: dict[str, object], status: int = 201) -> dict[str, object]:
    """Send one request twice under one key, so that its answer is kept and given again."""
    answers = [api.expect(api.post(path, body, idempotency_key=f"twice-{path}"), status) for _ in range(2)]
    assert answers[0] == answers[1]
    return answers[0]


def plant_voucher(shop: Shop) -> list[str]:
    """Buy the only voucher of an item with codes, look at it, and return the codes."""
    with unit_of_work() as session:
        session.add(shop.program)
        commerce = Commerce(session, shop.program, shop.vault, shop.now)
        item = commerce.item("Canary")
        commerce.import_rows(item, [["number", "pin", "face value"], [NUMBER, PIN, "25.00"]])
    texts = [shop.code(1_000)["code"], shop.code(1_500)["code"], shop.code(7)["code"]]
    tenders, recipient = [{"code": text} for text in texts[:2]], {"email": "ana@example.com"}
    order = shop.order(*tenders, item=item.public_id, recipient=recipient)
    shown = shop.api.made(f"/orders/{order['id']}/lines/1/credentials", REASON, status=200)
    assert (shown["number"], shown["pin"]) == (NUMBER, PIN)
    return texts


def plant_login(shop: Shop) -> None:
    """Let somebody ask for a sign-in message."""
    with unit_of_work() as session:
        session.add(shop.program)
        request_login(
            session, program=shop.program, address="ana@example.com", browser_nonce="nonce", locale="en", now=NOW
        )


def run_jobs(app: Flask) -> None:
    """Do what is due: issue the batch, send the messages."""
    services = services_of(app)
    worker = Worker(registry=services.registry, gateways=services.gateways, clock=services.clock, context=nullcontext)
    worker.drain(queues=list(QUEUES))


def export_all(shop: Shop, settings: Settings) -> None:
    """Write the books in every format."""
    with read_session() as session:
        for book_format in BOOK_FORMATS:
            export_books(
                session,
                organization=session.get_one(Organization, shop.program.organization_id),
                book_format=book_format,
                first_day=None,
                last_day=None,
                today=NOW.date(),
                out=settings.home / f"books.{book_format}",
            )


def batch_codes(shop: Shop) -> list[str]:
    """Return the codes of the batch in clear."""
    with read_session() as session:
        codes = session.scalars(select(Code).where(Code.batch_id.is_not(None))).all()
        return [open_code(session, code=code, vault=shop.vault).reveal() for code in codes]


def claim_tokens(shop: Shop) -> list[str]:
    """Return what the links of all messages hold."""
    with read_session() as session:
        return [claim_token(shop.vault, link=link).reveal() for link in session.scalars(select(ClaimLink)).all()]


def login_tokens(shop: Shop) -> list[str]:
    """Return what the link of the sign-in message holds beside its id."""
    with read_session() as session:
        asked = session.scalars(select(LoginRequest.public_id)).one()
    return [login_secrets(shop.vault, asked).link_token.partition(".")[2]]


def written(home: Path) -> dict[str, bytes]:
    """Return every file below ``home``, letters also as their reader sees them."""
    found = {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    for path, content in list(found.items()):
        if path.endswith(".eml"):
            letter = email.message_from_bytes(content, policy=default)
            parts = [part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"]
            found[f"{path} as read"] = "\n".join(parts).encode()
    return found
