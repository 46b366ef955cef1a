"""From a new program to a voucher, over HTTP alone, with a client that was generated from the API's description."""

import importlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from rewards_service.app import create_app
from rewards_service.config import read_settings
from rewards_service.kit.database import db
from rewards_service.kit.jobs.policy import QUEUES
from rewards_service.kit.services import services_of
from rewards_service.worker import Worker
from tests.support.commands import CommandLine
from tests.support.source import ROOT

DESCRIPTION = ROOT / "docs" / "openapi.json"
TOOLS = Path(sys.executable).parent
PACKAGE = "generated_rewards_client"
GENERATE = ("generate", "--path", str(DESCRIPTION), "--meta", "none")
HLEDGER_CHECKS = ("balancednoautoconversion", "ordereddates")


class TestApiJourney:
    def test_leads_from_a_program_to_a_voucher_and_to_books_that_agree(
        self, shell: CommandLine, service: Flask, caller: "Caller", tmp_path: Path
    ) -> None:
        program = caller.do(
            "programs.create_program",
            name="Journey",
            external_id="journey",
            unit="JRN",
            points_per_major=100,
            currency="EUR",
            time_zone="Europe/Berlin",
            locale="en",
        )
        member = caller.do("members.create_member", program_id="journey", name="Ana Soto", email="ana@example.com")
        award = caller.do(
            "awards.create_award",
            program_id="journey",
            member={"id": member.id},
            value_units=1_000,
            reason="Q3 sales",
            external_id="A-1",
        )
        codes = [issue(caller, value_units=1_000, days=days) for days in (30, 60)]
        (item, *_) = caller.ask("catalog.search_catalog", q="nordwind", program_id="journey").items
        lines = [{"item_id": item.id, "face_value_minor": 2_500}]
        tenders = [{"wallet_id": award.wallet_id}, *({"code": code.code} for code in codes)]
        quote = caller.do("orders.quote_order", is_keyed=False, program_id="journey", lines=lines, tenders=tenders)
        assert (quote.total_units, quote.is_covered) == (2_500, True)

        order = caller.do("orders.place_order", program_id="journey", external_id="O-1", lines=lines, tenders=tenders)
        drain(service)
        order = caller.ask("orders.read_order", order_id=order.id)
        assert (order.state, [line.state for line in order.lines]) == ("complete", ["issued"])
        assert [(tender.code_id or tender.wallet_id, tender.units) for tender in order.tenders] == [
            (codes[0].id, 1_000),
            (codes[1].id, 1_000),
            (award.wallet_id, 500),
        ]
        voucher = caller.do("orders.reveal_credentials", is_keyed=False, order_id=order.id, number=1, reason="journey")
        assert voucher.number
        assert caller.ask("wallets.read_wallet", wallet_id=award.wallet_id).balance_units == 500
        kinds = {entry.kind for entry in caller.ask("ledger.list_entries").items}
        assert kinds >= {"award", "issue", "hold", "capture"}
        assert program.id == order.program_id

        assert shell.run("ledger", "verify").exit_code == 0
        assert_others_accept_the_books(shell, tmp_path)


@dataclass(frozen=True)
class Caller:
    """A generated client with a key, whose calls give the document of a success."""

    package: ModuleType
    client: Any

    def ask(self, operation: str, **parameters: Any) -> Any:
        """Call an operation that reads."""
        return self._call(operation, parameters)

    def do(self, operation: str, *, is_keyed: bool = True, **fields: Any) -> Any:
        """Call an operation with a body, under a fresh idempotency key where it takes one."""
        path = {name: fields.pop(name) for name in ("order_id", "number") if name in fields}
        body = self._body_of(operation).from_dict(fields)
        takes_key = {"idempotency_key": os.urandom(8).hex()} if is_keyed and self._takes_key(operation) else {}
        return self._call(operation, {"body": body, **path, **takes_key})

    def _call(self, operation: str, parameters: dict[str, Any]) -> Any:
        """Call an operation and return its parsed answer."""
        answer = self._module(operation).sync_detailed(client=self.client, **parameters)
        assert answer.status_code < 300, answer.content
        return answer.parsed

    def _module(self, operation: str) -> ModuleType:
        """The generated module of an operation."""
        return importlib.import_module(f"{self.package.__name__}.api.{operation}")

    def _body_of(self, operation: str) -> Any:
        """The generated class of an operation's body."""
        return self._module(operation).sync_detailed.__annotations__["body"]

    def _takes_key(self, operation: str) -> bool:
        """Whether the operation needs an idempotency key."""
        return "idempotency_key" in self._module(operation).sync_detailed.__annotations__


@pytest.fixture
def shell(blank_database_url: str, tmp_path: Path) -> CommandLine:
    """A shell in which the demo was set up."""
    line = CommandLine({"REWARDS_HOME": str(tmp_path / "home"), "REWARDS_DATABASE_URL": blank_database_url})
    assert line.run("init", "--demo").exit_code == 0
    return line


@pytest.fixture
def service(shell: CommandLine) -> Iterator[Flask]:
    """The application that the shell set up."""
    app = create_app(read_settings(shell.environ))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def address(service: Flask) -> Iterator[str]:
    """Where the application answers, over a real socket."""
    server = make_server("127.0.0.1", 0, service, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def caller(shell: CommandLine, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    """A client with a key of the whole organization, generated anew."""
    generated = tmp_path / PACKAGE
    done = subprocess.run(
        [TOOLS / "openapi-python-client", *GENERATE, "--output-path", generated],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"},
    )
    assert (done.returncode, "WARNING" in done.stdout + done.stderr) == (0, False), done.stdout + done.stderr
    monkeypatch.syspath_prepend(tmp_path)
    package = importlib.import_module(PACKAGE)
    key = shell.json("api-key", "create", "--name", "journey")["key"]
    with package.AuthenticatedClient(base_url=address, token=key) as client:
        yield Caller(package, client)
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def issue(caller: Caller, *, value_units: int, days: int) -> Any:
    """A code that ends so many days from now."""
    ends = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    return caller.do("codes.issue_code", program_id="journey", value_units=value_units, expires_at=ends)


def drain(service: Flask) -> None:
    """Run every job that is due."""
    services = services_of(service)
    worker = Worker(
        registry=services.registry, gateways=services.gateways, clock=services.clock, context=service.app_context
    )
    with service.app_context():
        worker.drain(queues=list(QUEUES))


def assert_others_accept_the_books(shell: CommandLine, directory: Path) -> None:
    """bean-check and, where it is there, hledger find nothing wrong with the exported books."""
    for form in ("beancount", "hledger"):
        shell.json("books", "export", "--format", form, "--out", str(directory / f"books.{form}"))
    checked = subprocess.run(
        [TOOLS / "bean-check", "--no-cache", directory / "books.beancount"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    hledger = shutil.which("hledger")
    if hledger is not None:
        checks = [hledger, "-f", directory / "books.hledger", "check", "-s", *HLEDGER_CHECKS]
        done = subprocess.run(checks, capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"})
        assert (done.returncode, done.stderr) == (0, "")
