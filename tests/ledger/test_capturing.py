import pytest

from rewards_service.ledger.errors import CaptureExceedsHold, HoldAlreadyResolved
from rewards_service.programs.models import Program
from tests.ledger.stage import Stage


class TestCaptureHold:
    def test_spends_all_and_posts_cost_and_discount(self, stage: Stage):
        stage.award("ANA", 2500)
        stage.hold("L1", ANA=2500)
        assert stage.lines(stage.capture("L1", 2500)) == {
            "Liabilities:Value:Held": 2500,
            "Equity:Value:Redeemed": -2500,
            "Liabilities:Rewards:PTS": 2500,
            "Assets:Stock:Books": -2250,
            "Expenses:Rewards:Discount": -250,
        }
        assert stage.lots("ANA") == []

    def test_spends_part_and_gives_the_later_lots_back(self, stage: Stage):
        stage.award("ANA", 100, days=60)
        stage.award("ANA", 50, days=10)
        (hold_id,) = stage.hold("L1", ANA=120)
        stage.capture("L1", 60, captured={hold_id: 60})
        assert stage.lots("ANA") == [(90, 0)]
        assert stage.balance("ANA") == 90

    def test_gives_a_tender_back_that_was_not_needed(self, stage: Stage):
        stage.award("ANA", 100)
        stage.award("BEN", 100)
        ana, _ = stage.hold("L1", ANA=50, BEN=50)
        stage.capture("L1", 50, captured={ana: 50})
        assert (stage.balance("ANA"), stage.balance("BEN")) == (50, 100)

    def test_calls_a_difference_of_one_cent_per_lot_rounding(self, stage: Stage):
        stage.award("ANA", 100)
        stage.hold("L1", ANA=100)
        assert stage.lines(stage.capture("L1", 99))["Expenses:Rounding"] == -1

    def test_calls_a_larger_difference_a_price_difference(self, stage: Stage):
        stage.award("ANA", 110)
        stage.hold("L1", ANA=110)
        assert stage.lines(stage.capture("L1", 100))["Expenses:Rewards:PriceDifference"] == -10

    def test_never_drifts_over_many_partial_spends(self, stage: Stage):
        stage.rate(300, 100)
        stage.award("ANA", 300)
        for number in range(30):
            stage.hold(f"L{number}", ANA=10)
            stage.capture(f"L{number}", 3)
        assert stage.lots("ANA") == []

    @pytest.mark.parametrize("units", [-1, 101])
    def test_refuses_to_capture_outside_the_hold(self, stage: Stage, units: int):
        stage.award("ANA", 200)
        (hold_id,) = stage.hold("L1", ANA=100)
        with pytest.raises(CaptureExceedsHold):
            stage.capture("L1", 100, captured={hold_id: units})

    def test_refuses_a_second_resolution(self, stage: Stage):
        stage.award("ANA", 100)
        stage.hold("L1", ANA=100)
        stage.void("L1")
        for second in (stage.void, lambda ref: stage.capture(ref, 100)):
            with pytest.raises(HoldAlreadyResolved):
                second("L1")
        assert stage.lots("ANA") == [(100, 0)]

    def test_does_not_find_another_organizations_line(self, stage: Stage, other_program: Program):
        stage.award("ANA", 100)
        stage.hold("L1", ANA=100)
        foreign = Stage(stage.session, other_program, stage.now)
        with pytest.raises(HoldAlreadyResolved):
            foreign.void("L1")


class TestVoidHold:
    def test_gives_each_lot_its_units_back_without_a_money_side(self, stage: Stage):
        stage.award("ANA", 100, days=60)
        stage.award("ANA", 50, days=10)
        stage.hold("L1", ANA=120)
        assert stage.lines(stage.void("L1")) == {"Liabilities:Value:Held": 120, "Liabilities:Value:Wallet:ANA": -120}
        assert stage.lots("ANA") == [(100, 0), (50, 0)]

    def test_gives_an_expired_lot_a_grace_and_carries_its_money_over(self, stage: Stage):
        stage.rate(300, 100)
        stage.award("ANA", 50, days=10)
        stage.hold("L1", ANA=50)
        stage.pass_time(days=11)
        assert "Liabilities:Rewards:PTS" not in stage.lines(stage.void("L1"))
        stage.pass_time(days=29)
        assert stage.hold("L2", ANA=50)

    def test_follows_a_handle_that_is_gone(self, stage: Stage):
        stage.award("OLD", 100)
        stage.hold("L1", OLD=60)
        stage.void("L1", living={stage.holder("OLD"): stage.holder("NEW")})
        assert (stage.balance("OLD"), stage.balance("NEW")) == (40, 60)
