import pytest

from rewards_service.ledger.errors import AlreadyPosted, HoldAlreadyResolved, RefundExceedsCapture
from rewards_service.ledger.operations import Source, refund_capture
from tests.ledger.stage import Stage


class TestRefundCapture:
    def test_returns_to_the_same_lots(self, stage: Stage):
        stage.award("ANA", 100, days=60)
        stage.award("ANA", 50, days=10)
        stage.hold("L1", ANA=120)
        stage.capture("L1", 120)
        assert stage.lines(stage.refund("L1", 120)) == {
            "Equity:Value:Redeemed": 120,
            "Liabilities:Value:Wallet:ANA": -120,
            "Assets:Stock:Books": 108,
            "Expenses:Rewards:Discount": 12,
            "Liabilities:Rewards:PTS": -120,
        }
        assert stage.lots("ANA") == [(100, 0), (50, 0)]

    def test_gives_the_longest_life_back_first(self, stage: Stage):
        stage.award("ANA", 100, days=60)
        stage.award("ANA", 50, days=10)
        (hold_id,) = stage.hold("L1", ANA=120)
        stage.capture("L1", 120)
        stage.refund("L1", 70, units={hold_id: 70})
        assert stage.lots("ANA") == [(100, 0)]
        stage.refund("L1", 50)
        assert stage.lots("ANA") == [(100, 0), (50, 0)]

    def test_refuses_more_than_was_captured(self, stage: Stage):
        stage.award("ANA", 100)
        (hold_id,) = stage.hold("L1", ANA=100)
        stage.capture("L1", 100)
        for units in (101, -1):
            with pytest.raises(RefundExceedsCapture):
                stage.refund("L1", units, units={hold_id: units})
        stage.refund("L1", 100)
        with pytest.raises(RefundExceedsCapture):
            stage.refund("L1", 100)

    def test_refuses_a_line_that_was_never_captured(self, stage: Stage):
        stage.award("ANA", 100)
        stage.hold("L1", ANA=100)
        with pytest.raises(HoldAlreadyResolved):
            stage.refund("L1", 100)

    def test_refuses_the_same_refund_twice(self, stage: Stage):
        stage.award("ANA", 100)
        (hold_id,) = stage.hold("L1", ANA=100)
        stage.capture("L1", 100)
        source = Source("order_line", "L1/1")
        arguments = {"program": stage.program, "line_ref": "L1", "source": source, "recovered": [], "now": stage.now}
        refund_capture(stage.session, units={hold_id: 1}, **arguments)
        with pytest.raises(AlreadyPosted), stage.session.begin_nested():
            refund_capture(stage.session, units={hold_id: 1}, **arguments)
        assert stage.balance("ANA") == 1

    def test_gives_an_expired_lot_a_grace(self, stage: Stage):
        stage.award("ANA", 100, days=10)
        stage.hold("L1", ANA=100)
        stage.capture("L1", 100)
        stage.pass_time(days=10)
        stage.refund("L1", 100)
        stage.pass_time(days=30, microseconds=-1)
        assert stage.hold("L2", ANA=100)

    def test_follows_a_handle_that_is_gone(self, stage: Stage):
        stage.award("OLD", 100)
        stage.hold("L1", OLD=100)
        stage.capture("L1", 100)
        stage.refund("L1", 100, living={stage.holder("OLD"): stage.holder("NEW")})
        assert (stage.balance("OLD"), stage.balance("NEW")) == (0, 100)

    def test_restores_what_was_carried_however_it_is_divided(self, stage: Stage):
        stage.rate(300, 100)
        stage.award("ANA", 100, days=10)
        (hold_id,) = stage.hold("L1", ANA=100)
        stage.capture("L1", 33)
        stage.pass_time(days=10)
        for units in (7, 30, 1, 62):
            stage.refund("L1", 0, units={hold_id: units})
        owed = [stage.lines(entry).get("Liabilities:Rewards:PTS", 0) for entry in range(4, 8)]
        assert sum(owed) == -33
