"""R3 from outside: parallel POSTs of one code through a real server with four processes."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import requests
from alembic import command
from sqlalchemy import func, select

from rewards_service.identity.operations import create_api_key
from rewards_service.kit.crypto import write_key_file
from rewards_service.kit.database import db
from rewards_service.kit.schema import HEAD, alembic_config
from rewards_service.ledger.models import Hold
from tests.support.crew import rounds
from tests.support.serving import serve

PLAYERS = 20
WINNERS = 2
"""A code of 70.00 pays for so many cards of 25.00."""

LOSERS = {(409, "insufficient_value"), (404, "code_not_usable")}


@pytest.fixture
def shelf(arrange) -> dict[str, str]:
    """An item that never runs out, and a key that may order."""

    def scene(shop):
        item = shop.item()
        shop.stock(item, vouchers=WINNERS * rounds("R3") + PLAYERS)
        program = shop.program
        key = create_api_key(
            shop.session, organization_id=program.organization_id, program_id=program.id, name="race", now=shop.now
        )
        return {"item_id": item.public_id, "key": key.key}

    return arrange(scene)


@pytest.fixture
def served(shelf, database_url, ring, tmp_path: Path) -> Iterator[str]:
    """The address of a server with four web processes on the database of the test."""
    command.stamp(alembic_config(db.engine), HEAD)
    write_key_file(tmp_path / "keys.json", ring)
    environ = {"REWARDS_HOME": str(tmp_path), "REWARDS_DATABASE_URL": database_url}
    with serve(environ, workers=4) as address:
        yield address


def redeem(address: str, shelf: dict[str, str], code: str, external_id: str, start: Barrier) -> requests.Response:
    """Order one card for 25.00 when everybody is ready."""
    body: dict[str, Any] = {
        "external_id": external_id,
        "lines": [{"item_id": shelf["item_id"], "face_value_minor": 2500, "quantity": 1}],
        "tenders": [{"code": code}],
    }
    headers = {"Authorization": f"Bearer {shelf['key']}", "Idempotency-Key": f"key-{external_id}"}
    start.wait(60)
    return requests.post(f"{address}/api/v1/orders", json=body, headers=headers, timeout=60)


class TestRedeemingOneCodeAtOnce:
    def test_wins_as_often_as_the_code_covers_and_loses_with_a_reason(
        self, served, shelf, arrange, look, books
    ) -> None:
        with ThreadPoolExecutor(PLAYERS) as players:
            for number in range(rounds("R3")):
                code = arrange(lambda shop: shop.code(7000))
                start = Barrier(PLAYERS)
                calls = [
                    players.submit(redeem, served, shelf, code, f"{number}-{player}", start)
                    for player in range(PLAYERS)
                ]
                answers = [call.result() for call in calls]
                counted = Counter(answer.status_code for answer in answers)
                assert counted[201] == WINNERS
                lost = [answer for answer in answers if answer.status_code != 201]
                assert {(answer.status_code, answer.json()["code"]) for answer in lost} <= LOSERS
                assert {answer.headers["Content-Type"] for answer in lost} == {"application/problem+json"}
        held = look(lambda shop: shop.session.scalar(select(func.sum(Hold.units))))
        assert held == rounds("R3") * WINNERS * 2500
        assert books() == []
