import pytest

from rewards_service.kit.actor import SYSTEM
from rewards_service.ledger.errors import AlreadyPosted, InsufficientValue, UnitsNotPositive
from rewards_service.ledger.operations import HoldPart, LineHold, open_holds
from tests.ledger.stage import Stage


class TestOpenHolds:
    def test_takes_the_soonest_expiry_first(self, stage: Stage):
        stage.award("ANA", 100, days=60)
        stage.award("ANA", 50, days=10)
        stage.award("ANA", 70, days=30)
        stage.hold("L1", ANA=90)
        assert stage.lots("ANA") == [(100, 0), (0, 50), (30, 40)]
        assert stage.balance("ANA") == 130

    def test_takes_value_without_an_end_last(self, stage: Stage):
        stage.award("ANA", 100)
        stage.award("ANA", 100, days=1)
        stage.hold("L1", ANA=150)
        assert stage.lots("ANA") == [(50, 50), (0, 100)]

    def test_moves_value_only(self, stage: Stage):
        stage.award("ANA", 100)
        entry = stage.award("BEN", 100)
        stage.hold("L1", ANA=60, BEN=40)
        assert stage.lines(entry + 1) == {
            "Liabilities:Value:Wallet:ANA": 60,
            "Liabilities:Value:Wallet:BEN": 40,
            "Liabilities:Value:Held": -100,
        }

    def test_serves_several_lines_from_one_lot(self, stage: Stage):
        stage.award("ANA", 100)
        parts = [
            LineHold(ref, [HoldPart(stage.holder("ANA"), stage.program.points_unit_id, 30)]) for ref in ("L1", "L2")
        ]
        holds = open_holds(stage.session, program=stage.program, lines=parts, actor=SYSTEM, now=stage.now)
        assert [len(line) for line in holds] == [1, 1]
        assert stage.lots("ANA") == [(40, 60)]

    def test_refuses_more_than_there_is_and_changes_nothing(self, stage: Stage):
        stage.award("ANA", 100)
        with pytest.raises(InsufficientValue) as refusal, stage.session.begin_nested():
            stage.hold("L1", ANA=101)
        assert refusal.value.params == {"account_id": stage.holder("ANA")}
        assert stage.balance("ANA") == 100

    def test_refuses_value_at_the_instant_it_expires(self, stage: Stage):
        stage.award("ANA", 100, days=1)
        stage.pass_time(days=1)
        with pytest.raises(InsufficientValue), stage.session.begin_nested():
            stage.hold("L1", ANA=1)
        stage.pass_time(microseconds=-1)
        assert stage.hold("L1", ANA=1)

    @pytest.mark.parametrize("units", [0, -1, 10**15 + 1, 1.5, True])
    def test_refuses_what_is_no_number_of_units(self, stage: Stage, units):
        stage.award("ANA", 100)
        with pytest.raises(UnitsNotPositive), stage.session.begin_nested():
            stage.hold("L1", ANA=units)

    def test_refuses_a_line_that_is_held_already(self, stage: Stage):
        stage.award("ANA", 100)
        stage.hold("L1", ANA=10)
        with pytest.raises(AlreadyPosted), stage.session.begin_nested():
            stage.hold("L1", ANA=10)
        assert stage.balance("ANA") == 90
