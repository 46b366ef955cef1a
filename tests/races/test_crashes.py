"""R7: what was acknowledged survives the death of whoever acknowledged it."""

import contextlib
import itertools
import os
import signal
import time
from multiprocessing.connection import Connection
from typing import Any

import pytest
from sqlalchemy import func, select, text

from rewards_service.app import JOB_KINDS
from rewards_service.kit import failpoints
from rewards_service.kit.clock import FixedClock
from rewards_service.kit.crypto import Vault
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.failpoints import EXIT_STATUS, Failpoint
from rewards_service.kit.jobs import JobRegistry
from rewards_service.kit.jobs.models import Job
from rewards_service.orders.models import Order, OrderLine
from rewards_service.orders.operations.setting_aside import FULFIL_LINE
from rewards_service.worker import Worker
from tests.races import moves
from tests.support.crew import PROCESSES, Stage, on_stage, rounds
from tests.support.gateways import make_gateways

SECONDS_MAX = 60
LIVES_AT_MOST = 0.2
"""Seconds after its first order within which a writer is killed."""
ORDERS_EACH_MAX = 100
"""More than a writer places while it lives."""


def place_until_killed(stage: Stage, line: Connection, given: dict[str, Any], prefix: str) -> None:
    """Place one order after another and say so after each; runs in a process of its own."""
    vault = Vault(stage.ring)
    with on_stage(stage, pool_size=1):
        for number in itertools.count():
            line.send(place(stage, vault, given, f"{prefix}-{number}"))


def place_and_die(stage: Stage, given: dict[str, Any], external_id: str) -> None:
    """Place an order and die between the commit and the answer; runs in a process of its own."""
    failpoints._ARMED = Failpoint("after_commit", FULFIL_LINE, None)
    with on_stage(stage, pool_size=1):
        place(stage, Vault(stage.ring), given, external_id)


def die_halfway(stage: Stage, given: dict[str, Any], external_id: str) -> None:
    """Place an order and die before the commit; runs in a process of its own."""
    vault = Vault(stage.ring)

    def operation(session):
        moves.order(session, vault=vault, now=stage.now, external_id=external_id, **given)
        os.kill(os.getpid(), signal.SIGKILL)

    with on_stage(stage, pool_size=1):
        transact(operation)


def place(stage: Stage, vault: Vault, given: dict[str, Any], external_id: str) -> str:
    return transact(lambda session: moves.order(session, vault=vault, now=stage.now, external_id=external_id, **given))


def run(target: Any, *given: Any) -> int:
    """Let a process live until it dies by itself, and return its exit status."""
    process = PROCESSES.Process(target=target, args=given)
    process.start()
    process.join(SECONDS_MAX)
    assert process.exitcode is not None, "the process neither died nor ended"
    return process.exitcode


@pytest.fixture
def given(arrange) -> dict[str, Any]:
    """An item with much stock, and a wallet with as much value."""

    def scene(shop):
        item = shop.item()
        shop.stock(item, vouchers=ORDERS_EACH_MAX * rounds("R7"))
        return {"item_id": item.public_id, "wallets": [shop.wallet((10**8, 60)).public_id]}

    return arrange(scene)


def all_orders() -> set[str]:
    with read_session() as reading:
        return set(reading.scalars(select(Order.public_id)))


class TestWriter:
    def test_loses_nothing_that_it_acknowledged(self, stage, given, books, chance) -> None:
        acknowledged: set[str] = set()
        for number in range(rounds("R7")):
            acknowledged |= live_and_die(stage, given, f"K{number}", chance.uniform(0, LIVES_AT_MOST))
            assert acknowledged <= all_orders()
            assert len(all_orders()) <= len(acknowledged) + number + 1, "at most the last order of each was not told"
        assert acknowledged
        assert books() == []
        assert integrity(stage) == "ok"
        assert drain(stage) == len(all_orders())
        with read_session() as reading:
            assert set(reading.scalars(select(OrderLine.state).distinct())) == {"issued"}
        assert books() == []

    def test_that_dies_between_commit_and_answer_has_placed_the_order_once(self, stage, given, ring, books) -> None:
        assert run(place_and_die, stage, given, "WEB-1") == EXIT_STATUS
        (only,) = all_orders()
        assert place(stage, Vault(ring), given, "WEB-1") == only
        assert books() == []

    def test_that_dies_before_the_commit_has_placed_nothing(self, stage, given, ring, books) -> None:
        assert run(die_halfway, stage, given, "WEB-1") == -signal.SIGKILL
        assert all_orders() == set()
        with read_session() as reading:
            assert reading.scalar(select(func.count(Job.id))) == 0
        assert place(stage, Vault(ring), given, "WEB-1") in all_orders()
        assert books() == []


def live_and_die(stage: Stage, given: dict[str, Any], prefix: str, seconds: float) -> set[str]:
    """Let a writer place orders, kill it, and return the orders that it acknowledged."""
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=place_until_killed, args=(stage, theirs, given, prefix))
    process.start()
    theirs.close()
    assert ours.poll(SECONDS_MAX), "the writer never wrote"
    time.sleep(seconds)
    process.kill()
    process.join(SECONDS_MAX)
    told = set()
    with contextlib.suppress(EOFError):
        while ours.poll(SECONDS_MAX):
            told.add(ours.recv())
    return told


def integrity(stage: Stage) -> str:
    """What SQLite says about its file; PostgreSQL checks its pages whenever it reads them."""
    if not stage.url.startswith("sqlite"):
        return "ok"
    with read_session() as reading:
        return reading.scalar(text("PRAGMA integrity_check"))


def drain(stage: Stage) -> int:
    """Let a worker do what waits and return how many jobs that were."""
    worker = Worker(
        registry=JobRegistry(JOB_KINDS),
        gateways=make_gateways(ring=stage.ring),
        clock=FixedClock(stage.now),
        context=contextlib.nullcontext,
        timetable=(),
    )
    return worker.drain(queues=["money"])
