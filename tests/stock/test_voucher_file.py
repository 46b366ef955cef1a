"""What rows of a voucher file mean, without any database."""

from datetime import UTC, date, datetime

import pytest

from catalog import FixedDenomination, Item, ItemState, OpenDenomination
from rewards_service.kit.tabular import Table, TableRow, read_table
from rewards_service.stock.errors import ColumnsMissing
from rewards_service.stock.policy import NEVER
from rewards_service.stock.voucher_file import Field, Reading, read_columns, read_vouchers
from rewards_service.stock.voucher_file.cells import are_rounded
from tests.support.commerce import fixed_denominations

TODAY = date(2026, 11, 21)
MOMENT = datetime(2026, 11, 1, tzinfo=UTC)


def item(*, fixed: tuple[FixedDenomination, ...] | None = None, ranged: OpenDenomination | None = None) -> Item:
    """A gift card in euro."""
    return Item(
        id=1,
        public_id="itm_1",
        owner_key=None,
        supplier="cardo",
        supplier_reference="B",
        kind="gift_card",
        brand="B",
        category=None,
        title="B card",
        description="",
        terms="",
        how_to_use="",
        currency="EUR",
        image_reference=None,
        barcode_type="none",
        state=ItemState.AVAILABLE,
        popularity=0,
        created_at=MOMENT,
        updated_at=MOMENT,
        countries=(),
        fixed=fixed_denominations() if fixed is None else fixed,
        open=ranged,
    )


def read(text: str, **given: object) -> Reading:
    return read_vouchers(read_table(text.encode()), item=item(**given), today=TODAY)


def refusals(reading: Reading) -> list[tuple[int, str, str]]:
    return [(row.line, row.column, row.code) for row in reading.refused]


class TestReadColumns:
    @pytest.mark.parametrize(
        ("header", "field"),
        [
            ("Card Number", Field.NUMBER),
            ("Gutscheincode", Field.NUMBER),
            ("N° de carte", None),
            ("Numéro de carte", Field.NUMBER),
            ("Código", Field.NUMBER),
            ("PIN-Code", Field.PIN),
            ("Prüfziffer", Field.PIN),
            ("Nennwert", Field.FACE_VALUE),
            ("Währung", Field.CURRENCY),
            ("EK-Preis", Field.COST),
            ("MwSt.", Field.VAT),
            ("Gültig bis:", Field.EXPIRES_ON),
            ("Valable jusqu’au", Field.EXPIRES_ON),
        ],
    )
    def test_knows_what_suppliers_write(self, header: str, field: Field | None) -> None:
        columns = read_columns(["number", header])
        assert {known for known, index in columns.items() if index == 1} == ({field} - {Field.NUMBER, None})
        assert field is not Field.NUMBER or read_columns([header]) == {Field.NUMBER: 0}

    def test_takes_the_first_of_two(self) -> None:
        assert read_columns(["code", "card number"]) == {Field.NUMBER: 0}

    def test_refuses_a_file_without_numbers(self) -> None:
        with pytest.raises(ColumnsMissing) as refusal:
            read_columns(["pin", "value"])
        assert [problem.pointer for problem in refusal.value.problems] == ["number"]


