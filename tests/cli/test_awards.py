"""``rewards awards import``, as somebody types it."""

import io
import json
import shutil
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from rewards_service.cli import award_import
from rewards_service.cli.awards import show_progress
from rewards_service.delivery.errors import RecipientUnusable
from rewards_service.delivery.models import Message
from rewards_service.earning import operations
from rewards_service.identity.models import Member
from rewards_service.kit.database import read_session
from rewards_service.programs.models import Program
from rewards_service.wallets.models import Award
from tests.cli.conftest import RunCommand
from tests.earning.files import GOOD, award_file
from tests.support.source import ROOT

REFUSED_LINES = [6, 7, 8, 9, 10, 11]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An ERP export with good and bad rows."""
    return Path(shutil.copy(ROOT / "tests" / "data" / "awards" / "praemien.csv", tmp_path))


@pytest.fixture
def good_path(tmp_path: Path) -> Path:
    """A file without a bad row."""
    good = tmp_path / "good.csv"
    rows = "".join(f"A-{number},ana@example.com,{number}\n" for number in range(1, 61))
    good.write_text(f"Ref,Email,Points\n{rows}", encoding="utf8")
    return good


def counts() -> tuple[int, int]:
    with read_session() as session:
        return tuple(session.scalar(select(func.count()).select_from(table)) for table in (Award, Member))


class TestAwardsImport:
    def test_keeps_the_good_rows_and_names_the_bad(self, run_command: RunCommand, program: Program, path: Path):
        result = run_command("awards", "import", path, "--program", "demo", "--json")

        assert result.status == 1
        assert result.json["rows"] == 11
        assert (result.json["new"], result.json["already_there"], result.json["kept"]) == (4, 1, True)
        assert [row["line"] for row in result.json["refused"]] == REFUSED_LINES
        assert result.json["refused"][0] == {
            "line": 6,
            "column": "Währung",
            "code": "currency_unknown",
            "found": "EUX",
            "expected": "an ISO 4217 code such as EUR",
        }
        assert result.json["notes"] == {"formula_kept_as_text": 1}
        assert counts() == (4, 2)

    def test_writes_the_bad_rows_beside_the_file(self, run_command: RunCommand, program: Program, path: Path):
        result = run_command("awards", "import", path, "--program", "demo", "--json")

        written = Path(result.json["refused_file"])
        lines = written.read_bytes().decode("cp1252").splitlines()
        assert written == path.with_name("praemien.csv.refused.csv")
        assert lines[0] == path.read_bytes().decode("cp1252").splitlines()[0] + ";reason"
        assert len(lines) == 1 + len(REFUSED_LINES)

    def test_takes_the_bad_rows_back_when_they_are_mended(self, run_command: RunCommand, program: Program, path: Path):
        run_command("awards", "import", path, "--program", "demo")
        refused = path.with_name("praemien.csv.refused.csv")
        mended = refused.read_bytes().decode("cp1252").replace("EUX;02", "EUR;02")
        refused.write_bytes(mended.encode("cp1252"))

        again = run_command("awards", "import", refused, "--program", "demo", "--json")

        assert (again.json["new"], len(again.json["refused"])) == (1, 5)

    def test_changes_nothing_the_second_time(self, run_command: RunCommand, program: Program, good_path: Path):
        first = run_command("awards", "import", good_path, "--program", "demo", "--json")
        again = run_command("awards", "import", good_path, "--program", program.public_id, "--json")

        assert (first.status, first.json["new"], first.json["new_units"]) == (0, 60, 1830)
        assert (again.status, again.json["new"], again.json["already_there"]) == (0, 0, 60)
        assert counts()[0] == 60

    def test_tries_everything_and_keeps_nothing(self, run_command: RunCommand, program: Program, path: Path):
        tried = run_command("awards", "import", path, "--program", "demo", "--dry-run", "--json")
        folder = sorted(entry.name for entry in path.parent.glob("*.csv"))
        after_trial = counts()
        done = run_command("awards", "import", path, "--program", "demo", "--json")

        assert (tried.status, tried.json["kept"], after_trial, folder) == (1, False, (0, 0), ["praemien.csv"])
        same = ("rows", "new", "new_units", "already_there", "refused", "notes")
        assert {name: tried.json[name] for name in same} == {name: done.json[name] for name in same}

    def test_keeps_all_or_nothing(self, run_command: RunCommand, program: Program, path: Path, good_path: Path):
        bad = run_command("awards", "import", path, "--program", "demo", "--all-or-nothing", "--json")
        assert (bad.status, bad.json["kept"], counts()) == (1, False, (0, 0))

        good = run_command("awards", "import", good_path, "--program", "demo", "--all-or-nothing", "--json")
        assert (good.status, good.json["kept"], counts()[0]) == (0, True, 60)

    def test_keeps_what_is_in_when_the_rest_is_interrupted(
        self, run_command: RunCommand, program: Program, good_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(award_import, "ROWS_PER_TRANSACTION", 10)
        award_value, awarded = operations.award_value, []

        def stop_at_35(*arguments, **keywords):
            if len(awarded) == 35:
                raise KeyboardInterrupt
            awarded.append(keywords["external_id"])
            return award_value(*arguments, **keywords)

        monkeypatch.setattr(operations, "award_value", stop_at_35)
        interrupted = run_command("awards", "import", good_path, "--program", "demo")
        assert (interrupted.status, counts()[0]) == (1, 30)

        monkeypatch.setattr(operations, "award_value", award_value)
        rest = run_command("awards", "import", good_path, "--program", "demo", "--json")
        assert (rest.json["new"], rest.json["already_there"], counts()[0]) == (30, 30, 60)

    def test_shows_what_it_understood(self, run_command: RunCommand, program: Program, path: Path):
        result = run_command("awards", "import", path, "--program", "demo", "--dry-run")

        assert "Prämie → amount" in result.out
        assert "Not used: Menge." in result.out
        assert "Encoding cp1252, decimals after ',', days as %d.%m.%Y, national phone numbers of DE" in result.out
        assert "line 8, Belegdatum: date_impossible; found 31.02.2026; expected a day such as 31.10.2026" in result.out
        assert "note: formula_kept_as_text (1)" in result.out
        assert result.out.endswith("11 rows: 4 new (197743 PTS), 1 already there, 6 refused.\nNothing was kept.\n")

    def test_saves_what_it_understood_for_the_next_time(
        self, run_command: RunCommand, program: Program, path: Path, tmp_path: Path
    ):
        saved = tmp_path / "mapping.json"
        run_command("awards", "import", path, "--program", "demo", "--dry-run", "--save-mapping", saved)
        mapping = json.loads(saved.read_text(encoding="utf8"))
        mapping["columns"]["reason"] = "Firma"
        saved.write_text(json.dumps(mapping), encoding="utf8")

        result = run_command("awards", "import", path, "--program", "demo", "--mapping", saved, "--json")

        assert result.json["understood"]["columns"]["reason"] == "Firma"
        with read_session() as session:
            assert "Müller Solar GmbH" in session.scalars(select(Award.reason)).all()

    def test_shortens_a_long_list_for_people(self, run_command: RunCommand, program: Program, tmp_path: Path):
        bad = tmp_path / "bad.csv"
        bad.write_text("Ref,Email,Points\n" + "A,ana@example.com,-1\n" * 52, encoding="utf8")

        result = run_command("awards", "import", bad, "--program", "demo")

        assert "… and 2 more" in result.out
        assert "Refused rows are in" in result.out


class Terminal(io.StringIO):
    """Where a person watches."""

    def isatty(self) -> bool:
        """Say so."""
        return True


class TestProgress:
    def test_is_shown_to_a_person_who_watches(self, monkeypatch: pytest.MonkeyPatch):
        screen = Terminal()
        monkeypatch.setattr(sys, "stderr", screen)

        with show_progress(award_file(GOOD, GOOD, name="october.csv")) as advance:
            advance(2)

        assert "october.csv" in screen.getvalue()
        assert "100%" in screen.getvalue()


class TestRefusedFiles:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "no rows"),
            (b"Ref,Email,Points\n", "no rows"),
            (b"\x00\x01\x02binary", ""),
            (b'Ref,Email,Points\nA,"ana@example.com,1', "never closed"),
            (b"Menge,Firma\n1,x\n", "No column was found for: reference"),
            (b"Ref,Email,Email,Points\nA,a@example.com,b@example.com,1\n", "two columns called Email"),
            (b"Ref,Email,Amount\nA,a@example.com,25.000\n", "two ways"),
        ],
    )
    def test_are_told_on_standard_error(
        self, run_command: RunCommand, program: Program, tmp_path: Path, content: bytes, said: str
    ):
        path = tmp_path / "awards.csv"
        path.write_bytes(content)

        result = run_command("awards", "import", path, "--program", "demo", "--json")

        assert (result.status, result.out) == (1, "")
        assert said in result.err
        assert counts() == (0, 0)

    def test_need_a_program_that_exists(self, run_command: RunCommand, program: Program, path: Path):
        assert run_command("awards", "import", path, "--program", "nowhere").status == 1

    def test_that_do_not_exist_are_a_usage_error(self, run_command: RunCommand, program: Program, tmp_path: Path):
        assert run_command("awards", "import", tmp_path / "none.csv", "--program", "demo").status == 2

    def test_may_lie_where_nothing_can_be_written(self, run_command: RunCommand, program: Program, path: Path):
        path.with_name("praemien.csv.refused.csv").mkdir()

        result = run_command("awards", "import", path, "--program", "demo", "--json")

        assert (result.status, result.json["new"], result.json["refused_file"]) == (1, 4, None)
        assert "could not be written" in result.err


class TestNotify:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        """Somebody with an email address, somebody with a telephone, and somebody with a number alone."""
        path = tmp_path / "people.csv"
        path.write_text(
            "Ref;Member no;Name;Email;Phone;Points;Reason;Expires\n"
            "A-1;;;ana@example.com;;500;Five modules;2027-03-31\n"
            "A-2;;;;+4915112345678;20;;\n"
            "A-3;4711;Ben Ode;;;30;;\n",
            encoding="utf8",
        )
        return path

    def test_tells_everybody_once_who_can_be_told(self, run_command: RunCommand, program: Program, file: Path):
        for times in range(2):
            done = run_command("awards", "import", file, "--program", "demo", "--notify", "--json")
            assert (done.status, done.json["notes"]) == (0, {} if times else {"nobody_told": 1})
        told = {message.recipient: message for message in messages()}
        assert {to: (each.channel, each.kind) for to, each in told.items()} == {
            "ana@example.com": ("email", "award_received"),
            "+4915112345678": ("sms", "award_received"),
        }
        context = told["ana@example.com"].context
        assert (context["reason"], context["expires_on"]) == ("Five modules", "2027-03-31")

    def test_keeps_nobody_from_his_award(self, run_command: RunCommand, program: Program, file: Path, monkeypatch):
        def refuse(*_: object, **__: object) -> bool:
            raise RecipientUnusable("no address")

        monkeypatch.setattr(operations, "announce_award", refuse)
        done = run_command("awards", "import", file, "--program", "demo", "--notify", "--all-or-nothing", "--json")
        assert (done.status, done.json["new"], done.json["notes"]) == (0, 3, {"nobody_told": 3})
        assert counts() == (3, 1)

    @pytest.mark.parametrize("options", [[], ["--notify", "--dry-run"]])
    def test_tells_nobody_who_was_not_to_be_told(self, run_command: RunCommand, program: Program, file: Path, options):
        assert run_command("awards", "import", file, "--program", "demo", *options).status == 0
        assert messages() == []


def messages() -> list[Message]:
    """The messages there are."""
    with read_session() as session:
        return list(session.scalars(select(Message)))
