"""``rewards codes``: issuing into a file, and how codes look."""

import errno
import os
from pathlib import Path

import pytest
from sqlalchemy import func, select

from rewards_service.cli import codes as commands
from rewards_service.codes.models import Code
from rewards_service.kit.database import read_session
from rewards_service.kit.jobs import JobState, Progress


@pytest.fixture(autouse=True)
def _installed(program):
    """The organization and the program ``demo``."""


ISSUE = ("codes", "issue", "--program", "demo", "--count", "2", "--units", "100")


def fill_the_disk(*_: object, **__: object) -> None:
    """Fail as the file system does when there is no room."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def find_nobody_reading(*_: object, **__: object) -> None:
    """Fail as a pipe does whose other end, ``head`` for instance, has seen enough."""
    raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def codes_there() -> int:
    """How many codes there are."""
    with read_session() as session:
        return session.scalar(select(func.count(Code.id))) or 0


class TestIssue:
    def test_costs_nothing_where_the_file_cannot_be_made(self, run_command, app, tmp_path: Path):
        said = run_command(*ISSUE, "--to", tmp_path / "gone" / "codes.csv")
        assert said.status == 1
        assert "cannot be used: No such file" in said.err
        assert codes_there() == 0

    @pytest.mark.parametrize("day", ["9999-12-31", "2200-01-01"])
    def test_refuses_a_last_day_beyond_any_calendar(self, run_command, app, tmp_path: Path, day: str):
        said = run_command(*ISSUE, "--expires", day, "--to", tmp_path / "codes.csv")
        assert said.status == 1
        assert "lies too far ahead" in said.err
        assert "2199" in said.err
        assert codes_there() == 0

    def test_knows_a_batch_again_after_the_program_changed_how_long_codes_last(self, run_command, app):
        named = (*ISSUE, "--external-id", "spring", "--json")
        first = run_command(*named).json
        run_command("codes", "settings", "--program", "demo", "--days", "30")
        assert run_command(*named).json == first
        assert codes_there() == 2

    def test_refuses_a_last_day_that_is_over(self, run_command, app):
        said = run_command(*ISSUE, "--expires", "2020-01-31")
        assert said.status == 1
        assert "The date must lie ahead" in said.err

    def test_leaves_no_file_of_what_was_refused(self, run_command, app, tmp_path: Path):
        assert run_command(*ISSUE, "--unit", "ZZZ", "--to", tmp_path / "codes.csv").status == 1
        assert list(tmp_path.glob("*.csv")) == []

    def test_says_how_to_get_the_codes_when_the_disk_is_full(self, run_command, app, tmp_path: Path, monkeypatch):
        with monkeypatch.context() as cut:
            cut.setattr(commands, "_write_rows", fill_the_disk)
            said = run_command(*ISSUE, "--external-id", "B-1", "--to", tmp_path / "first.csv")
        assert said.status == 1
        assert "No space left on device. The codes exist" in said.err
        assert "--external-id B-1" in said.err
        assert not (tmp_path / "first.csv").exists()
        run_command(*ISSUE, "--external-id", "B-1", "--to", tmp_path / "second.csv")
        assert len((tmp_path / "second.csv").read_text().splitlines()) == 3

    def test_writes_a_batch_that_exists_to_another_file(self, run_command, app, tmp_path: Path):
        first, second = tmp_path / "first.csv", tmp_path / "second.csv"
        run_command(*ISSUE, "--external-id", "B-1", "--to", first)
        run_command(*ISSUE, "--external-id", "B-1", "--to", second)
        assert first.read_text() == second.read_text()
        assert codes_there() == 2

    def test_that_cannot_go_on_says_how_to_come_back(self, run_command, tmp_path, monkeypatch):
        dead = Progress(state=JobState.DEAD, done=1, total=2)
        monkeypatch.setattr(commands, "_wait", lambda *_, **__: dead)
        said = run_command(*ISSUE, "--external-id", "B-1", "--to", tmp_path / "codes.csv")
        assert said.status == 1
        assert "Only 1 of 2 codes were issued" in said.err
        assert "--external-id B-1" in said.err
        assert not (tmp_path / "codes.csv").exists()


class TestSettings:
    def test_is_quiet_when_whoever_reads_has_gone(self, run_command, monkeypatch):
        monkeypatch.setattr(commands, "emit", find_nobody_reading)
        assert run_command("codes", "settings", "--program", "demo").err == ""

    def test_shows_what_holds(self, run_command):
        shown = run_command("codes", "settings", "--program", "demo", "--json").json
        assert shown == {"prefix": "", "symbols": 16, "days": None, "copy_days": 90, "bits": 75}

    def test_keeps_what_is_changed_and_leaves_the_rest(self, run_command):
        run_command("codes", "settings", "--program", "demo", "--prefix", "ACME", "--days", "30")
        run_command("codes", "settings", "--program", "demo", "--symbols", "24", "--copy-days", "7")
        shown = run_command("codes", "settings", "--program", "demo", "--json").json
        assert shown == {"prefix": "ACME", "symbols": 24, "days": 30, "copy_days": 7, "bits": 115}
        run_command("codes", "settings", "--program", "demo", "--prefix", "", "--days", "0")
        assert (
            "24 symbols (115 random bits), prefix: none." in run_command("codes", "settings", "--program", "demo").out
        )

    def test_asks_whether_short_codes_are_meant(self, run_command):
        refused = run_command("codes", "settings", "--program", "demo", "--symbols", "12")
        assert refused.status == 1
        assert "have to be meant" in refused.err
        assert run_command("codes", "settings", "--program", "demo", "--symbols", "12", "--short-codes").status == 0
