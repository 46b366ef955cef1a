"""From an ERP's file to a voucher and to books that others accept, by commands alone."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from tests.support.commands import CommandLine

AWARDS = Path(__file__).parents[1] / "data" / "awards" / "praemien.csv"
ANA = "ana@haendler.example"
HLEDGER_CHECKS = ("balancednoautoconversion", "ordereddates")


class TestCommandJourney:
    def test_leads_from_an_award_file_to_a_voucher_and_to_books_that_agree(
        self, shell: CommandLine, tmp_path: Path
    ) -> None:
        imported = shell.json("awards", "import", award_file(tmp_path), "--program", "demo", status=1)
        assert imported["new"] == 4
        wallet = shell.json("wallets", "show", "--program", "demo", "--of", ANA)
        codes = issue_codes(shell, tmp_path / "codes.csv")
        order = shell.json(
            *("orders", "place", "--program", "demo", "--external-id", "O-1", "--item", "NORDWIND"),
            *("--face-value", "25", "--wallet", wallet["id"], "--code-stdin"),
            typed="\n".join(codes),
        )
        assert order["state"] == "complete"
        assert sorted(tender["units"] for tender in order["tenders"]) == [500, 1000, 1000]
        voucher = shell.json(
            *("orders", "reveal", "--program", "demo", "O-1", "--reason", "journey", "--qr", str(tmp_path / "qr.png"))
        )
        (read,) = zxingcpp.read_barcodes(Image.open(tmp_path / "qr.png"))
        assert read.text == voucher["number"]
        assert shell.run("ledger", "verify").exit_code == 0
        assert_beancount_accepts(export(shell, "beancount", tmp_path))

    def test_exports_books_that_hledger_accepts(self, shell: CommandLine, tmp_path: Path) -> None:
        if shutil.which("hledger") is None:
            pytest.skip("hledger is not there: apt-get install hledger")
        journal = export(shell, "hledger", tmp_path)
        checks = [shutil.which("hledger"), "-f", journal, "check", "-s", *HLEDGER_CHECKS]
        done = subprocess.run(checks, capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"})
        assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def shell(blank_database_url: str, tmp_path: Path) -> CommandLine:
    """A shell in which the demo was set up."""
    line = CommandLine({"REWARDS_HOME": str(tmp_path / "home"), "REWARDS_DATABASE_URL": blank_database_url})
    assert line.run("init", "--demo").exit_code == 0
    return line


def award_file(directory: Path) -> str:
    """A sender's file, where what is refused may be written beside it."""
    return str(shutil.copy(AWARDS, directory))


def issue_codes(shell: CommandLine, path: Path) -> list[str]:
    """Two codes of 1,000 points that end sooner than any award."""
    ends = ("--expires", "2027-06-30")
    shell.json("codes", "issue", "--program", "demo", "--count", "2", "--units", "1000", *ends, "--to", str(path))
    with path.open(encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file)]


def export(shell: CommandLine, form: str, directory: Path) -> str:
    """The books in one form."""
    path = str(directory / f"books.{form}")
    shell.json("books", "export", "--format", form, "--out", path)
    return path


def assert_beancount_accepts(path: str) -> None:
    """bean-check finds nothing."""
    checker = Path(sys.executable).with_name("bean-check")
    done = subprocess.run([checker, "--no-cache", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
