from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from rewards_service.kit.database import unit_of_work
from rewards_service.programs.models import Program
from tests.cli.conftest import RunCommand
from tests.ledger.stage import Stage


@pytest.fixture
def books(app: Flask, program: Program, now: datetime) -> Program:
    """Books with one award."""
    with unit_of_work() as session:
        session.add(program)
        Stage(session, program, now).award("ANA", 100)
    return program


class TestBooksExport:
    def test_writes_a_file_and_says_what_is_in_it(self, run_command: RunCommand, books: Program, tmp_path: Path):
        out = tmp_path / "books.beancount"
        done = run_command("books", "export", "--format", "beancount", "--out", out, "--json")
        assert done.status == 0
        assert done.json == {
            "out": str(out),
            "format": "beancount",
            "from": "2026-11-21",
            "to": "2026-11-21",
            "lines": len(out.read_text().splitlines()),
        }

    def test_takes_a_range_and_tells_a_person(self, run_command: RunCommand, books: Program, tmp_path: Path):
        out = tmp_path / "books.csv"
        arguments = ["--format", "csv", "--from", "2026-11-01", "--to", "2026-11-30", "--organization", "demo"]
        done = run_command("books", "export", *arguments, "--out", out)
        assert "2026-11-01 to 2026-11-30" in done.out

    def test_asks_whose_books_where_there_are_several(
        self, run_command: RunCommand, books: Program, other_program: Program, tmp_path: Path
    ):
        done = run_command("books", "export", "--format", "csv", "--out", tmp_path / "books.csv")
        assert (done.status, "--organization" in done.err) == (2, True)

    def test_says_that_there_are_no_books(self, run_command: RunCommand, app: Flask, tmp_path: Path):
        done = run_command("books", "export", "--format", "csv", "--out", tmp_path / "books.csv")
        assert (done.status, "no books yet" in done.err) == (2, True)

    def test_says_that_it_cannot_write_there(self, run_command: RunCommand, books: Program, tmp_path: Path):
        done = run_command("books", "export", "--format", "csv", "--out", tmp_path / "nowhere" / "books.csv")
        assert (done.status, "cannot be written" in done.err) == (1, True)

    @pytest.mark.parametrize("option", [("--format", "excel"), ("--from", "1.11.2026")])
    def test_refuses_what_it_does_not_know(self, run_command: RunCommand, option: tuple[str, str], tmp_path: Path):
        done = run_command("books", "export", "--format", "csv", "--out", tmp_path / "books.csv", *option)
        assert done.status == 2
