import pytest

from rewards_service.ledger.errors import InsufficientValue, UnitsNotPositive
from rewards_service.ledger.lots import LotRow
from rewards_service.ledger.operations import expire_lot, grant_budget
from rewards_service.ledger.queries import lots_of
from tests.ledger.stage import Stage


def only_lot(stage: Stage, name: str) -> LotRow:
    """The one lot of a holder."""
    (lot,) = lots_of(stage.session, account_id=stage.holder(name))
    return lot


def expire(stage: Stage, lot: LotRow) -> int | None:
    """End a lot and return the entry."""
    return expire_lot(stage.session, program=stage.program, lot=lot, now=stage.now)


class TestCancelValue:
    def test_gives_money_and_budget_back_where_the_award_took_them(self, stage: Stage):
        budget = stage.budget("B2026")
        source = stage.source("budget")
        grant_budget(
            stage.session, program=stage.program, budget=budget, amount_minor=100, source=source, now=stage.now
        )
        stage.award("ANA", 100, budget=budget)
        assert stage.lines(stage.cancel("ANA", 40)) == {
            "Liabilities:Value:Wallet:ANA": 40,
            "Equity:Value:Cancelled": -40,
            "Liabilities:Rewards:PTS": 40,
            "Expenses:Rewards:Points": -40,
            "Equity:Budgets:B2026:Used": 40,
            "Equity:Budgets:B2026:Available": -40,
        }
        stage.award("ANA", 40, budget=budget)

    def test_takes_the_awards_own_lot_first(self, stage: Stage):
        stage.award("ANA", 100, days=5)
        stage.award("ANA", 100, days=50, ref="WRONG")
        stage.cancel("ANA", 120, award_ref="WRONG")
        assert stage.lots("ANA") == [(80, 0)]

    def test_takes_goodwill_back_from_its_own_cost(self, stage: Stage):
        stage.adjust("ANA", 100)
        assert stage.lines(stage.cancel("ANA", 100))["Expenses:Rewards:Adjustment"] == -100

    def test_refuses_more_than_is_left_and_nothing_at_all(self, stage: Stage):
        stage.award("ANA", 100)
        with pytest.raises(InsufficientValue), stage.session.begin_nested():
            stage.cancel("ANA", 101)
        with pytest.raises(UnitsNotPositive):
            stage.cancel("ANA", 0)


class TestExpireLot:
    def test_ends_what_is_available_as_breakage(self, stage: Stage):
        stage.award("ANA", 700, days=14)
        stage.pass_time(days=14)
        assert stage.lines(expire(stage, only_lot(stage, "ANA"))) == {
            "Liabilities:Value:Wallet:ANA": 700,
            "Equity:Value:Expired": -700,
            "Liabilities:Rewards:PTS": 700,
            "Expenses:Rewards:Breakage": -700,
        }

    def test_leaves_held_value_to_its_own_end(self, stage: Stage):
        stage.award("ANA", 100, days=1)
        stage.hold("L1", ANA=60)
        lot = only_lot(stage, "ANA")
        stage.pass_time(days=1)
        expire(stage, lot)
        assert stage.lots("ANA") == [(0, 60)]
        assert expire(stage, lot) is None

    def test_does_nothing_before_the_end_or_without_one(self, stage: Stage):
        stage.award("ANA", 100, days=1)
        stage.award("BEN", 100)
        assert expire(stage, only_lot(stage, "ANA")) is None
        assert expire(stage, only_lot(stage, "BEN")) is None

    def test_ends_what_came_back_after_the_end_by_an_entry_of_its_own(self, stage: Stage):
        """A void whose moment was read before the end, but that is written after the expiry."""
        stage.award("ANA", 100, days=1)
        stage.hold("L1", ANA=60)
        stage.pass_time(days=1, seconds=1)
        assert expire(stage, only_lot(stage, "ANA"))
        stage.pass_time(seconds=-2)
        stage.void("L1")
        stage.pass_time(seconds=2)
        assert stage.lines(expire(stage, only_lot(stage, "ANA")))["Equity:Value:Expired"] == -60
        assert stage.lots("ANA") == []

    def test_never_ends_the_same_units_twice(self, stage: Stage):
        stage.award("ANA", 100, days=1)
        stage.award("ANA", 50)
        lot, _ = lots_of(stage.session, account_id=stage.holder("ANA"))
        stage.pass_time(days=1)
        assert expire(stage, lot)
        assert expire(stage, lot) is None
        assert stage.balance("ANA") == 50


class TestAdjustValue:
    def test_adds_goodwill(self, stage: Stage):
        assert stage.lines(stage.adjust("BEN", 201)) == {
            "Equity:Value:Adjusted": 201,
            "Liabilities:Value:Wallet:BEN": -201,
            "Expenses:Rewards:Adjustment": 201,
            "Liabilities:Rewards:PTS": -201,
        }

    def test_takes_value_away_soonest_expiry_first(self, stage: Stage):
        stage.award("BEN", 100, days=50)
        stage.award("BEN", 100, days=5)
        assert stage.lines(stage.adjust("BEN", -150))["Expenses:Rewards:Adjustment"] == -150
        assert stage.lots("BEN") == [(50, 0)]

    def test_refuses_more_than_there_is_and_nothing_at_all(self, stage: Stage):
        stage.award("BEN", 100)
        with pytest.raises(InsufficientValue), stage.session.begin_nested():
            stage.adjust("BEN", -101)
        with pytest.raises(UnitsNotPositive):
            stage.adjust("BEN", 0)
