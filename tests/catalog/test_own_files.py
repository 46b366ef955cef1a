import json

import pytest

from catalog import CatalogFileRefused, FixedDenomination, ItemState, OpenDenomination, read_catalog
from catalog import imports as catalog_imports

WHOLE = {
    "reference": "BOOK-1",
    "kind": "gift_card",
    "brand": "Bookworld",
    "title": "  Bookworld \n card ",
    "currency": "eur",
    "countries": ["de", "AT", "DE"],
    "category": "Books",
    "description": "Novels.\r\nAnd more.",
    "terms": "None.",
    "how_to_use": "Show it.",
    "image": "brands/bookworld.svg",
    "barcode_type": "qr",
    "state": "unavailable",
    "popularity": 7,
    "fixed": [{"face_value": 25.00}, {"face_value": "10", "cost": 9.2, "cost_currency": "USD"}],
    "open": {"min": 5, "max": 500, "cost_percent": 95.5},
}
LEAST = {"reference": "R", "brand": "B", "title": "T", "currency": "EUR", "fixed": [{"face_value": 1}]}


def as_json(*items: object) -> bytes:
    return json.dumps({"items": items}).encode()


def problems_of(content: bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(CatalogFileRefused) as refused:
        read_catalog(content)
    return [(problem.row, problem.field, problem.code) for problem in refused.value.problems]


class TestReadOwnJson:
    def test_reads_every_field(self):
        file = read_catalog(as_json(WHOLE))
        (draft,) = file.drafts
        assert (file.shape, file.passed_over) == ("own_json", ())
        assert (draft.supplier_reference, draft.brand, draft.title, draft.currency) == (
            "BOOK-1",
            "Bookworld",
            "Bookworld card",
            "EUR",
        )
        assert (draft.countries, draft.category, draft.description) == (("AT", "DE"), "Books", "Novels.\nAnd more.")
        assert (draft.image_reference, draft.barcode_type, draft.state, draft.popularity, draft.row) == (
            "brands/bookworld.svg",
            "qr",
            ItemState.UNAVAILABLE,
            7,
            1,
        )
        assert draft.fixed == (FixedDenomination(1000, 920, "USD"), FixedDenomination(2500, 2500, "EUR"))
        assert draft.open == OpenDenomination(500, 50000, 9550)

    def test_needs_few(self):
        (draft,) = read_catalog(as_json(LEAST)).drafts
        assert (draft.kind, draft.state, draft.popularity, draft.barcode_type) == (
            "gift_card",
            ItemState.AVAILABLE,
            None,
            "none",
        )
        assert (draft.category, draft.image_reference, draft.countries, draft.open) == (None, None, (), None)

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"titel": "x"}, ("titel", "field_unknown")),
            ({"title": " "}, ("title", "missing")),
            ({"title": True}, ("title", "missing")),
            ({"title": "x" * 201}, ("title", "too_long")),
            ({"reference": None}, ("reference", "missing")),
            ({"description": 5}, ("description", "text_expected")),
            ({"category": ["x"]}, ("category", "text_expected")),
            ({"currency": "EURO"}, ("currency", "currency_unknown")),
            ({"kind": "yacht"}, ("kind", "value_unknown")),
            ({"kind": ["gift_card"]}, ("kind", "value_unknown")),
            ({"state": "withdrawn"}, ("state", "value_unknown")),
            ({"barcode_type": "runes"}, ("barcode_type", "value_unknown")),
            ({"countries": ["ZZ"]}, ("countries", "country_unknown")),
            ({"countries": "DE"}, ("countries", "list_expected")),
            ({"image": "javascript:alert(1)"}, ("image", "image_invalid")),
            ({"image": "http://plain.example/a.png"}, ("image", "image_invalid")),
            ({"image": "../secret"}, ("image", "image_invalid")),
            ({"image": "//other.example/a.png"}, ("image", "image_invalid")),
            ({"popularity": -1}, ("popularity", "number_invalid")),
            ({"popularity": 2**24}, ("popularity", "number_invalid")),
            ({"popularity": 1.5}, ("popularity", "number_invalid")),
            ({"popularity": True}, ("popularity", "number_invalid")),
            ({"fixed": []}, ("", "denomination_missing")),
            ({"fixed": [5]}, ("fixed[0]", "object_expected")),
            ({"fixed": [{"face_value": 5}, {"face_value": "5.00"}]}, ("", "denomination_repeated")),
            ({"fixed": [{"face_value": 0}]}, ("fixed[0].face_value", "amount_too_small")),
            ({"fixed": [{"face_value": -5}]}, ("fixed[0].face_value", "amount_too_small")),
            ({"fixed": [{"face_value": 0.001}]}, ("fixed[0].face_value", "amount_precision")),
            ({"fixed": [{"face_value": 1e300}]}, ("fixed[0].face_value", "amount_invalid")),
            ({"fixed": [{"face_value": 10**11}]}, ("fixed[0].face_value", "amount_too_large")),
            ({"fixed": [{"face_value": "5,00"}]}, ("fixed[0].face_value", "amount_invalid")),
            ({"fixed": [{"face_value": False}]}, ("fixed[0].face_value", "amount_invalid")),
            ({"fixed": [{"face_value": 5, "cost": -1}]}, ("fixed[0].cost", "amount_too_small")),
            (
                {"fixed": [{"face_value": 5, "cost": 4, "cost_currency": "?"}]},
                ("fixed[0].cost_currency", "currency_unknown"),
            ),
            ({"open": {"min": 9, "max": 5}}, ("", "range_empty")),
            ({"open": {"min": 9}}, ("open.max", "amount_missing")),
            ({"open": "5-9"}, ("open", "object_expected")),
            ({"open": {"min": 5, "max": 9, "cost_percent": 201}}, ("open.cost_percent", "percent_invalid")),
            ({"open": {"min": 5, "max": 9, "cost_percent": "much"}}, ("open.cost_percent", "amount_invalid")),
        ],
    )
    def test_names_what_is_wrong(self, changes, problem):
        assert (1, *problem) in problems_of(as_json(LEAST | changes))

    def test_names_every_row_at_fault(self):
        rows = [LEAST, LEAST | {"reference": "S", "currency": "?"}, 5, LEAST | {"reference": "T", "fixed": []}, LEAST]
        assert problems_of(as_json(*rows)) == [
            (2, "currency", "currency_unknown"),
            (3, "items", "object_expected"),
            (4, "", "denomination_missing"),
            (5, "", "reference_repeated"),
        ]

    def test_a_cost_may_be_nothing(self):
        (draft,) = read_catalog(as_json(LEAST | {"fixed": [{"face_value": 5, "cost": 0}]})).drafts
        assert draft.fixed == (FixedDenomination(500, 0, "EUR"),)

    def test_reads_no_number_as_a_binary_fraction(self):
        content = as_json(LEAST).replace(b'"face_value": 1', b'"face_value": 1.10')
        assert read_catalog(content).drafts[0].fixed[0].face_value_minor == 110


