"""The file of refused rows."""

import pytest

from rewards_service.earning.award_files.cells import RefusedRow
from rewards_service.earning.award_files.refused import refused_content, refused_path, without_reasons
from rewards_service.kit.tabular import Table, TableRow, read_table
from rewards_service.kit.tabular.formulas import is_formula
from tests.support.source import ROOT

REASON = RefusedRow(3, "Währung", "currency_unknown", "EUX", "an ISO 4217 code")


def table(encoding: str = "cp1252", *, separator: str | None = ";") -> Table:
    rows = (TableRow(2, ("A-1", "EUR")), TableRow(3, ("=1+1", "EUX")))
    return Table(encoding, separator, ("Beleg", "Währung"), rows, ())


class TestRefusedContent:
    def test_is_written_like_the_file_with_the_reason_behind(self):
        lines = refused_content(table(), [REASON]).decode("cp1252").split("\r\n")

        assert lines == [
            "Beleg;Währung;reason",
            '\'=1+1;EUX;"line 3, Währung: currency_unknown; found EUX; expected an ISO 4217 code"',
            "",
        ]

    @pytest.mark.parametrize(("encoding", "separator"), [("xlsx", None), ("ascii", ";")])
    def test_is_unicode_where_the_file_was_not_text_or_has_too_few_signs(self, encoding: str, separator: str | None):
        content = refused_content(table(encoding, separator=separator), [REASON])

        assert read_table(content).header == ("Beleg", "Währung", "reason")

    def test_names_rows_that_have_lost_their_cells(self):
        lost = RefusedRow(9, "", "ragged_row", "", "2 cells")

        assert read_table(refused_content(table(), [lost, REASON])).rows[1].cells == (
            "",
            "",
            "line 9: ragged_row; found nothing; expected 2 cells",
        )

    def test_holds_no_cell_that_would_run(self):
        rows = (TableRow(2, ("=1+1", "+1")), TableRow(3, ("@x", "-1")), TableRow(4, ("\t=1", "'=1")))
        wild = Table("utf-8", ";", ("=a", "b"), rows, ())
        reasons = [RefusedRow(line, "=a", "c", "=1", "x") for line in (2, 3, 4)]

        written = read_table(refused_content(wild, reasons))

        assert not [
            cell for row in (*written.rows, TableRow(1, written.header)) for cell in row.cells if is_formula(cell)
        ]


class TestWithoutReasons:
    def test_gives_a_mended_file_back_as_it_was(self):
        mended = read_table(refused_content(table(), [REASON]))

        found = without_reasons(mended, name="a.csv.refused.csv")

        assert (found.header, found.rows[0].cells) == (("Beleg", "Währung"), ("'=1+1", "EUX"))

    def test_leaves_other_files_alone(self):
        assert without_reasons(table(), name="a.csv.refused.csv") == table()
        with_reason = read_table(refused_content(table(), [REASON]))
        assert without_reasons(with_reason, name="a.csv") == with_reason


class TestRefusedPath:
    def test_is_beside_the_file(self):
        assert refused_path(ROOT / "awards.csv") == ROOT / "awards.csv.refused.csv"
