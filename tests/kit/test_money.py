from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards_service.kit.money import (
    MINOR_MAX,
    AmountNotExact,
    Money,
    UnknownCurrency,
    allocate,
    ceil_div,
    exponent,
    half_up_div,
    parse_minor,
    scaled,
)


class TestExponent:
    @pytest.mark.parametrize(("currency", "decimals"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("RSD", 2), ("CLF", 4)])
    def test_is_that_of_the_standard(self, currency, decimals) -> None:
        assert exponent(currency) == decimals

    @pytest.mark.parametrize("currency", ["PTS", "eur", "", "EURO"])
    def test_refuses_what_is_no_currency(self, currency) -> None:
        with pytest.raises(UnknownCurrency, match="not an ISO 4217 currency"):
            exponent(currency)


class TestParseMinor:
    @pytest.mark.parametrize(
        ("text", "currency", "minor"),
        [("25", "EUR", 2500), (" 25.5 ", "EUR", 2550), ("-0.01", "EUR", -1), ("7", "JPY", 7), ("1.234", "KWD", 1234)],
    )
    def test_reads_plain_decimals(self, text, currency, minor) -> None:
        assert parse_minor(text, currency) == minor

    @pytest.mark.parametrize("text", ["", "12,50", "1.001", "NaN", "Infinity", "1e400", "twelve", "1e14"])
    def test_refuses_what_cannot_be_kept_exactly(self, text) -> None:
        with pytest.raises(AmountNotExact):
            parse_minor(text, "EUR")

    def test_goes_up_to_a_limit_and_no_further(self) -> None:
        assert scaled(Decimal(MINOR_MAX), 0) == MINOR_MAX
        with pytest.raises(AmountNotExact):
            scaled(Decimal(MINOR_MAX + 1), 0)


class TestFormat:
    @pytest.mark.parametrize(
        ("money", "locale", "written"),
        [
            (Money(123_456_700, "EUR"), "de", "1.234.567,00 €"),
            (Money(123_456_700, "EUR"), "nl", "€ 1.234.567,00"),
            (Money(123_456_700, "MYR"), "ms", "RM1,234,567.00"),
            (Money(1_234_567, "JPY"), "ja", "￥1,234,567"),
        ],
    )
    def test_is_as_its_reader_writes_it(self, money, locale, written) -> None:
        assert money.format(locale).replace("\xa0", " ") == written


class TestDivision:
    @pytest.mark.parametrize(("dividend", "up", "half"), [(5, 3, 3), (4, 2, 2), (-5, -2, -3), (0, 0, 0), (1, 1, 1)])
    def test_rounds_as_it_says(self, dividend, up, half) -> None:
        assert (ceil_div(dividend, 2), half_up_div(dividend, 2)) == (up, half)

    @given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
    def test_is_never_off_by_a_whole_unit(self, dividend, divisor) -> None:
        assert 0 <= ceil_div(dividend, divisor) * divisor - dividend < divisor
        assert 2 * abs(half_up_div(dividend, divisor) * divisor - dividend) <= divisor


class TestAllocate:
    def test_gives_what_is_left_to_the_largest_remainder_and_ties_to_the_first(self) -> None:
        assert allocate(100, [1, 1, 1]) == [34, 33, 33]
        assert allocate(10, [3, 3, 1]) == [4, 4, 2]
        assert allocate(-100, [1, 1, 1]) == [-33, -33, -34]

    @given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=40))
    def test_loses_nothing(self, total, weights) -> None:
        weights[0] += 1
        parts = allocate(total, weights)
        assert sum(parts) == total
        assert all(
            abs(part * sum(weights) - total * weight) < sum(weights)
            for part, weight in zip(parts, weights, strict=True)
        )

    def test_refuses_to_divide_among_nobody(self) -> None:
        with pytest.raises(AssertionError):
            allocate(100, [0, 0])
