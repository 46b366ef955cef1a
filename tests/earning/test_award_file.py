"""How award files are read: whole files, and each row of them."""

from datetime import date

import pytest
import xlsxwriter

from rewards_service.earning.award_files.aliases import Field
from rewards_service.earning.award_files.cells import RefusedRow
from rewards_service.earning.award_files.file import open_award_file
from rewards_service.earning.award_files.mapping import GivenMapping
from rewards_service.earning.award_files.rows import AwardRow
from rewards_service.earning.award_files.values import Earned
from rewards_service.kit.tabular import read_table
from tests.earning.files import GOOD, HABITS, HEADER, award_file, with_cell
from tests.support.source import ROOT

THREE_GOOD = (GOOD, GOOD, GOOD)
DATA = ROOT / "tests" / "data" / "awards"


def only_row(*lines: str, **options) -> AwardRow:
    (row,) = award_file(*lines, **options).rows()
    assert isinstance(row, AwardRow), row
    return row


def only_refusal(line: str, **options) -> RefusedRow:
    rows = [row for row in award_file(line, *THREE_GOOD, **options).rows() if isinstance(row, RefusedRow)]
    assert len(rows) == 1, rows
    return rows[0]


class TestOpenAwardFile:
    def test_reads_an_erp_export_without_a_mapping(self):
        file = open_award_file(read_table(DATA / "praemien.csv"), name="praemien.csv", habits=HABITS)

        mapping = file.mapping
        assert (file.table.encoding, file.table.separator) == ("cp1252", ";")
        assert (mapping.decimal_sign, mapping.date_format, mapping.region, mapping.unit) == (
            ",",
            "%d.%m.%Y",
            "DE",
            "EUR",
        )
        assert file.row_count == 11

    @pytest.mark.parametrize("encoding", ["utf8", "utf-8-sig", "utf-16", "cp1252"])
    @pytest.mark.parametrize("separator", [";", "\t", "|"])
    def test_reads_the_same_in_any_usual_form(self, encoding: str, separator: str):
        row = only_row(GOOD.replace(";", separator), header=HEADER.replace(";", separator), encoding=encoding)

        assert (row.person.name, row.earned) == ("Ana Weiß", Earned(2500, "EUR"))

    def test_reads_english_habits(self):
        row = only_row('A-1,ana@example.com,"1,937.43",2026-10-31', header="Ref no,E-mail,Award (EUR),Award date")

        assert (row.earned, row.earned_on) == (Earned(193743, "EUR"), date(2026, 10, 31))

    def test_reads_a_workbook(self, tmp_path):
        path = tmp_path / "awards.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            day = book.add_format({"num_format": "dd.mm.yyyy"})
            sheet.write_row(0, 0, ["Beleg-Nr.", "E-Mail", "Prämie", "Belegdatum"])
            sheet.write_row(1, 0, ["A-1", "ana@example.com", 1937.43])
            sheet.write_datetime(1, 3, date(2026, 10, 31), day)
            sheet.write_row(2, 0, ["A-2", "ben@example.com", 25])
            sheet.write_datetime(2, 3, date(2026, 10, 1), day)

        rows = list(open_award_file(read_table(path), name=path.name, habits=HABITS).rows())

        assert [(row.earned.smallest, row.earned_on) for row in rows] == [
            (193743, date(2026, 10, 31)),
            (2500, date(2026, 10, 1)),
        ]

    @pytest.mark.parametrize("header", ["Ref;Email;Punkte", "Ref;Email;Amount (points)", "Ref;Email;Bonus PTS"])
    def test_reads_points_where_the_column_says_so(self, header: str):
        assert only_row("A-1;ana@example.com;1.500", header=header).earned == Earned(1500, "PTS")

    def test_prefers_points_to_the_money_beside_them(self):
        row = only_row("A-1;ana@example.com;25,00;1500", header="Ref;Email;Amount;Points")

        assert row.earned == Earned(1500, "PTS")

    def test_does_what_it_is_told_to(self):
        given = GivenMapping({Field.AMOUNT: "Menge"}, ".", "%m/%d/%Y", "NL", "PTS")
        row = only_row("A-1;0612345678;7.0;03/04/2026", header="Beleg;Mobil;Menge;Datum", given=given)

        assert (row.earned, row.earned_on, row.person.phone) == (Earned(7, "PTS"), date(2026, 3, 4), "+31612345678")

    def test_gathers_what_all_rows_say_about_a_person(self):
        file = award_file(
            "1;ana@example.com;;=1+1;Formula;5",
            "2;ana@example.com;+4915117982458;H10;Solar;5",
            "3;ana@example.com;;H11;Wind;5",
            header="Ref;Email;Mobile;Dealer no;Company;Points",
        )

        (person,) = file.people.values()
        assert (person.phone, person.partner_number, person.company) == ("+4915117982458", "H10", "Solar")


