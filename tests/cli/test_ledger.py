from datetime import datetime

import pytest
from flask import Flask

from rewards_service.kit.database import unit_of_work
from rewards_service.programs.models import Program
from tests.cli.conftest import RunCommand
from tests.finance.tampering import lawless_engine, run_lawless
from tests.ledger.stage import Stage


@pytest.fixture
def books(app: Flask, program: Program, now: datetime) -> Program:
    """Books with one award."""
    with unit_of_work() as session:
        session.add(program)
        Stage(session, program, now).award("ANA", 100)
    return program


class TestLedgerVerify:
    def test_says_ok_for_every_claim(self, run_command: RunCommand, books: Program):
        done = run_command("ledger", "verify")
        assert done.status == 0
        assert [line.split()[1] for line in done.out.splitlines()[:-1]] == ["OK"] * 20
        assert done.out.endswith("The books are right.\n")

    def test_names_the_first_row_that_is_wrong(self, run_command: RunCommand, books: Program, database_url: str):
        run_lawless(lawless_engine(database_url), ["UPDATE account SET balance_units = 99 WHERE id = 1"])
        done = run_command("ledger", "verify")
        assert done.status == 1
        (line,) = (line for line in done.out.splitlines() if line.startswith(" 4"))
        assert "BROKEN" in line
        assert "balance_units=99, posted_units=100" in line

    def test_speaks_to_programs(self, run_command: RunCommand, books: Program, database_url: str):
        assert run_command("ledger", "verify", "--json").json["ok"] is True
        run_lawless(lawless_engine(database_url), ["UPDATE account SET balance_units = 99 WHERE id = 1"])
        told = run_command("ledger", "verify", "--json").json
        assert told["ok"] is False
        assert [check["number"] for check in told["checks"] if not check["ok"]] == [4, 6]