class TestReadOwnCsv:
    HEADER = "reference;brand;title;currency;countries;fixed;cost_currency;open_min;open_max;open_cost_percent\n"

    def read(self, *lines: str) -> list:
        return list(read_catalog((self.HEADER + "\n".join(lines)).encode("utf-8-sig")).drafts)

    def test_reads_what_the_json_shape_says(self):
        (draft,) = self.read("B1;Bookworld;Card;EUR;de at;25 10=9.20;USD;5;500;95.5")
        assert draft.fixed == (FixedDenomination(1000, 920, "USD"), FixedDenomination(2500, 2500, "EUR"))
        assert (draft.open, draft.countries, draft.row) == (OpenDenomination(500, 50000, 9550), ("AT", "DE"), 2)

    def test_needs_few_columns(self):
        file = read_catalog(b"reference,brand,title,currency,fixed\nB1,Bookworld,Card,JPY,3000\n")
        assert (file.shape, file.drafts[0].fixed) == ("own_csv", (FixedDenomination(3000, 3000, "JPY"),))

    def test_counts_lines_as_the_file_does(self):
        drafts = self.read('B1;Book;"Two\nlines";EUR;;10;;;;', "", "B2;Book;Card;EUR;;10;;;;")
        assert [draft.row for draft in drafts] == [2, 5]

    def test_keeps_a_formula_as_text(self):
        assert self.read("B1;Book;=1+1;EUR;;10;;;;")[0].title == "=1+1"

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            ("reference,brand,title\n", (1, "currency", "column_missing")),
            ("reference,brand,title,currency,colour\n", (1, "colour", "column_unknown")),
            ("reference,brand,title,currency,currency\n", (1, "currency", "column_repeated")),
            ("reference,brand,title,currency,fixed\nR,B,T,EUR,10,more\n", (2, "beyond the header", "field_unknown")),
            ("reference,brand,title,currency,fixed\nR,B\n", (2, "title", "missing")),
            ("reference,brand,title,currency,fixed\nR,B,T,EUR,\n", (2, "", "denomination_missing")),
            ("reference,brand,title,currency,fixed\nR,B,T,EUR,ten\n", (2, "fixed[0].face_value", "amount_invalid")),
            ("reference,brand,title,currency,fixed\nR,B,T,EUR,10=\n", (2, "fixed[0].cost", "amount_missing")),
            ("reference,brand,title,currency,open_max\nR,B,T,EUR,9\n", (2, "open.min", "amount_missing")),
            ('reference,brand,title,currency,fixed\nR,"B,T,EUR,10\n', (2, "", "csv_invalid")),
            ("reference,brand,title,currency,fixed\nR," + "x" * 200_000 + ",T,EUR,1\n", (2, "", "csv_invalid")),
        ],
    )
    def test_names_what_is_wrong(self, content, problem):
        assert problem in problems_of(content.encode())


