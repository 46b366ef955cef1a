"""Reading the tables that people send: every usual encoding and separator, and what is refused."""

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from rewards_service.kit import tabular
from rewards_service.kit.tabular import (
    EncodingUnknown,
    FileBinary,
    FileEmpty,
    FileTooLarge,
    FileTruncated,
    FileUnreadable,
    RowProblem,
    TableRow,
    encoding,
    read_table,
    spreadsheet,
    table,
)

GERMAN = "Beleg;Händler;Prämie\nRE-1;Südelektro Weiß;1.937,43\nRE-2;Bäckerei Öhler;25,00\n"
EURO = "Nom;Société;Montant\nHélène;Cœur d'Or;25 €\nÉmile;Manœuvre;10 €\n"
POLISH = "Imię;Nazwisko;Miasto\nŁukasz;Żółć;Łódź\nKatarzyna;Wiśniewska;Gdańsk\nPaweł;Dąbrowski;Kraków\n"
RUSSIAN = "Имя;Фамилия;Город\nИван;Петров;Москва\nАнна;Смирнова;Казань\n"
CHINESE = "姓名,城市,金额\n王伟,北京,25\n李娜,上海,100\n谢谢您的努力,广州,50\n"


class TestEncodings:
    @pytest.mark.parametrize(
        ("text", "encoded", "told"),
        [
            (GERMAN, "utf-8", "utf-8"),
            (GERMAN, "utf-8-sig", "utf-8-sig"),
            (GERMAN, "utf-16", "utf-16"),
            (GERMAN, "utf-16-le", "utf-16-le"),
            (GERMAN, "utf-16-be", "utf-16-be"),
            (GERMAN, "utf-32", "utf-32"),
            (GERMAN, "cp1252", "cp1252"),
            (GERMAN, "cp850", "cp850"),
            (GERMAN, "mac_roman", "mac_roman"),
            (EURO, "cp1252", "cp1252"),
            (EURO, "iso8859_15", "iso8859_15"),
            (POLISH, "cp1250", "cp1250"),
            (POLISH, "iso8859_2", "iso8859_2"),
            (RUSSIAN, "cp1251", "cp1251"),
            (CHINESE, "gb18030", "gb18030"),
            (CHINESE, "utf-8-sig", "utf-8-sig"),
        ],
    )
    def test_are_found_and_told(self, text: str, encoded: str, told: str):
        found = read_table(text.encode(encoded))
        assert found.encoding == told
        lines = [";".join(cells).replace(",", ";") for cells in (found.header, *(row.cells for row in found.rows))]
        assert lines == text.replace(",", ";").splitlines()

    def test_say_which_line_does_not_fit(self):
        with pytest.raises(EncodingUnknown, match="line 3 is not utf-8-sig"):
            read_table("\ufeffa;b\nM;1\n".encode() + b"\xfc;2\n")

    def test_forgive_the_end_mark_of_dos_programs(self):
        assert read_table(b"a;b\n1;2\n\x1a").rows == (TableRow(2, ("1", "2")),)

    @pytest.mark.parametrize("name", encoding.LATIN)
    def test_read_a_single_name_in_every_latin_encoding_without_loss_of_rows(self, name: str):
        assert len(read_table("Name;Ort\nMüller;Köln\n".encode(name)).rows) == 1


class TestSeparators:
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_are_found(self, separator: str):
        found = read_table(f"name{separator}value\nAnna{separator}25\n".encode())
        assert (found.separator, found.header) == (separator, ("name", "value"))

    def test_are_not_confused_by_decimal_commas(self):
        found = read_table(b"name,first;value\nA;1,50\nB;2,50\nC;3,50\n")
        assert (found.separator, found.rows[0].cells) == (";", ("A", "1,50"))

    def test_are_not_confused_by_quoted_text(self):
        found = read_table(b'name,text\nA,"one; two; three"\nB,"four; five; six"\n')
        assert (found.separator, found.rows[1].cells) == (",", ("B", "four; five; six"))

    def test_may_be_named_by_the_first_line(self):
        found = read_table(b"sep=|\r\nname|value\r\nA;B|1\r\n")
        assert (found.separator, found.rows) == ("|", (TableRow(3, ("A;B", "1")),))

    def test_are_not_needed_for_one_column(self):
        found = read_table(b"email\nanna@example.com\n")
        assert (found.header, found.rows[0].cells) == (("email",), ("anna@example.com",))


class TestLines:
    def test_are_those_of_the_file_across_blank_lines_and_cells_of_several_lines(self):
        content = b'a;b\r\n\r\n1;"two\r\nlines"\r\n;\r\n3;4\r\n'
        assert read_table(content).rows == (TableRow(3, ("1", "two\r\nlines")), TableRow(6, ("3", "4")))

    def test_name_rows_that_do_not_fit_and_keep_the_others(self):
        found = read_table(b'a;b\n1;2\n3\n4;5;6\n"x"y;7\n8;9;\n')
        assert [row.line for row in found.rows] == [2, 6]
        assert found.problems == (
            RowProblem(3, "ragged_row", "1 cells", "2 cells"),
            RowProblem(4, "ragged_row", "3 cells", "2 cells"),
            RowProblem(5, "bad_quotes", "text after a closing quotation mark", "a separator"),
        )

    def test_name_a_cell_that_is_too_long(self):
        found = read_table(b"a;b\n1;" + b"x" * (table.CELL_CHARACTERS_MAX + 1) + b"\n2;3\n")
        assert [(problem.line, problem.code) for problem in found.problems] == [(2, "cell_too_long")]

    def test_keep_formulas_as_text(self):
        assert read_table(b"a;b\n=1+1;@x\n").rows[0].cells == ("=1+1", "@x")

    def test_drop_columns_without_name_or_content_at_the_end(self):
        found = read_table(b"a;b;\n1;2;\n")
        assert (found.header, found.rows[0].cells) == (("a", "b"), ("1", "2"))


