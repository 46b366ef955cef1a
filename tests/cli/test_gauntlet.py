"""``rewards gauntlet``: runs what it is given as often as the promises say, and tells how often that was."""

from pathlib import Path

import pytest

from rewards_service.cli import gauntlet as command
from tests.support.commands import CommandLine
from tests.support.crew import USUAL_ROUNDS

RIGHT = """
import os
from tests.support.crew import rounds

def test_right():
    assert (rounds("R1"), rounds("R7-points"), os.environ["REWARDS_TEST_SEED"]) == (3, 3, "7")
"""
WRONG = """
def test_wrong():
    assert False
"""


@pytest.fixture
def gauntlet(monkeypatch, tmp_path: Path):
    """Runs the command with three rounds of each promise, on one suite of these lines."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)

    def run(lines: str, *, status: int):
        suite = tmp_path / "test_suite.py"
        suite.write_text(lines, encoding="utf8")
        monkeypatch.setattr(command, "SUITES", (str(suite),))
        return CommandLine({}).json("gauntlet", "--rounds", "3", "--seed", "7", status=status)

    return run


class TestGauntlet:
    def test_knows_how_often_each_promise_is_tried(self):
        assert command.ROUNDS.keys() == USUAL_ROUNDS.keys()
        assert all(command.ROUNDS[promise] > usual for promise, usual in USUAL_ROUNDS.items())

    def test_tells_seed_rounds_and_results(self, gauntlet):
        told = gauntlet(RIGHT, status=0)
        assert (told["seed"], told["rounds"], told["failed"]) == (7, dict.fromkeys(command.ROUNDS, 3), [])
        assert told["passed"] == len(told["results"]) == 1

    def test_has_failed_where_a_test_has(self, gauntlet):
        told = gauntlet(WRONG, status=1)
        (only,) = told["results"]
        assert (told["passed"], told["failed"], only["outcome"]) == (0, [only["test"]], "failure")
        assert only["test"].endswith("test_wrong")

    def test_has_failed_where_nothing_was_run(self, gauntlet):
        told = gauntlet("", status=1)
        assert (told["passed"], told["failed"]) == (0, ["the run as a whole"])