class TestReadCatalog:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "file_empty"),
            (b" \n\t", "file_empty"),
            (b"\xef\xbb\xbf", "file_empty"),
            (b'{"items": []}', "file_empty"),
            (b"reference,brand,title,currency\n", "file_empty"),
            (b"caf\xe9,brand", "encoding_invalid"),
            (b'{"items": [', "json_invalid"),
            (b'{"items": [NaN]}', "json_invalid"),
            (b'{"items": [1e99999999999999999999]}', "json_invalid"),
            (b'{"items": [' + b"9" * 5000 + b"]}", "json_invalid"),
            (b"[" * 100_000, "json_invalid"),
            (b"[]", "shape_unknown"),
            (b"{}", "shape_unknown"),
            (b'{"products": []}', "shape_unknown"),
        ],
    )
    def test_refuses_what_is_no_catalog(self, content, code):
        assert problems_of(content) == [(problems_of(content)[0][0], "", code)]

    def test_refuses_a_file_too_large_to_read(self, monkeypatch):
        monkeypatch.setattr(catalog_imports, "FILE_BYTES_MAX", 10)
        assert problems_of(b"x" * 11) == [(0, "", "file_too_large")]

    def test_refuses_more_items_than_it_holds(self, monkeypatch):
        monkeypatch.setattr(catalog_imports, "ITEMS_MAX", 1)
        assert problems_of(as_json(LEAST, LEAST)) == [(0, "", "items_too_many")]

    def test_says_the_first_problem_and_how_many(self):
        with pytest.raises(CatalogFileRefused, match=r"2 problems; the first: row 1, currency: 'X' is not"):
            read_catalog(as_json(LEAST | {"currency": "x", "kind": "y"}))