class TestReadVouchers:
    def test_reads_a_row(self) -> None:
        (row,) = read("number;pin;value;cost;vat;expires\n6035-1;0815;25,00;23,00 €;4.37;31.12.2027\n").vouchers
        assert (row.line, row.number.reveal(), row.pin.reveal()) == (2, "6035-1", "0815")
        assert (row.face_value_minor, row.cost_minor, row.vat_minor) == (2500, 2300, 437)
        assert row.expires_on == date(2027, 12, 31)

    def test_prints_no_secret(self) -> None:
        (row,) = read("number;pin;value\n6035711012345678;0815;25\n").vouchers
        assert "60357110" not in repr(row)
        assert "0815" not in repr(row)

    def test_takes_cost_and_face_value_from_the_catalog(self) -> None:
        one = (FixedDenomination(2000, 1850, "EUR"),)
        (row,) = read("number\nA1\n", fixed=one).vouchers
        assert (row.face_value_minor, row.cost_minor, row.expires_on, row.pin) == (2000, 1850, NEVER, None)

    def test_asks_for_the_cost_where_the_catalog_has_it_in_another_currency(self) -> None:
        foreign = (FixedDenomination(2000, 1850, "USD"),)
        assert refusals(read("number\nA1\n", fixed=foreign)) == [(2, "number", "cost_missing")]

    @pytest.mark.parametrize("fixed", [None, ()])
    def test_asks_for_the_face_value_where_there_are_several(self, fixed) -> None:
        reading = read("number\nA1\n", fixed=fixed, ranged=OpenDenomination(500, 5000))
        assert [row.code for row in reading.refused] == ["face_value_missing"]

    def test_takes_any_face_value_of_a_range(self) -> None:
        (row,) = read("number,value\nA1,12.34\n", fixed=(), ranged=OpenDenomination(500, 5000, 9000)).vouchers
        assert (row.face_value_minor, row.cost_minor) == (1234, 1111)

    @pytest.mark.parametrize(
        ("cells", "column", "code"),
        [
            (";1;25;;", "number", "number_unusable"),
            ("=HYPERLINK(1);1;25;;", "number", "number_unusable"),
            ("６０３５;1;25;;", "number", "number_unusable"),
            ("A" * 129 + ";1;25;;", "number", "number_unusable"),
            ("A1;" + "9" * 65 + ";25;;", "pin", "pin_unusable"),
            ("A1;1;30;;", "value", "face_value_not_offered"),
            ("A1;1;-25;;", "value", "face_value_unusable"),
            ("A1;1;1.000,00;;", "value", "face_value_unusable"),
            ("A1;1;25.001;;", "value", "face_value_unusable"),
            ("A1;1;99999999999999999999;;", "value", "face_value_unusable"),
            ("A1;1;0;;", "value", "face_value_not_offered"),
            ("A1;1;25;USD;", "currency", "currency_not_offered"),
            ("A1;1;25;;20.11.2026", "expires", "already_expired"),
            ("A1;1;25;;soon", "expires", "expiry_unusable"),
            ("A1;1;25;;31.02.2027", "expires", "expiry_unusable"),
        ],
    )
    def test_refuses_a_row_and_says_where(self, cells: str, column: str, code: str) -> None:
        reading = read(f"number;pin;value;currency;expires\nOK;1;25;EUR;21.11.2026\n{cells}\n")
        assert refusals(reading) == [(3, column, code)]
        assert [row.number.reveal() for row in reading.vouchers] == ["OK"]

    def test_unwraps_a_number_that_was_protected_from_spreadsheets(self) -> None:
        (row,) = read('number;value\n"=""00123""";25\n').vouchers
        assert row.number.reveal() == "00123"

    def test_refuses_a_number_that_the_file_had_before(self) -> None:
        reading = read("number;value\nab-12 34;25\nAB1234;25\n")
        assert refusals(reading) == [(3, "number", "duplicate_in_file")]
        assert "line 2" in reading.refused[0].expected
        assert "AB1234" not in reading.refused[0].found

    def test_names_rows_that_do_not_fit_the_header(self) -> None:
        assert refusals(read("number;value\nA1;25\nA2;25;x;y\n")) == [(3, "", "ragged_row")]

    @pytest.mark.parametrize(
        ("days", "read_as"),
        [
            (("2027-01-31",), date(2027, 1, 31)),
            (("01/31/2027", "02/03/2027"), date(2027, 1, 31)),
            (("31/01/2027", "02/03/2027"), date(2027, 1, 31)),
            (("20270131",), date(2027, 1, 31)),
            (("2027-01-31T00:00:00",), date(2027, 1, 31)),
        ],
    )
    def test_reads_days_as_the_whole_column_is_written(self, days, read_as) -> None:
        rows = "".join(f"A{index};25;{day}\n" for index, day in enumerate(days))
        assert read(f"number;value;expires\n{rows}").vouchers[0].expires_on == read_as


class TestRoundedNumbers:
    def test_are_refused_in_a_workbook(self) -> None:
        rows = (TableRow(2, ("6035711022334449664", "25")), TableRow(3, ("6035711022334460000", "25")))
        table = Table("xlsx", None, ("number", "value"), rows, ())
        reading = read_vouchers(table, item=item(), today=TODAY)
        assert refusals(reading) == [(2, "number", "number_rounded"), (3, "number", "number_rounded")]

    def test_are_noticed_when_a_spreadsheet_cut_them(self) -> None:
        assert are_rounded(["6035711022334449664", "6035711022334460000"])
        assert are_rounded(["6035711022334450"])

    def test_are_not_seen_in_numbers_kept_as_text(self) -> None:
        assert not are_rounded(["6035711022334457", "6035711022334450"])
        assert not are_rounded(["6035711022334457123", "6035711022334449664"])
        assert not are_rounded(["12345", "A1"])
