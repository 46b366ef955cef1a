"""Exported books are accepted by the programs they are for, and refused when a cent or a point is missing."""

import csv
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from rewards_service.finance.books import BOOK_FORMATS, ExportedBooks, export_books
from rewards_service.finance.books.text import amount_text, plain
from rewards_service.kit.database import read_session, unit_of_work
from rewards_service.kit.errors import ValidationFailed
from rewards_service.ledger.operations import rebase_chunk, reverse_entry
from rewards_service.programs.models import Program
from tests.finance.test_verify import fill
from tests.ledger.stage import Stage

CHECKERS = {
    "beancount": (str(Path(sys.executable).with_name("bean-check")), "-C", "{file}"),
    "hledger": ("hledger", "-f", "{file}", "check", "-s", "balancednoautoconversion", "ordereddates"),
}
Export = Callable[..., ExportedBooks]


def accepts(book_format: str, file: Path) -> bool:
    """Tell whether the program that a format is for accepts a file."""
    command = [part.format(file=file) for part in CHECKERS[book_format]]
    done = subprocess.run(command, check=False, capture_output=True, timeout=120, env={**os.environ, "LC_ALL": "C"})
    return done.returncode == 0


def rows_of(file: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    return list(csv.DictReader(io.StringIO(file.read_text("utf8"), newline="")))


@pytest.fixture
def books(app: Flask, program: Program, now: datetime) -> Program:
    """Books of two days in which a little of everything has happened."""
    with unit_of_work() as session:
        session.add(program)
        stage = Stage(session, program, now)
        fill(stage)
        stage.pass_time(days=1)
        stage.rate(125, 100)
        rebase_chunk(session, program=program, after_lot_id=0, now=stage.now)
        stage.session.flush()
        stage.adjust("BEN", -3)
        mirrored = stage.award("DORA", 17)
        reverse(stage, mirrored)
    return program


def reverse(stage: Stage, entry_id: int) -> None:
    """Write the mirror of an entry, with words that mean something in the formats."""
    source = stage.source("correction", reason='=Söll; "storniert" | \\ 五')
    arguments = {"program": stage.program, "entry_id": entry_id, "source": source, "now": stage.now}
    reverse_entry(stage.session, **arguments)


@pytest.fixture
def export(books: Program, now: datetime, tmp_path: Path) -> Export:
    """Export the books, and say where they are."""

    def run(book_format: str, *, first: date | None = None, last: date | None = None) -> ExportedBooks:
        with read_session() as session:
            return export_books(
                session,
                organization=books.organization,
                book_format=book_format,
                first_day=first,
                last_day=last,
                today=now.date(),
                out=tmp_path / book_format,
            )

    return run


@pytest.mark.parametrize("book_format", sorted(CHECKERS))
class TestPlainText:
    def test_is_accepted(self, book_format: str, export: Export, tmp_path: Path):
        export(book_format)
        assert accepts(book_format, tmp_path / book_format)

    def test_asserts_the_balance_of_every_account(self, book_format: str, export: Export, tmp_path: Path):
        export(book_format)
        text = (tmp_path / book_format).read_text("ascii")
        opened = re.findall(r"^(?:\S+ open|account) (\S+)", text, re.MULTILINE)
        asserted = re.findall(r"^(?:\S+ balance (\S+)| {4}(\S+) .* = )", text, re.MULTILINE)
        assert {name or other for name, other in asserted} == set(opened)
        assert "Liabilities:Value:Demo:Code:CODE" in opened

    @pytest.mark.parametrize(("right", "wrong"), [(r"(\d)\.(\d)1 EUR$", r"\1.\g<2>2 EUR"), (r" 200 PTS$", " 201 PTS")])
    def test_is_refused_when_a_cent_or_a_point_is_missing(
        self, book_format: str, right: str, wrong: str, export: Export, tmp_path: Path
    ):
        export(book_format)
        whole = (tmp_path / book_format).read_text()
        for found in [*re.finditer(right, whole, re.MULTILINE)][:3]:
            torn = tmp_path / f"torn.{book_format}"
            torn.write_text(whole[: found.start()] + found.expand(wrong) + whole[found.end() :])
            assert not accepts(book_format, torn)

    def test_brings_balances_forward(self, book_format: str, export: Export, now: datetime, tmp_path: Path):
        second = now.date() + timedelta(days=1)
        exported = export(book_format, first=second)
        assert (exported.first_day, exported.last_day) == (second, second)
        assert "balances brought forward" in (tmp_path / book_format).read_text()
        assert accepts(book_format, tmp_path / book_format)

    def test_ends_with_any_day(self, book_format: str, export: Export, now: datetime, tmp_path: Path):
        for last in (now.date(), now.date() + timedelta(days=400)):
            assert export(book_format, last=last).last_day == last
            assert accepts(book_format, tmp_path / book_format)

    def test_is_accepted_when_nothing_has_happened(
        self, book_format: str, app: Flask, program: Program, now: datetime, tmp_path: Path
    ):
        with unit_of_work() as session:
            session.add(program)
            organization = program.organization
        arguments = {"organization": organization, "today": now.date(), "out": tmp_path / "empty"}
        with read_session() as session:
            for first_day in (None, now.date()):
                export_books(session, book_format=book_format, first_day=first_day, last_day=None, **arguments)
                assert accepts(book_format, tmp_path / "empty")


class TestTable:
    def test_adds_up_to_nothing_in_every_entry_and_unit(self, export: Export, tmp_path: Path):
        export("csv")
        totals: dict[tuple[str, str], int] = {}
        for row in rows_of(tmp_path / "csv"):
            key = (row["entry"], row["unit"])
            totals[key] = totals.get(key, 0) + int(row["amount"].replace(".", ""))
        assert set(totals.values()) == {0}

    def test_holds_no_formula(self, export: Export, tmp_path: Path):
        export("csv")
        rows = rows_of(tmp_path / "csv")
        reasons = {row["reason"] for row in rows if row["kind"] == "mirror"}
        assert reasons == {'\'=Söll; "storniert" | \\ 五'}
        texts = [cell for row in rows for name, cell in row.items() if name != "amount"]
        assert [cell for cell in texts if cell.startswith(("=", "+", "-", "@"))] == []

    def test_brings_balances_forward(self, export: Export, now: datetime, tmp_path: Path):
        export("csv", first=now.date() + timedelta(days=1))
        rows = rows_of(tmp_path / "csv")
        assert {row["kind"] for row in rows} >= {"opening", "rate", "mirror"}
        assert "award" not in {row["kind"] for row in rows if row["entry"] == "1"}


class TestExportBooks:
    def test_refuses_a_range_that_ends_before_it_begins(self, export: Export, now: datetime, tmp_path: Path):
        with pytest.raises(ValidationFailed):
            export("csv", first=now.date(), last=now.date() - timedelta(days=1))
        assert not (tmp_path / "csv").exists()

    def test_leaves_no_half_file_behind(self, export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        def broken(_: object):
            yield "first line"
            raise OSError(28, "No space left on device")

        (tmp_path / "csv").write_text("what was there before")
        monkeypatch.setitem(BOOK_FORMATS, "csv", broken)
        with pytest.raises(OSError, match="No space left"):
            export("csv")
        assert (tmp_path / "csv").read_text() == "what was there before"
        assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


class TestText:
    def test_keeps_all_decimals(self):
        amounts = [amount_text(units, exponent=2) for units in (0, 1, -1, 100, -12345)]
        assert amounts == ["0.00", "0.01", "-0.01", "1.00", "-123.45"]
        assert [amount_text(-7, exponent=exponent) for exponent in (0, 3)] == ["-7", "-0.007"]

    def test_is_ascii_on_one_line_and_means_nothing(self):
        assert plain('Söll; "a"\n| b \\ 五\x00') == "Soll, 'a' / b / ?"
