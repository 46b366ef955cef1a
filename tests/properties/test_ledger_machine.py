"""R1: points and money are never created or destroyed, whatever happens in which order."""

import os
from datetime import timedelta

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from rewards_service.finance.verify import verify_books
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.database import db
from rewards_service.ledger.accounts import open_bearer
from rewards_service.ledger.balances import stored_balances
from rewards_service.ledger.chart import Role
from rewards_service.ledger.errors import RefundExceedsCapture
from rewards_service.ledger.lots import read_lots
from rewards_service.ledger.models import Lot
from rewards_service.ledger.operations import (
    HoldPart,
    IssueTerms,
    LineHold,
    MoneyLine,
    Move,
    adjust_value,
    cancel_value,
    capture_hold,
    expire_lot,
    issue_value,
    open_holds,
    refund_capture,
    void_hold,
)
from rewards_service.ledger.policy import IncentiveType
from rewards_service.programs.models import Program
from rewards_service.programs.operations import set_rate
from tests.conftest import SEED_VARIABLE
from tests.properties.telling import Telling, fit
from tests.support.crew import ROUNDS_VARIABLE, rounds

NAMES = ("ANA", "BEN", "CODE")
NAME = st.sampled_from(NAMES)
UNITS = st.integers(1, 400)
DAYS = st.none() | st.integers(1, 40)
CHANCE = st.integers(0, 2**16)
IS_BOLD = st.sampled_from([False] * 7 + [True])
"""Whether a step asks for what it draws, there or not, instead of for some of what there is."""

STEPS, GAUNTLET_STEPS = 60, 120


