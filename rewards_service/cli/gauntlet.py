"""``rewards gauntlet``: the races, crashes and random stories of the test suite, many more rounds of them."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click

import rewards_service
from rewards_service.cli.context import EXIT_REFUSED, emit, fail, json_option

ROUNDS = {"R1": 2000, "R2": 200, "R3": 500, "R4": 300, "R5": 300, "R6": 50, "R7": 200, "R7-points": 20, "R9": 200}
"""How often each promise is tried: stories, rounds of a race, crashes, and deaths at each named point."""
SEED_BITS = 32
STANDARD_ERROR = 2
"""The file descriptor: what this process prints itself is for other programs."""
SUITES = ("tests/races", "tests/properties", "tests/codes/test_races.py", "tests/worker/test_crash.py")


@click.command()
@click.option("--seed", type=click.IntRange(min=0), help="Repeats a run; without it one is drawn and printed.")
@click.option("--rounds", type=click.IntRange(min=1), help="Of each promise, instead of as many as it says itself.")
@json_option
def gauntlet(*, seed: int | None, rounds: int | None, as_json: bool) -> None:
    """Run races, crashes and random stories on both databases, and print rounds, seed and results."""
    checkout = Path(rewards_service.__file__).parents[1]
    if not (checkout / "tests").is_dir():
        fail("The gauntlet is part of the source: run it in a checkout, with what `make test` installs.")
    chosen = secrets.randbits(SEED_BITS) if seed is None else seed
    each = {promise: rounds or usual for promise, usual in ROUNDS.items()}
    began = time.monotonic()
    results = _run(checkout, seed=chosen, rounds=each)
    run = {"seed": chosen, "rounds": each, "seconds": round(time.monotonic() - began)}
    summary = run | _outcomes(results)
    emit(summary, as_json=as_json, text=_as_text(summary))
    if summary["failed"]:
        sys.exit(EXIT_REFUSED)


def _run(checkout: Path, *, seed: int, rounds: Mapping[str, int]) -> list[tuple[str, str]]:
    """Run the suites as a process of their own, what they say on standard error, and return each test's outcome."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "-p", "no:cacheprovider", "-n", "auto", "--dist", "worksteal", f"--junitxml={report}"]
        command = [sys.executable, "-m", "pytest", *options, *SUITES]
        environ = {**os.environ, "REWARDS_TEST_SEED": str(seed), "REWARDS_ROUNDS": _told(rounds)}
        status = subprocess.run(command, cwd=checkout, env=environ, stdout=STANDARD_ERROR, check=False).returncode  # noqa: S603 — our own tests
        results = _results(report) if report.exists() else []
    is_told = status == 0 or any(outcome != "passed" for _, outcome in results)
    return results if is_told else [*results, ("the run as a whole", f"ended with {status}")]


def _told(rounds: Mapping[str, int]) -> str:
    """Return rounds as the suites read them: ``R1=2000,R2=200``."""
    return ",".join(f"{promise}={number}" for promise, number in rounds.items())


def _results(report: Path) -> list[tuple[str, str]]:
    """Return each test with its outcome, from pytest's JUnit report, which this process has just had written."""
    return [
        (f"{case.get('classname')}.{case.get('name')}", _outcome(case))
        for case in ET.parse(report).iter("testcase")  # noqa: S314 — written by our own process
    ]


def _outcome(case: ET.Element) -> str:
    """Return what became of a test."""
    for name in ("failure", "error", "skipped"):
        if case.find(name) is not None:
            return name
    return "passed"


def _outcomes(results: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return what became of the tests, for programs."""
    failed = [name for name, outcome in results if outcome != "passed"]
    return {
        "passed": len(results) - len(failed),
        "failed": failed,
        "results": [{"test": name, "outcome": outcome} for name, outcome in results],
    }


def _as_text(summary: dict[str, Any]) -> str:
    """Return what became of the tests, for a person: a line for each, and one about all."""
    tests = [f"{result['outcome']}  {result['test']}" for result in summary["results"]]
    run = f"seed {summary['seed']}, rounds {_told(summary['rounds'])}, {summary['seconds']} s"
    return "\n".join([*tests, f"{run}: {summary['passed']} passed, {len(summary['failed'])} not"])
