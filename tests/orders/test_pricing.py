"""Prices, and who pays what: exact, rounded up once per share."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards_service.orders.pricing import Purse, in_units, order_of_use, plan_payment, price_minor
from rewards_service.programs.policy import price_units

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@dataclass
class Rate:
    units: int
    minor: int


PAR = Rate(1, 1)
CENT = Rate(100, 100)
EIGHT = Rate(125, 100)
rates = st.builds(Rate, st.integers(1, 10_000), st.integers(1, 10_000))


def purse(account_id: int, units: int, *, rate: Rate = CENT, days: int | None = 30, unit_id: int = 1) -> Purse:
    expires_at = None if days is None else NOW + timedelta(days=days)
    return Purse(account_id, unit_id, units, units, rate, expires_at)


def pays(plan) -> list[list[tuple[int, int]]]:
    return [[(share.purse.account_id, share.units) for share in line] for line in plan.shares]


class TestInUnits:
    @pytest.mark.parametrize(
        ("face", "margin_bp", "rate", "units"),
        [
            (2500, 0, CENT, 2500),
            (1500, 0, EIGHT, 1875),
            (999, 0, EIGHT, 1249),
            (2500, 500, CENT, 2625),
            (1, 1, CENT, 2),
        ],
    )
    def test_rounds_up_once(self, face, margin_bp, rate, units) -> None:
        assert in_units(price_minor(face_value_minor=face, margin_bp=margin_bp), rate=rate) == units

    @given(st.integers(1, 10**9), st.integers(0, 20_000), rates)
    def test_agrees_with_the_price_of_programs(self, face, margin_bp, rate) -> None:
        exact = price_minor(face_value_minor=face, margin_bp=margin_bp)
        assert in_units(exact, rate=rate) == price_units(face_minor=face, margin_bp=margin_bp, rate=rate)


class TestOrderOfUse:
    def test_is_soonest_expiry_then_smallest_worth_then_oldest(self) -> None:
        purses = [
            purse(1, 10, days=None),
            purse(2, 50, days=9),
            purse(3, 40, days=9),
            purse(5, 40, days=9),
            purse(4, 99, days=3),
            purse(6, 45, days=9, rate=Rate(100, 200)),
        ]
        assert [each.account_id for each in sorted(purses, key=order_of_use)] == [4, 3, 5, 2, 6, 1]


class TestPlanPayment:
    def test_empties_the_first_purse_before_the_next(self) -> None:
        plan = plan_payment([Fraction(2500), Fraction(1000)], purses=[purse(1, 3000), purse(2, 5000, days=60)])
        assert pays(plan) == [[(1, 2500)], [(1, 500), (2, 500)]]
        assert (plan.missing_minor, plan.used_units()) == (0, {1: 3000, 2: 500})

    def test_lets_promises_pay_at_par_and_points_at_their_rate(self) -> None:
        plan = plan_payment(
            [Fraction(1500)], purses=[purse(1, 700, rate=PAR, unit_id=2), purse(2, 9999, rate=EIGHT, days=60)]
        )
        assert pays(plan) == [[(1, 700), (2, 1000)]]

    def test_says_what_nobody_covers(self) -> None:
        plan = plan_payment([Fraction(2500), Fraction(2500)], purses=[purse(1, 3000)])
        assert (pays(plan), plan.missing_minor) == ([[(1, 2500)], [(1, 500)]], 2000)

    def test_spends_what_ends_soonest_over_all_purses(self) -> None:
        soon, later = NOW + timedelta(days=5), NOW + timedelta(days=300)
        wallet = Purse(1, 1, 9980, 9980, CENT, soon, parts=((soon, 980), (later, 9000)))
        codes = [purse(2, 1000, days=30), purse(3, 1000, days=30)]
        plan = plan_payment([Fraction(2500), Fraction(1000)], purses=[wallet, *codes])
        assert pays(plan) == [[(1, 980), (2, 1000), (3, 520)], [(3, 480), (1, 520)]]

    def test_gives_no_more_of_a_purse_than_its_holder_will(self) -> None:
        wallet = Purse(1, 1, 500, 9980, CENT, None, parts=((None, 400), (None, 9580)))
        plan = plan_payment([Fraction(2500)], purses=[wallet])
        assert (pays(plan), plan.missing_minor) == ([[(1, 500)]], 2000)

    def test_has_nothing_to_say_without_purses(self) -> None:
        assert plan_payment([Fraction(10)], purses=[]).missing_minor == 10

    @given(
        st.lists(st.integers(1, 100_000), min_size=1, max_size=6),
        st.lists(st.tuples(st.integers(0, 200_000), st.sampled_from([PAR, CENT, EIGHT, Rate(3, 7)])), max_size=8),
    )
    def test_takes_neither_less_than_the_price_nor_a_unit_too_many(self, prices, given_purses) -> None:
        purses = [purse(index, units, rate=rate, days=index) for index, (units, rate) in enumerate(given_purses, 1)]
        plan = plan_payment([Fraction(price) for price in prices], purses=purses)
        used = plan.used_units()
        assert all(used.get(each.account_id, 0) <= each.units for each in purses)
        worth = sum(
            (
                Fraction(share.units * share.purse.rate.minor, share.purse.rate.units)
                for line in plan.shares
                for share in line
            ),
            Fraction(0),
        )
        over = worth - (sum(prices) - plan.missing_minor)
        assert 0 <= over < len(prices) * max((Fraction(each.rate.minor, each.rate.units) for each in purses), default=1)
        assert not plan.missing_minor or all(used.get(each.account_id, 0) == each.units for each in purses)