class Books(Telling):
    """Stories of three holders; each is played in a transaction of its own that is undone at the end."""

    def teardown(self) -> None:
        """Undo the story; with nothing left to do for the jobs its books must be right."""
        self.rebase_all()
        self.expire()
        self.balances_are_the_oracles()
        broken = [result for result in verify_books(self.session, now=self.now) if not result.holds]
        self.session.rollback()
        db.session.remove()
        assert broken == []

    @initialize()
    def open_accounts(self) -> None:
        for name in NAMES:
            role = Role.CODE if name == "CODE" else Role.WALLET
            self.accounts[name] = open_bearer(
                self.session, program=self.program, role=role, owner=name, unit_id=self.unit_id
            )

    @rule(name=NAME, units=UNITS, days=DAYS)
    def issue(self, name: str, units: int, days: int | None) -> None:
        unit = self.program.points_unit
        terms = IssueTerms(unit, IncentiveType.POINTS, self.moment(days), self.now, kind="award")
        issue_value(
            self.session,
            program=self.program,
            account_id=self.accounts[name],
            units=units,
            terms=terms,
            source=self.source(),
            now=self.now,
        )
        self.oracle.add(name, units, self.ending(days))

    @rule(giver=NAME, taker=NAME, units=UNITS, is_bold=IS_BOLD)
    def transfer(self, giver: str, taker: str, units: int, is_bold: bool) -> None:
        if giver == taker:
            return
        units = fit(units, self.oracle.spendable(giver), is_bold=is_bold)
        moves = [Move(self.accounts[giver], self.accounts[taker], units)]
        if self.does(lambda: self.move(moves), possible=units <= self.oracle.spendable(giver)):
            self.oracle.move(giver, taker, units)

    @rule(units=UNITS, share=st.integers(1, 400))
    def split(self, units: int, share: int) -> None:
        """The code's value goes to both wallets."""
        moves = [
            Move(self.accounts["CODE"], self.accounts[name], part) for name, part in (("ANA", units), ("BEN", share))
        ]
        if self.does(lambda: self.move(moves), possible=units + share <= self.oracle.spendable("CODE")):
            self.oracle.move("CODE", "ANA", units)
            self.oracle.move("CODE", "BEN", share)

    @rule()
    def combine(self) -> None:
        """All that both wallets may spend goes to the code."""
        given = {name: self.oracle.spendable(name) for name in ("ANA", "BEN")}
        moves = [Move(self.accounts[name], self.accounts["CODE"], units) for name, units in given.items() if units]
        if moves:
            self.move(moves)
            for name, units in given.items():
                self.oracle.move(name, "CODE", units)

    @rule(drawn=st.dictionaries(NAME, UNITS, min_size=1), is_bold=IS_BOLD)
    def reserve(self, drawn: dict[str, int], is_bold: bool) -> None:
        wanted = {name: fit(units, self.oracle.spendable(name), is_bold=is_bold) for name, units in drawn.items()}
        line_ref = f"L{self.number()}"
        parts = [HoldPart(self.accounts[name], self.unit_id, units) for name, units in wanted.items()]
        possible = all(units <= self.oracle.spendable(name) for name, units in wanted.items())

        def hold() -> None:
            lines = [LineHold(line_ref, parts)]
            (ids,) = open_holds(self.session, program=self.program, lines=lines, actor=SYSTEM, now=self.now)
            self.holds[line_ref] = dict(zip(wanted, ids, strict=True))

        if self.does(hold, possible=possible):
            self.oracle.hold(line_ref, wanted)

    @rule(chance=CHANCE, share=st.fractions(0, 1))
    @precondition(lambda self: self.lines("held"))
    def capture(self, chance: int, share: float) -> None:
        line_ref = self.lines("held")[chance % len(self.lines("held"))]
        line = self.oracle.lines[line_ref]
        spent = {name: int(line.units(name) * share) for name in line.shares}
        if not any(spent.values()):
            spent = {name: line.units(name) for name in line.shares}
        captured = {self.holds[line_ref][name]: units for name, units in spent.items()}
        capture_hold(
            self.session,
            program=self.program,
            line_ref=line_ref,
            settlement=[MoneyLine(Role.STOCK, -sum(spent.values()), "Books")],
            actor=SYSTEM,
            now=self.now,
            captured=captured,
        )
        self.oracle.capture(line_ref, spent)

    @rule(chance=CHANCE)
    @precondition(lambda self: self.lines("held"))
    def void(self, chance: int) -> None:
        line_ref = self.lines("held")[chance % len(self.lines("held"))]
        void_hold(self.session, program=self.program, line_ref=line_ref, actor=SYSTEM, now=self.now)
        self.oracle.void(line_ref)

    @rule(chance=CHANCE, units=UNITS, is_bold=IS_BOLD)
    @precondition(lambda self: self.lines("captured"))
    def refund(self, chance: int, units: int, is_bold: bool) -> None:
        line_ref = self.lines("captured")[chance % len(self.lines("captured"))]
        names = list(self.holds[line_ref])
        name = names[chance % len(names)]
        left = self.oracle.refundable(line_ref, name)
        units = fit(units, left, is_bold=is_bold)
        hold_id = self.holds[line_ref][name]

        def refund() -> None:
            refund_capture(
                self.session,
                program=self.program,
                line_ref=line_ref,
                source=self.source(),
                recovered=[MoneyLine(Role.STOCK, units, "Books")],
                now=self.now,
                units={hold_id: units},
            )

        if self.does(refund, possible=units <= left, refusal=RefundExceedsCapture):
            self.oracle.refund(line_ref, {name: units})

    @rule(name=NAME, units=UNITS, is_more=st.booleans(), days=DAYS)
    def adjust(self, name: str, units: int, is_more: bool, days: int | None) -> None:
        signed = units if is_more else -units

        def adjust() -> None:
            adjust_value(
                self.session,
                program=self.program,
                account_id=self.accounts[name],
                unit_id=self.unit_id,
                units=signed,
                expires_at=self.moment(days),
                source=self.source(),
                now=self.now,
            )

        if self.does(adjust, possible=is_more or units <= self.oracle.spendable(name)):
            if is_more:
                self.oracle.add(name, units, self.ending(days))
            else:
                self.oracle.take(name, units)

    @rule(name=NAME, units=UNITS)
    def cancel(self, name: str, units: int) -> None:
        def cancel() -> None:
            cancel_value(
                self.session,
                program=self.program,
                account_id=self.accounts[name],
                unit_id=self.unit_id,
                units=units,
                source=self.source(),
                now=self.now,
            )

        if self.does(cancel, possible=units <= self.oracle.spendable(name)):
            self.oracle.take(name, units)

    @rule()
    def expire(self) -> None:
        while due := read_lots(self.session, Lot.is_open, Lot.expires_at <= self.now):
            for lot in due:
                expire_lot(self.session, program=self.program, lot=lot, now=self.now)
        self.oracle.expire()

    @rule(days=st.integers(1, 12))
    def pass_time(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.oracle.day += days

    @rule(units=st.integers(1, 1000), minor=st.integers(1, 1000), is_swept=st.booleans())
    def change_rate(self, units: int, minor: int, is_swept: bool) -> None:
        """All open value is re-based, by the job or when it is next touched."""
        self.pass_time(1)
        set_rate(self.session, program=self.program, rate_units=units, rate_minor=minor, valid_from=self.now)
        if is_swept:
            self.rebase_all()

    @invariant()
    def balances_are_the_oracles(self) -> None:
        stored = stored_balances(self.session, account_ids=list(self.accounts.values()))
        assert {name: stored[account_id] for name, account_id in self.accounts.items()} == {
            name: self.oracle.balance(name) for name in self.accounts
        }
        assert (self.session.scalar(select(func.sum(Lot.units_held))) or 0) == self.oracle.held()


class TestBooks:
    def test_lose_and_invent_nothing(self, app: Flask, program: Program):
        examples, steps = rounds("R1"), GAUNTLET_STEPS if os.environ.get(ROUNDS_VARIABLE) else STEPS
        machine = type("Books", (Books,), {"program_id": program.id})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        print(f"{examples} stories of {steps} steps, {SEED_VARIABLE}={os.environ[SEED_VARIABLE]}")  # noqa: T201