class TestRefusals:
    @pytest.mark.parametrize("content", [b"", b" \r\n\n", b"a;b\n", b"\n\na;b\n;\n", b"\xef\xbb\xbf"])
    def test_empty(self, content: bytes):
        with pytest.raises(FileEmpty):
            read_table(content)

    @pytest.mark.parametrize(
        "content",
        [
            b'a;b\n1;2\n3;"four\n5;6\n',
            b"a;b\n1;2\n3",
            "a;b\n1;ü".encode()[:-1],
            "a;b\n1;2\n".encode("utf-16")[:-1],
            b'a;b\n1;2\n3;"' + b"four\n" * 40_000,
        ],
    )
    def test_truncated(self, content: bytes):
        with pytest.raises(FileTruncated):
            read_table(content)

    @pytest.mark.parametrize(
        "content",
        [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"%PDF-1.4\n\x01\xff\n", bytes(range(256)), b"a;b\n1;\x07\n"],
    )
    def test_binary(self, content: bytes):
        with pytest.raises(FileBinary):
            read_table(content)

    def test_a_header_that_cannot_be_read(self):
        with pytest.raises(FileUnreadable, match="header, at line 1"):
            read_table(b'"a"b;c\n1;2\n')

    def test_too_many_bytes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(tabular, "FILE_BYTES_MAX", 10)
        (tmp_path / "large.csv").write_bytes(b"a;b\n1;2\n3;4\n")
        with pytest.raises(FileTooLarge, match="12 bytes; 10 are read"):
            read_table(tmp_path / "large.csv")

    def test_nothing_about_a_file_of_the_right_size(self, tmp_path: Path):
        (tmp_path / "small.csv").write_bytes(b"a;b\n1;2\n")
        assert read_table(tmp_path / "small.csv").rows == (TableRow(2, ("1", "2")),)

    def test_too_many_rows(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(table, "ROWS_MAX", 2)
        with pytest.raises(FileTooLarge, match="3 rows; 2 are read"):
            read_table(b"a;b\n1;2\n3;4\n5;6\n")

    def test_too_many_columns(self):
        with pytest.raises(FileTooLarge, match="201 columns"):
            read_table((";".join(f"c{n}" for n in range(201)) + "\n" + ";" * 200 + "1\n").encode())

    def test_a_missing_file(self, tmp_path: Path):
        with pytest.raises(FileNotFoundError):
            read_table(tmp_path / "nowhere.csv")


class TestWorkbooks:
    def test_are_read_with_the_numbers_of_their_rows(self):
        found = read_table(workbook([["Name", "Value"], [], ["Anna", 25], ["Ben", 12.5], ["Chen", True]]))
        assert (found.encoding, found.separator, found.header) == ("xlsx", None, ("Name", "Value"))
        assert found.rows == (
            TableRow(3, ("Anna", "25")),
            TableRow(4, ("Ben", "12.5")),
            TableRow(5, ("Chen", "True")),
        )

    def test_give_dates_in_iso_8601_and_long_numbers_whole(self):
        found = read_table(workbook([["Date", "Phone"], [Dated(46326), 4915117982458], [Dated(46326.5), 1]]))
        assert [row.cells for row in found.rows] == [("2026-10-31", "4915117982458"), ("2026-10-31T12:00:00", "1")]

    def test_skip_an_empty_first_sheet(self):
        assert read_table(workbook([], [["a", "b"], [1, 2]])).rows == (TableRow(2, ("1", "2")),)

    def test_without_content_are_refused(self):
        with pytest.raises(FileEmpty):
            read_table(workbook([]))

    def test_cut_short_are_refused(self):
        with pytest.raises(FileTruncated):
            read_table(workbook([["a"], ["b"]])[:-30])

    def test_that_are_other_archives_are_refused(self):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("holiday.txt", "sun")
        with pytest.raises(FileBinary):
            read_table(target.getvalue())

    def test_that_unfold_to_too_much_are_refused(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(spreadsheet, "UNPACKED_BYTES_MAX", 1000)
        with pytest.raises(FileTooLarge, match="unfolds"):
            read_table(workbook([["a"], ["b" * 1000]]))


class Dated(float):
    """A day as spreadsheets count it, shown as a date."""


def workbook(*sheets: list[list[object]]) -> bytes:
    """Return the smallest workbook that holds ``sheets``."""
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
        + "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="s{n}"/>' for n in numbers)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="s{n}" Type="{relations}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
        )
        + f'<Relationship Id="st" Type="{relations}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="22"/></cellXfs></styleSheet>',
    }
    for number, rows in zip(numbers, sheets, strict=True):
        body = "".join(f'<row r="{line}">{"".join(map(cell, row))}</row>' for line, row in enumerate(rows, start=1))
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
        )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def cell(value: object) -> str:
    """Return one cell as a workbook stores it."""
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, Dated):
        return f'<c s="1"><v>{value!r}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
