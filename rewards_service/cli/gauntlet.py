"""``rewards gauntlet``: the races, crashes and random stories of the test suite, many more rounds of them."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import click

import rewards_service
from rewards_service.cli.context import EXIT_REFUSED, emit, fail, json_option

ROUNDS_DEFAULT = 200
SEED_BITS = 32
SUITES = ("tests/races", "tests/properties", "tests/codes/test_races.py", "tests/worker/test_crash.py")


@click.command()
@click.option("--seed", type=click.IntRange(min=0), help="Repeats a run; without it one is drawn and printed.")
@click.option("--rounds", default=ROUNDS_DEFAULT, show_default=True, type=click.IntRange(min=1), help="Of each race.")
@json_option
def gauntlet(*, seed: int | None, rounds: int, as_json: bool) -> None:
    """Run races, crashes and random stories on both databases, and print rounds, seed and results."""
    checkout = Path(rewards_service.__file__).parents[1]
    if not (checkout / SUITES[0]).is_dir():
        fail("The gauntlet is part of the source: run it in a checkout, with what `make test` installs.")
    chosen = secrets.randbits(SEED_BITS) if seed is None else seed
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        status = _run(checkout, report=report, seed=chosen, rounds=rounds)
        results = _results(report) if report.exists() else []
    failed = [name for name, outcome in results if outcome != "passed"]
    summary = {
        "seed": chosen,
        "rounds": rounds,
        "seconds": round(time.monotonic() - began),
        "passed": len(results) - len(failed),
        "failed": failed,
        "results": [{"test": name, "outcome": outcome} for name, outcome in results],
    }
    text = f"seed {chosen}, {rounds} rounds, {summary['seconds']} s: {summary['passed']} passed, {len(failed)} not"
    emit(summary, as_json=as_json, text="\n".join([*(f"{outcome}  {name}" for name, outcome in results), text]))
    if status or failed or not results:
        sys.exit(EXIT_REFUSED)


def _run(checkout: Path, *, report: Path, seed: int, rounds: int) -> int:
    """Run the suites as a process of their own, what they say on standard error, and return its exit status."""
    suites = [suite for suite in SUITES if (checkout / suite).exists()]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *suites]
    environ = {**os.environ, "REWARDS_TEST_SEED": str(seed), "REWARDS_ROUNDS": str(rounds)}
    return subprocess.run(command, cwd=checkout, env=environ, stdout=sys.stderr, check=False).returncode  # noqa: S603 — our own tests


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
