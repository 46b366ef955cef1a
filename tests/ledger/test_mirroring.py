import pytest

from rewards_service.ledger.chart import Role
from rewards_service.ledger.errors import AlreadyPosted, MirrorOverdraws, NotMirrorable
from rewards_service.ledger.operations import MoneyLine, grant_budget, post_money, rebase_chunk, reverse_entry
from rewards_service.programs.models import Program
from tests.ledger.stage import Stage


def reverse(stage: Stage, entry_id: int, program: Program | None = None) -> int:
    """Write the mirror of an entry."""
    return reverse_entry(
        stage.session,
        program=program or stage.program,
        entry_id=entry_id,
        source=stage.source("correction", reason="keyed in twice"),
        now=stage.now,
    )


class TestReverseEntry:
    def test_negates_an_award_account_by_account(self, stage: Stage):
        entry = stage.award("ANA", 100)
        mirror = reverse(stage, entry)
        assert stage.lines(mirror) == {name: -amount for name, amount in stage.lines(entry).items()}
        assert stage.lots("ANA") == []

    def test_gives_back_what_an_adjustment_took(self, stage: Stage):
        stage.award("ANA", 100, days=5)
        entry = stage.adjust("ANA", -60)
        reverse(stage, entry)
        assert stage.lots("ANA") == [(100, 0)]

    def test_gives_a_budget_back(self, stage: Stage):
        budget, arguments = stage.budget("B1"), {"program": stage.program, "now": stage.now}
        grant = grant_budget(stage.session, budget=budget, amount_minor=100, source=stage.source("budget"), **arguments)
        award = stage.award("ANA", 100, budget=budget)
        with pytest.raises(MirrorOverdraws), stage.session.begin_nested():
            reverse(stage, grant)
        reverse(stage, award)
        reverse(stage, grant)

    def test_turns_a_purchase_round(self, stage: Stage):
        lines = [MoneyLine(Role.STOCK, 230, "Books"), MoneyLine(Role.PAYABLE, -230, "Cardo")]
        arguments = {"program": stage.program, "now": stage.now}
        entry = post_money(stage.session, kind="stock", source=stage.source("stock"), lines=lines, **arguments)
        assert stage.lines(reverse(stage, entry)) == {"Assets:Stock:Books": -230, "Liabilities:Payables:Cardo": 230}

    def test_refuses_when_some_of_the_value_was_spent(self, stage: Stage):
        entry = stage.award("ANA", 100)
        stage.award("ANA", 100)
        stage.hold("L1", ANA=1)
        with pytest.raises(MirrorOverdraws), stage.session.begin_nested():
            reverse(stage, entry)
        stage.hold("L2", ANA=150)
        with pytest.raises(MirrorOverdraws), stage.session.begin_nested():
            reverse(stage, entry)

    def test_refuses_when_the_rate_has_changed_its_worth(self, stage: Stage):
        entry = stage.award("ANA", 100)
        stage.rate(125, 100)
        rebase_chunk(stage.session, program=stage.program, after_lot_id=0, now=stage.now)
        with pytest.raises(MirrorOverdraws), stage.session.begin_nested():
            reverse(stage, entry)

    def test_refuses_to_fill_a_lot_that_has_ended(self, stage: Stage):
        stage.award("ANA", 100, days=1)
        entry = stage.adjust("ANA", -60)
        stage.pass_time(days=1)
        with pytest.raises(MirrorOverdraws), stage.session.begin_nested():
            reverse(stage, entry)

    def test_refuses_steps_mirrors_and_what_belongs_to_others(self, stage: Stage, other_program: Program):
        entry = stage.award("ANA", 100)
        mirror = reverse(stage, stage.award("BEN", 100))
        stage.hold("L1", ANA=100)
        for target in (mirror, stage.void("L1")):
            with pytest.raises(NotMirrorable):
                reverse(stage, target)
        with pytest.raises(NotMirrorable):
            reverse(stage, entry, program=other_program)

    def test_refuses_a_second_mirror(self, stage: Stage):
        entry = stage.award("ANA", 100)
        reverse(stage, entry)
        stage.award("ANA", 100)
        with pytest.raises((AlreadyPosted, MirrorOverdraws)), stage.session.begin_nested():
            reverse(stage, entry)

    def test_refuses_a_second_mirror_of_what_left_no_lot(self, stage: Stage):
        lines = [MoneyLine(Role.STOCK, 230, "Books"), MoneyLine(Role.PAYABLE, -230, "Cardo")]
        arguments = {"program": stage.program, "now": stage.now}
        entry = post_money(stage.session, kind="stock", source=stage.source("stock"), lines=lines, **arguments)
        reverse(stage, entry)
        with pytest.raises(AlreadyPosted):
            reverse(stage, entry)
