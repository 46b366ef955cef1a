from decimal import Decimal

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from catalog.countries import COUNTRIES
from catalog.currencies import AMOUNT_MINOR_MAX, EXPONENTS, to_decimal, to_minor
from catalog.errors import AmountRefused


class TestExponents:
    @pytest.mark.parametrize(("currency", "exponent"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("RSD", 2)])
    def test_are_those_of_the_standard(self, currency, exponent):
        assert EXPONENTS[currency] == exponent

    def test_are_of_currencies_that_have_a_name(self):
        assert set(EXPONENTS) <= set(Locale("en").currencies)

    def test_countries_have_names_too(self):
        assert set(Locale("en").territories) >= COUNTRIES


class TestToMinor:
    @pytest.mark.parametrize(
        ("amount", "currency", "minor"),
        [
            ("25.00", "EUR", 2500),
            ("0.01", "GBP", 1),
            ("3000", "JPY", 3000),
            ("0.125", "KWD", 125),
            ("1E+2", "EUR", 10000),
        ],
    )
    def test_counts_smallest_units(self, amount, currency, minor):
        assert to_minor(Decimal(amount), currency) == minor

    @pytest.mark.parametrize(
        ("amount", "currency", "reason"),
        [
            ("0.001", "EUR", "amount_precision"),
            ("0.5", "JPY", "amount_precision"),
            ("NaN", "EUR", "amount_invalid"),
            ("Infinity", "EUR", "amount_invalid"),
            ("1E+999999", "EUR", "amount_invalid"),
            ("1E-999999", "EUR", "amount_invalid"),
            ("1.0000000000000000000000000000000000001", "EUR", "amount_invalid"),
            ("10000000001", "EUR", "amount_too_large"),
        ],
    )
    def test_refuses_what_is_no_amount(self, amount, currency, reason):
        with pytest.raises(AmountRefused) as refused:
            to_minor(Decimal(amount), currency)
        assert refused.value.reason == reason

    @given(minor=st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX), currency=st.sampled_from(sorted(EXPONENTS)))
    def test_undoes_to_decimal(self, minor, currency):
        assert to_minor(to_decimal(minor, currency), currency) == minor
