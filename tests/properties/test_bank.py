"""R2: whoever reads sees all value, and no more, while eight others move it about."""

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards_service.finance.verify import verify_books
from rewards_service.kit import database_postgresql
from rewards_service.kit.database import read_session, transact, unit_of_work
from rewards_service.ledger.errors import InsufficientValue, MoveToItself
from rewards_service.ledger.models import Account, Lot
from rewards_service.ledger.operations import Move, Source, move_value
from rewards_service.programs.models import Program
from tests.conftest import SEED_VARIABLE
from tests.ledger.stage import Stage
from tests.support.crew import rounds

WALLETS, EACH_UNITS = 6, 1000
WRITERS, MOVES_EACH = 8, 60
READERS = 2
PAUSE_SECONDS = 0.02
"""Between two looks of a reader, so that readers do not take the writers' processor."""


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection for each thread, so that a reader is not kept waiting for one by writers that never pause."""
    monkeypatch.setitem(database_postgresql.ENGINE_OPTIONS, "pool_size", WRITERS + READERS)


@pytest.fixture
def app(places: None, app: Flask) -> Flask:
    """The application, with a place for everybody."""
    return app


@pytest.fixture
def open_accounts(app: Flask, program: Program, now: datetime) -> Callable[[int], list[int]]:
    """Opens wallets with the same value each, new ones for every round: each move leaves another lot behind."""

    def opening(number: int) -> list[int]:
        with unit_of_work() as session:
            session.add(program)
            stage = Stage(session, program, now)
            for wallet in range(WALLETS):
                stage.award(f"M{number}-{wallet}", EACH_UNITS)
            return list(stage.accounts.values())

    return opening


class Bank:
    """Moves value about, and looks at it meanwhile."""

    def __init__(self, app: Flask, program: Program, accounts: list[int], now: datetime) -> None:
        self.app, self.program_id, self.accounts, self.now = app, program.id, accounts, now
        self.unit_id = program.points_unit_id
        self.is_over = Event()

    def write(self, seed: str) -> int:
        """Make moves and return how many were possible."""
        chance, made = random.Random(seed), 0
        with self.app.app_context():
            for number in range(MOVES_EACH):
                giver, taker = chance.choices(self.accounts, k=2)
                move = Move(giver, taker, chance.randrange(1, EACH_UNITS))
                made += self.move(move, Source("bank", f"{seed}/{number}"))
        return made

    def move(self, move: Move, source: Source) -> bool:
        """Make one move, if there is enough."""

        def operation(session: Session) -> None:
            program = session.get_one(Program, self.program_id)
            arguments = {"program": program, "unit_id": self.unit_id, "moves": [move], "source": source}
            move_value(session, now=self.now, **arguments)

        try:
            transact(operation)
        except (InsufficientValue, MoveToItself):
            return False
        return True

    def read(self) -> set[tuple[int, int]]:
        """Look again and again, and return each sum of balances, and of lots, that was ever seen."""
        seen = set()
        with self.app.app_context():
            while not self.is_over.wait(PAUSE_SECONDS):
                with read_session() as session:
                    balances = session.scalar(select(func.sum(Account.balance_units)))
                    lots = session.scalar(select(func.sum(Lot.units_available)))
                seen.add((int(balances), int(lots)))
        return seen


class TestBank:
    def test_every_reader_sees_the_same_sum(
        self,
        app: Flask,
        program: Program,
        open_accounts: Callable[[int], list[int]],
        now: datetime,
        chance: random.Random,
    ):
        made, count = 0, rounds("R2")
        for number in range(count):
            bank = Bank(app, program, open_accounts(number), now)
            seeds = [f"{number}/{writer}/{chance.random()}" for writer in range(WRITERS)]
            with ThreadPoolExecutor(WRITERS + READERS) as pool:
                readers = [pool.submit(bank.read) for _ in range(READERS)]
                writers = [pool.submit(bank.write, seed) for seed in seeds]
                wait(writers)
                bank.is_over.set()
                made += sum(writer.result() for writer in writers)
                seen = set().union(*(reader.result() for reader in readers))
            all_units = (number + 1) * WALLETS * EACH_UNITS
            assert seen == {(all_units, all_units)}
        with read_session() as session:
            assert [result.number for result in verify_books(session, now=now) if not result.holds] == []
        seed = f"{SEED_VARIABLE}={os.environ[SEED_VARIABLE]}"
        print(f"{count} rounds of {WRITERS * MOVES_EACH} moves, {made} of them possible, {seed}")  # noqa: T201