class TestReadRow:
    def test_understands_everything(self):
        row = only_row(GOOD)

        assert (row.line, row.reference, row.reason) == (2, "A-1", "Launch")
        assert (row.earned_on, row.expires_on) == (date(2026, 10, 31), date(2026, 12, 31))
        assert (row.person.email, row.person.phone) == ("ana@example.com", "+4915117982458")
        assert row.notes == ()

    @pytest.mark.parametrize(
        ("column", "text", "code", "name"),
        [
            (0, "", "reference_missing", "Reference"),
            (0, "x" * 201, "text_too_long", "Reference"),
            (1, "x" * 201, "text_too_long", "Full name"),
            (2, "keine@@adresse", "email_unusable", "Email"),
            (2, "=1+1", "email_unusable", "Email"),
            (3, "123", "phone_unusable", "Mobile"),
            (3, "anrufen", "phone_unusable", "Mobile"),
            (5, " ", "amount_missing", "Amount"),
            (5, "-25,00", "amount_negative", "Amount"),
            (5, "0,00", "amount_zero", "Amount"),
            (5, "viel", "amount_unreadable", "Amount"),
            (5, "25.00", "amount_unreadable", "Amount"),
            (5, "25,001", "amount_not_exact", "Amount"),
            (5, "9" * 20, "amount_not_exact", "Amount"),
            (5, "12,5 PTS", "currency_contradicts", "Currency"),
            (6, "EUX", "currency_unknown", "Currency"),
            (6, "USD", "currency_not_kept", "Currency"),
            (7, "31.02.2026", "date_impossible", "Date"),
            (7, "2026-10-31", "date_unreadable", "Date"),
            (8, "31.02.2026", "date_impossible", "Valid until"),
        ],
    )
    def test_names_what_is_wrong_and_where(self, column: int, text: str, code: str, name: str):
        refusal = only_refusal(with_cell(column, text))

        assert (refusal.line, refusal.column, refusal.code) == (2, name, code)
        assert text.startswith(refusal.found) or refusal.found == "EUR"
        assert refusal.expected

    def test_refuses_a_row_about_nobody(self):
        refusal = only_refusal("A-2;;;;Launch;25,00;EUR;31.10.2026;")

        assert (refusal.column, refusal.code) == ("Email", "recipient_missing")

    def test_names_rows_that_do_not_fit_the_header(self):
        assert only_refusal("A-2;ben@example.com").code == "ragged_row"

    def test_keeps_a_formula_as_text_and_notes_it(self):
        row = only_row(with_cell(1, '"=HYPERLINK(""https://example.invalid"")"'))

        assert (row.person.name, row.notes) == ('=HYPERLINK("https://example.invalid")', ("formula_kept_as_text",))

    def test_reads_what_was_neutralised_as_it_was(self):
        row = only_row(with_cell(3, "'+49 151 17982458"))

        assert (row.person.phone, row.notes) == ("+4915117982458", ())

    def test_takes_control_signs_out_of_names(self):
        row = only_row(with_cell(1, '"Ana\r\nBcc: all@example.com"'))

        assert (row.person.name, row.notes) == ("Ana Bcc: all@example.com", ("control_characters_removed",))

    def test_takes_a_space_for_a_space_however_wide(self):
        row = only_row(with_cell(1, "Ana\u00a0 Weiß"))

        assert (row.person.name, row.notes) == ("Ana Weiß", ())

    def test_notes_a_number_that_nobody_was_given(self):
        assert only_row(with_cell(3, "+49 150 00000")).notes == ("phone_unassigned",)

    def test_needs_neither_day_nor_reason(self):
        row = only_row("A-1;ana@example.com;25,00", header="Ref;Email;Amount")

        assert (row.earned_on, row.expires_on, row.reason, row.person.name) == (None, None, "", None)

    @pytest.mark.parametrize(
        ("cell", "email", "phone"),
        [("ana@example.com", "ana@example.com", None), ("0151/17982458", None, "+4915117982458")],
    )
    def test_reads_either_address_from_one_column(self, cell: str, email: str | None, phone: str | None):
        row = only_row(f"A-1;{cell};25", header="Beleg-Nr.;E-Mail oder Mobil;Punkte")

        assert (row.person.email, row.person.phone) == (email, phone)

    def test_takes_a_currency_beside_the_amount(self):
        assert only_row("A-1;ana@example.com;25 €", header="Ref;Email;Amount").earned == Earned(2500, "EUR")
