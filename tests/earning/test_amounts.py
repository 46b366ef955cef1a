"""How amounts are read."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards_service.earning.award_files.amounts import (
    AmountsAmbiguous,
    AmountUnreadable,
    currency_named_in,
    detect_decimal_sign,
    read_amount,
)


class TestReadAmount:
    @pytest.mark.parametrize(
        ("text", "number", "currency"),
        [
            ("25,00", "25.00", None),
            ("1.937,43", "1937.43", None),
            ("1937,43", "1937.43", None),
            ("1 937,43", "1937.43", None),
            ("1\u202f937,43", "1937.43", None),
            ("1'937,43", "1937.43", None),
            ("1.000.000", "1000000", None),
            ("-25,00", "-25", None),
            ("25,00-", "-25", None),
            ("\u221225,00", "-25", None),
            ("(25,00)", "-25", None),
            ("+25", "25", None),
            ("25,00 €", "25", "EUR"),
            ("EUR 25", "25", "EUR"),
            ("25 PTS", "25", "PTS"),
            ("0", "0", None),
        ],
    )
    def test_understands_how_people_write_with_a_decimal_comma(self, text: str, number: str, currency: str | None):
        written = read_amount(text, decimal_sign=",")

        assert (written.number, written.currency) == (Decimal(number), currency)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "-",
            "--5",
            "abc",
            "25.00",
            "1.93",
            "1,2,3",
            "12.34.567",
            "1e5",
            "0x10",
            "٢٥",
            "5-5",
            "1" * 41,
            "NaN",
            "1 2",
        ],
    )
    def test_refuses_rather_than_misreads(self, text: str):
        with pytest.raises(AmountUnreadable):
            read_amount(text, decimal_sign=",")

    def test_reads_the_same_signs_the_other_way_round(self):
        assert read_amount("1,937.43", decimal_sign=".").number == Decimal("1937.43")

    @given(st.integers(0, 10**12), st.sampled_from([",", "."]))
    def test_reads_back_whatever_is_written(self, minor: int, sign: str):
        group = "." if sign == "," else ","
        text = f"{minor // 100:,}".replace(",", group) + f"{sign}{minor % 100:02d}"

        assert read_amount(text, decimal_sign=sign).number * 100 == minor


class TestDetectDecimalSign:
    @pytest.mark.parametrize(
        ("texts", "language", "sign"),
        [
            (["25,00", "1.937,43"], "en", ","),
            (["25.00", "1,937.43"], "de", "."),
            (["25.5"], "de", "."),
            (["1.937.500"], "en", ","),
            (["1.937"], "de", ","),
            (["1,937"], "en", "."),
            (["25", "1937"], "de", ","),
            (["25", "1937"], "en", "."),
            (["1.937", "25.00"], "de", "."),
            ([], "en", "."),
        ],
    )
    def test_is_what_the_unambiguous_amounts_show(self, texts: list[str], language: str, sign: str):
        assert detect_decimal_sign(texts, language=language) == sign

    def test_is_not_guessed_where_a_thousand_times_more_is_as_likely(self):
        with pytest.raises(AmountsAmbiguous):
            detect_decimal_sign(["25.000", "1.937"], language="en")

    def test_of_points_groups_thousands(self):
        assert detect_decimal_sign(["1.937"], language="en", are_whole=True) == ","


class TestCurrencyNamedIn:
    @pytest.mark.parametrize(
        ("name", "currency"),
        [("Prämie (EUR)", "EUR"), ("Betrag in €", "EUR"), ("Award GBP", "GBP"), ("Prämie", None), ("Award ($)", None)],
    )
    def test_is_the_code_or_symbol_in_a_column_name(self, name: str, currency: str | None):
        assert currency_named_in(name) == currency
