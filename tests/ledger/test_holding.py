from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.kit.actor import SYSTEM
from rewards_service.ledger.accounts import open_bearer
from rewards_service.ledger.balances import stored_balances
from rewards_service.ledger.chart import Role
from rewards_service.ledger.errors import HoldAlreadyResolved, InsufficientValue, RefundExceedsCapture
from rewards_service.ledger.models import Lot
from rewards_service.ledger.operations import (
    HoldPart,
    IssueTerms,
    LineHold,
    MoneyLine,
    Source,
    capture_hold,
    issue_value,
    open_holds,
    refund_capture,
    void_hold,
)
from rewards_service.ledger.policy import IncentiveType
from rewards_service.programs.models import Program


def wallet_with(session: Session, program: Program, now: datetime, *lots: tuple[int, int]) -> int:
    """A wallet whose lots have these (units, days to live)."""
    unit = program.points_unit
    account_id = open_bearer(session, program=program, role=Role.WALLET, owner="ANA", unit_id=unit.id)
    for number, (units, days) in enumerate(lots):
        terms = IssueTerms(unit, IncentiveType.POINTS, now + timedelta(days=days), now, kind="award")
        issue_value(
            session,
            program=program,
            account_id=account_id,
            units=units,
            terms=terms,
            source=Source("award", f"A{number}"),
            now=now,
        )
    return account_id


def hold(session: Session, program: Program, account_id: int, units: int, now: datetime, ref: str = "L1") -> list[int]:
    part = HoldPart(account_id, program.points_unit_id, units)
    return open_holds(session, program=program, lines=[LineHold(ref, [part])], actor=SYSTEM, now=now)[0]


def lots_of(session: Session, account_id: int) -> list[tuple[int, int]]:
    rows = session.execute(
        select(Lot.units_available, Lot.units_held).where(Lot.account_id == account_id).order_by(Lot.id)
    )
    return [tuple(row) for row in rows]


class TestOpenHolds:
    def test_takes_the_soonest_expiry_first(self, session: Session, program: Program, now: datetime) -> None:
        account = wallet_with(session, program, now, (100, 60), (50, 10), (70, 30))
        hold(session, program, account, 90, now)
        assert lots_of(session, account) == [(100, 0), (0, 50), (30, 40)]
        assert stored_balances(session, account_ids=[account]) == {account: 130}

    def test_refuses_more_than_there_is_and_changes_nothing(
        self, session: Session, program: Program, now: datetime
    ) -> None:
        account = wallet_with(session, program, now, (100, 60))
        with pytest.raises(InsufficientValue), session.begin_nested():
            hold(session, program, account, 101, now)
        assert stored_balances(session, account_ids=[account]) == {account: 100}

    def test_refuses_value_at_the_instant_it_expires(self, session: Session, program: Program, now: datetime) -> None:
        account = wallet_with(session, program, now, (100, 1))
        with pytest.raises(InsufficientValue), session.begin_nested():
            hold(session, program, account, 1, now + timedelta(days=1))
        assert hold(session, program, account, 1, now + timedelta(days=1, microseconds=-1))


class TestCaptureHold:
    def test_spends_part_and_gives_the_later_lots_back(self, session: Session, program: Program, now: datetime) -> None:
        account = wallet_with(session, program, now, (100, 60), (50, 10))
        (hold_id,) = hold(session, program, account, 120, now)
        capture_hold(
            session,
            program=program,
            line_ref="L1",
            settlement=[MoneyLine(Role.STOCK, -50, "Books"), MoneyLine(Role.COST_DISCOUNT, -10)],
            actor=SYSTEM,
            now=now,
            captured={hold_id: 60},
        )
        assert lots_of(session, account) == [(90, 0), (0, 0)]
        assert stored_balances(session, account_ids=[account]) == {account: 90}

    def test_refuses_a_second_resolution(self, session: Session, program: Program, now: datetime) -> None:
        account = wallet_with(session, program, now, (100, 60))
        hold(session, program, account, 100, now)
        void_hold(session, program=program, line_ref="L1", actor=SYSTEM, now=now)
        with pytest.raises(HoldAlreadyResolved):
            void_hold(session, program=program, line_ref="L1", actor=SYSTEM, now=now)
        assert lots_of(session, account) == [(100, 0)]


class TestRefundCapture:
    def test_returns_to_the_same_lots_and_never_more_than_was_taken(
        self, session: Session, program: Program, now: datetime
    ) -> None:
        account = wallet_with(session, program, now, (100, 60), (50, 10))
        hold(session, program, account, 120, now)
        lines = [MoneyLine(Role.STOCK, -100, "Books"), MoneyLine(Role.COST_DISCOUNT, -20)]
        capture_hold(session, program=program, line_ref="L1", settlement=lines, actor=SYSTEM, now=now)
        back = [MoneyLine(line.role, -line.amount_minor, line.owner) for line in lines]
        arguments = {"program": program, "line_ref": "L1", "recovered": back, "now": now}
        refund_capture(session, source=Source("order_line", "L1/1", reason="void card"), **arguments)
        assert lots_of(session, account) == [(100, 0), (50, 0)]
        with pytest.raises(RefundExceedsCapture):
            refund_capture(session, source=Source("order_line", "L1/2", reason="again"), **arguments)

    def test_gives_an_expired_lot_a_grace(self, session: Session, program: Program, now: datetime) -> None:
        account = wallet_with(session, program, now, (50, 10))
        hold(session, program, account, 50, now)
        later = now + timedelta(days=11)
        void_hold(session, program=program, line_ref="L1", actor=SYSTEM, now=later)
        assert lots_of(session, account) == [(0, 0), (50, 0)]
        assert hold(session, program, account, 50, later + timedelta(days=29), ref="L2")
