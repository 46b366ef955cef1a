import pytest

from rewards_service.ledger.balances import BALANCE_MAX
from rewards_service.ledger.errors import BalanceTooLarge, InsufficientValue, MoveToItself, UnitsNotPositive
from rewards_service.ledger.operations import Move, move_value
from rewards_service.ledger.queries import explain_lot, lots_of
from tests.ledger.stage import Stage


def move(stage: Stage, *moves: tuple[str, str, int]) -> int:
    """Move points between holders and return the entry."""
    return move_value(
        stage.session,
        program=stage.program,
        unit_id=stage.program.points_unit_id,
        moves=[Move(stage.holder(giver), stage.holder(taker), units) for giver, taker, units in moves],
        source=stage.source("move"),
        now=stage.now,
    )


class TestMoveValue:
    def test_splits_and_merges_with_a_value_side_only(self, stage: Stage):
        stage.award("A", 100)
        stage.award("B", 50)
        entry = move(stage, ("A", "C", 60), ("A", "D", 40), ("B", "D", 50))
        assert stage.lines(entry) == {
            "Liabilities:Value:Wallet:A": 100,
            "Liabilities:Value:Wallet:B": 50,
            "Liabilities:Value:Wallet:C": -60,
            "Liabilities:Value:Wallet:D": -90,
        }
        assert [stage.lots(name) for name in "ABCD"] == [[], [], [(60, 0)], [(40, 0), (50, 0)]]

    def test_carries_exactly_what_the_parent_released(self, stage: Stage):
        stage.rate(300, 100)
        stage.award("A", 100)
        move(stage, ("A", "B", 1), ("A", "C", 1), ("A", "D", 98))
        carried = [lots_of(stage.session, account_id=stage.holder(name))[0].base_minor for name in "BCD"]
        assert sum(carried) == 33

    def test_keeps_expiry_and_origin(self, stage: Stage):
        stage.award("A", 100, days=7, ref="AWARD")
        move(stage, ("A", "B", 100))
        move(stage, ("B", "C", 100))
        (lot,) = lots_of(stage.session, account_id=stage.holder("C"))
        story = explain_lot(stage.session, lot_id=lot.id)
        assert story.award_ref == "AWARD"
        assert [step.kind for step in story.steps] == ["award", "transfer", "transfer"]
        assert {parent.expires_at for parent in story.ancestors} == {lot.expires_at}

    @pytest.mark.parametrize("moves", [[("A", "A", 10)], [("A", "B", 10), ("B", "C", 10)]])
    def test_refuses_a_holder_who_gives_and_takes(self, stage: Stage, moves: list[tuple[str, str, int]]):
        stage.award("A", 100)
        with pytest.raises(MoveToItself), stage.session.begin_nested():
            move(stage, *moves)

    def test_refuses_more_than_there_is(self, stage: Stage):
        stage.award("A", 100, days=1)
        stage.award("A", 50)
        stage.holder("B")
        stage.pass_time(days=1)
        with pytest.raises(InsufficientValue), stage.session.begin_nested():
            move(stage, ("A", "B", 51))
        move(stage, ("A", "B", 50))

    def test_refuses_no_units_and_a_holder_that_would_overflow(self, stage: Stage):
        stage.award("A", 1)
        stage.award("B", BALANCE_MAX)
        with pytest.raises(UnitsNotPositive):
            move(stage, ("A", "B", 0))
        with pytest.raises(BalanceTooLarge), stage.session.begin_nested():
            move(stage, ("A", "B", 1))
