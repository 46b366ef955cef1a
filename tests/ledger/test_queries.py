from datetime import timedelta

import pytest

from rewards_service.kit.paging import CursorInvalid
from rewards_service.kit.signing import Signer
from rewards_service.ledger.queries import (
    JournalRange,
    explain_lot,
    holder_statement,
    holders,
    journal,
    list_entries,
    lots_of,
    spendable_units,
)
from rewards_service.programs.models import Program
from tests.ledger.stage import Stage

SIGNER = Signer([b"k" * 32])


class TestSpendableUnits:
    def test_leaves_held_and_expired_value_out(self, stage: Stage):
        stage.award("ANA", 100, days=1)
        stage.award("ANA", 50)
        stage.hold("L1", ANA=10)
        ana, ben = stage.holder("ANA"), stage.holder("BEN")
        assert spendable_units(stage.session, account_ids=[ana, ben], now=stage.now) == {ana: 140, ben: 0}
        later = stage.now + timedelta(days=1)
        assert spendable_units(stage.session, account_ids=[ana], now=later) == {ana: 50}


class TestLotsOf:
    def test_come_in_the_order_of_taking(self, stage: Stage):
        stage.award("ANA", 1)
        stage.award("ANA", 2, days=9)
        stage.award("ANA", 3, days=3)
        stage.hold("L1", ANA=3)
        found = lots_of(stage.session, account_id=stage.holder("ANA"))
        assert [(lot.units_available, lot.units_held) for lot in found] == [(0, 3), (2, 0), (1, 0)]


class TestExplainLot:
    def test_tells_what_became_of_it(self, stage: Stage):
        stage.award("ANA", 100, ref="A1")
        stage.hold("L1", ANA=60)
        stage.capture("L1", 60)
        (lot,) = lots_of(stage.session, account_id=stage.holder("ANA"))
        story = explain_lot(stage.session, lot_id=lot.id)
        assert story.award_ref == "A1"
        assert [(step.kind, step.source_ref, step.available_delta, step.held_delta) for step in story.steps] == [
            ("award", "A1", 100, 0),
            ("hold", "L1", -60, 60),
            ("capture", "L1", 0, -60),
        ]

    def test_a_lot_has_an_origin(self, stage: Stage, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(holders, "ANCESTORS_MAX", 1)
        stage.award("ANA", 100)
        stage.hold("L1", ANA=60)
        stage.rate(125, 100)
        stage.hold("L2", ANA=10)
        with pytest.raises(AssertionError):
            explain_lot(stage.session, lot_id=2)


class TestHolderStatement:
    def test_runs_back_from_the_balance(self, stage: Stage):
        stage.award("ANA", 100, ref="A1")
        stage.hold("L1", ANA=60)
        stage.void("L1")
        lines = holder_statement(stage.session, account_id=stage.holder("ANA"), signer=SIGNER).items
        assert [(line.kind, line.units, line.balance_units) for line in lines] == [
            ("void", 60, 100),
            ("hold", -60, 40),
            ("award", 100, 100),
        ]
        assert [part.award_ref for part in lines[0].parts] == ["A1"]

    def test_pages_stay_right_while_more_happens(self, stage: Stage):
        for _ in range(5):
            stage.award("ANA", 10)
        account_id = stage.holder("ANA")
        first = holder_statement(stage.session, account_id=account_id, signer=SIGNER, limit=2)
        stage.award("ANA", 1000)
        rest = holder_statement(
            stage.session, account_id=account_id, signer=SIGNER, limit=200, cursor=first.next_cursor
        )
        assert [line.balance_units for line in [*first.items, *rest.items]] == [50, 40, 30, 20, 10]
        assert rest.next_cursor is None

    def test_refuses_the_cursor_of_another_account(self, stage: Stage):
        stage.award("ANA", 10)
        stage.award("ANA", 10)
        stage.award("BEN", 10)
        page = holder_statement(stage.session, account_id=stage.holder("ANA"), signer=SIGNER, limit=1)
        with pytest.raises(CursorInvalid):
            holder_statement(stage.session, account_id=stage.holder("BEN"), signer=SIGNER, cursor=page.next_cursor)


class TestListEntries:
    def test_pages_through_the_books_in_order(self, stage: Stage):
        for number in range(5):
            stage.award("ANA", 10, ref=f"A{number}")
            stage.pass_time(days=1)
        of, seen, cursor = JournalRange(stage.program.organization_id), [], None
        while True:
            page = list_entries(stage.session, of=of, signer=SIGNER, cursor=cursor, limit=2)
            seen += [entry.source_ref for entry in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == ["A0", "A1", "A2", "A3", "A4"]

    def test_finds_by_account_program_and_days(self, stage: Stage, other_program: Program):
        stage.award("ANA", 10)
        stage.pass_time(days=1)
        stage.award("BEN", 10)
        organization, day = stage.program.organization_id, stage.now.date()

        def found(**fields) -> list[int]:
            of = JournalRange(organization, **fields)
            return [entry.id for entry in list_entries(stage.session, of=of, signer=SIGNER).items]

        assert found(account="Liabilities:Value:Demo:Wallet:BEN") == [2]
        assert found(account="Liabilities:Value:Demo:Wallet:NOBODY") == []
        assert found(first_day=day) == [2]
        assert found(last_day=day - timedelta(days=1)) == [1]
        assert found(program_id=other_program.id) == []
        stage.program.is_test = True
        stage.session.flush()
        assert found(with_test_programs=False) == []
        organization = other_program.organization_id
        assert found() == []

    def test_looks_many_accounts_up_in_several_statements(self, stage: Stage, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(journal, "ACCOUNTS_AT_ONCE", 2)
        entry = stage.award("ANA", 10)
        assert len(stage.lines(entry)) == 4
