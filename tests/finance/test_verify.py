"""Each claim about the books notices one unit or one cent that is not where it should be."""

from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from rewards_service.finance.verify import CHECKS, verify_books
from rewards_service.finance.verify import lots as lot_checks
from rewards_service.kit.database import read_session, unit_of_work
from rewards_service.ledger.chart import Role
from rewards_service.ledger.operations import MoneyLine, change_rate, grant_budget, post_money
from rewards_service.ledger.operations.rolling import roll_days
from rewards_service.programs.models import Program
from tests.finance.tampering import lawless_engine, run_lawless, tampered
from tests.ledger.stage import Stage
from tests.ledger.test_moving import move

FIRST_RELEASE = "(SELECT min(id) FROM lot_movement WHERE carrying_delta_minor <> 0)"
CLAIMS = [*range(1, 20), 27]


@dataclass(frozen=True)
class Mutation:
    """Something wrong in the books, and the claim that must notice it."""

    number: int
    name: str
    statements: tuple[str, ...]
    bare: tuple[str, ...] = ()


def account(role: str) -> str:
    """The key of an account of a role."""
    return f"(SELECT min(id) FROM account WHERE role = '{role}')"


MUTATIONS = [
    Mutation(1, "a posting of nothing", ("UPDATE posting SET units = 0 WHERE id = 1",), ("posting",)),
    Mutation(
        1, "an account that owes itself", ("UPDATE posting SET debit_account_id = credit_account_id",), ("posting",)
    ),
    Mutation(1, "another unit", (f"UPDATE posting SET unit_id = 0 WHERE credit_account_id = {account('redeemed')}",)),
    Mutation(1, "an entry without a posting", ("DELETE FROM posting WHERE entry_id = 1",)),
    Mutation(
        2, "an account of another organization", ("UPDATE account SET organization_id = 99 WHERE role = 'stock'",)
    ),
    Mutation(2, "value of another program", ("UPDATE unit SET program_id = 99 WHERE kind = 'points'",)),
    Mutation(3, "value among money", ("UPDATE account SET role = 'redeemed' WHERE role = 'stock'",)),
    Mutation(3, "cost in a foreign currency", ("UPDATE organization SET functional_currency = 'USD'",)),
    Mutation(4, "a point more in a wallet", ("UPDATE account SET balance_units = balance_units + 1 WHERE id = 1",)),
    Mutation(4, "a point more posted", ("UPDATE posting SET units = units + 1 WHERE credit_account_id = 1",)),
    Mutation(4, "a balance of the house", ("UPDATE account SET balance_units = 0 WHERE role = 'issued'",)),
    Mutation(5, "a wallet below nothing", ("UPDATE account SET balance_units = -1 WHERE id = 1",), ("account",)),
    Mutation(6, "a point more in a lot", ("UPDATE lot SET units_available = units_available + 1 WHERE id = 1",)),
    Mutation(6, "a point more held", ("UPDATE lot SET units_held = units_held + 1 WHERE id = 1",)),
    Mutation(7, "a point more moved", ("UPDATE lot_movement SET available_delta = available_delta + 1 WHERE id = 1",)),
    Mutation(7, "a lot made with one more", ("UPDATE lot SET units_made = units_made + 1 WHERE id = 1",)),
    Mutation(7, "a lot below nothing", ("UPDATE lot SET units_available = -1, units_held = 1 WHERE id = 1",), ("lot",)),
    Mutation(8, "a cent more carried", ("UPDATE lot SET base_minor = base_minor + 1 WHERE id = 1",)),
    Mutation(
        8,
        "a cent more owed",
        (f"UPDATE posting SET units = units + 1 WHERE credit_account_id = {account('reward_liability')}",),
    ),
    Mutation(8, "a lot made with a cent more", ("UPDATE lot SET minor_made = minor_made + 1 WHERE id = 1",)),
    Mutation(
        9,
        "a cent more released",
        (f"UPDATE lot_movement SET carrying_delta_minor = carrying_delta_minor - 1 WHERE id = {FIRST_RELEASE}",),
    ),
    Mutation(10, "a point more on hold", ("UPDATE hold SET units = units + 1 WHERE state = 'pending'",)),
    Mutation(
        10, "a hold that nothing resolved", ("UPDATE hold SET state = 'captured' WHERE state = 'pending'",), ("hold",)
    ),
    Mutation(
        10,
        "a capture counted short",
        ("UPDATE hold_lot SET captured = captured - 1 WHERE captured = 60",),
        ("hold_lot",),
    ),
    Mutation(
        10,
        "a point more redeemed",
        (f"UPDATE posting SET units = units + 1 WHERE credit_account_id = {account('redeemed')}",),
    ),
    Mutation(11, "more refunded than captured", ("UPDATE hold_lot SET refunded = captured + 1",), ("hold_lot",)),
    Mutation(
        11, "a refund not counted", ("UPDATE hold SET refunded_units = refunded_units - 1 WHERE refunded_units > 0",)
    ),
    Mutation(
        11, "a cent more captured", ("UPDATE hold_lot SET captured_minor = captured_minor + 1 WHERE captured > 0",)
    ),
    Mutation(12, "a line delivered for nothing", ("UPDATE order_line SET state = 'issued' WHERE state = 'held'",)),
    Mutation(12, "a line that nobody pays for", ("DELETE FROM order_tender",)),
    Mutation(
        13,
        "a code that is gone and not empty",
        ("UPDATE code SET state = 'claimed', moved_to_account_id = 1",),
        ("code",),
    ),
    Mutation(
        13,
        "value from somebody else",
        ("UPDATE lot SET parent_lot_id = 1 WHERE parent_lot_id > 1 AND units_made = 40",),
    ),
    Mutation(
        14, "a fact posted twice", ("UPDATE entry SET source_type = 'x', source_ref = 'y', kind = 'z'",), ("entry",)
    ),
    Mutation(14, "two mirrors", ("UPDATE entry SET mirrors_id = 1 WHERE id IN (2, 3)",), ("entry",)),
    Mutation(15, "value that is nowhere", ("UPDATE account SET role = 'stock' WHERE role = 'redeemed'",)),
    Mutation(
        16,
        "a cent more used of a budget",
        (f"UPDATE posting SET units = units + 1 WHERE credit_account_id = {account('budget_used')}",),
    ),
    Mutation(17, "a sponsor's deposit", ("UPDATE account SET role = 'sponsor_deposit' WHERE role = 'payable'",)),
    Mutation(18, "a lot of an old rate", ("UPDATE lot SET rate_version_id = 99 WHERE id = 1",)),
    Mutation(18, "a lot of no rate", ("UPDATE lot SET rate_version_id = NULL WHERE id = 1",)),
    Mutation(19, "value that outlived its end", ("UPDATE lot SET expires_at = '2026-11-19 00:00:00' WHERE id = 1",)),
    Mutation(
        27, "a day sum off by one", ("UPDATE account_day SET debit_units = debit_units + 1 WHERE debit_units > 0",)
    ),
    Mutation(27, "a day forgotten", ("DELETE FROM account_day WHERE kind = 'award'",)),
]

ORDER = """
    INSERT INTO customer_order (id, public_id, organization_id, program_id, external_id, content_hmac, state,
        awaits_approval, actor, placed_at, locale)
    VALUES (1, 'ord_1', 1, 1, 'O1', '', 'processing', false, 'system', '2026-11-21 09:00:00', 'en')
"""
LINE = """
    INSERT INTO order_line (id, order_id, number, item_id, item_public_id, kind, supplier, title, face_value_minor,
        currency, margin_bp, rate_version_id, rate_units, rate_minor, price_units, unit_id, details, state,
        state_changed_at, refunded_face_minor)
    SELECT 1, 1, 1, 1, 'itm_1', 'gift_card', 'own', 'Card', 30, 'EUR', 0, 1, 100, 100, 30, unit_id, '{}', 'held',
        '2026-11-21 09:00:00', 0 FROM hold WHERE state = 'pending'
"""
TENDER = """
    INSERT INTO order_tender (order_line_id, seq, wallet_id, account_id, unit_id, units, hold_id)
    SELECT 1, 0, 1, account_id, unit_id, units, id FROM hold WHERE state = 'pending'
"""
CODE = """
    INSERT INTO code (id, public_id, organization_id, program_id, account_id, unit_id, value_units, last4, lookup_hmac,
        key_version, state, created_at)
    SELECT 1, 'cod_1', 1, 1, id, unit_id, 100, 'ABCD', '', 1, 'active', '2026-11-21 09:00:00'
    FROM account WHERE role = 'code'
"""
ROWS_ABOVE = (ORDER, LINE, TENDER, CODE)
"""An order line that waits, and a code: rows of features above the books, as their own verbs would leave them."""


@pytest.fixture
def books(app: Flask, program: Program, now: datetime, database_url: str) -> Engine:
    """Books in which a little of everything has happened, and whose every claim holds."""
    with unit_of_work() as session:
        session.add(program)
        stage = Stage(session, program, now)
        fill(stage)
        session.flush()
    with unit_of_work() as session:
        roll_days(session)
    engine = lawless_engine(database_url)
    run_lawless(engine, ROWS_ABOVE)
    with read_session() as session:
        assert broken(session, now) == []
    return engine


def fill(stage: Stage) -> None:
    """Let a little of everything happen."""
    arguments = {"program": stage.program, "now": stage.now}
    budget = stage.budget("B2026")
    stage.award("ANA", 200, days=30)
    grant_budget(stage.session, budget=budget, amount_minor=1000, source=stage.source("budget"), **arguments)
    stage.award("BEN", 300, budget=budget)
    stage.promise("NORD", 400)
    lines = [MoneyLine(Role.STOCK, 230, "Books"), MoneyLine(Role.PAYABLE, -230, "Cardo")]
    post_money(stage.session, kind="stock", source=stage.source("stock"), lines=lines, **arguments)
    stage.hold("L1", ANA=60, BEN=10)
    stage.capture("L1", 70)
    (hold_id,) = stage.hold("L2", BEN=50)
    stage.capture("L2", 50)
    stage.refund("L2", 20, units={hold_id: 20})
    stage.hold("L3", ANA=30)
    stage.holder("CODE", Role.CODE)
    move(stage, ("ANA", "CODE", 40))
    move(stage, ("BEN", "CHEN", 40))
    stage.cancel("BEN", 5)
    stage.adjust("BEN", 7)


def broken(session: Session, now: datetime) -> list[int]:
    """Return the numbers of the claims that do not hold."""
    return [result.number for result in verify_books(session, now=now) if not result.holds]


class TestVerifyBooks:
    def test_knows_every_invariant_of_the_accounting_model(self):
        assert [check.number for check in CHECKS] == CLAIMS
        assert {mutation.number for mutation in MUTATIONS} == set(CLAIMS)

    def test_notices_each_unit_and_cent_that_is_not_where_it_should_be(self, books: Engine, now: datetime):
        missed = []
        for mutation in MUTATIONS:
            with tampered(books, mutation.statements, bare=mutation.bare) as session:
                if mutation.number not in broken(session, now):
                    missed.append(f"{mutation.number}: {mutation.name}")
        assert missed == []

    def test_names_the_first_row_that_breaks_a_claim(self, books: Engine, now: datetime):
        with tampered(books, ["UPDATE account SET balance_units = 999 WHERE id = 1"]) as session:
            (result,) = (result for result in verify_books(session, now=now) if result.number == 4)
        assert result.broken_by == {
            "account_id": 1,
            "book_name": "Liabilities:Value:Demo:Wallet:ANA",
            "balance_units": 999,
            "posted_units": 70,
        }

    def test_values_lots_too_large_for_one_product(self, books: Engine, now: datetime, program: Program):
        with unit_of_work() as session:
            session.add(program)
            Stage(session, program, now).award("RICH", 10**15)
        with read_session() as session:
            assert broken(session, now) == []
        less = "UPDATE lot SET base_minor = base_minor - 1, minor_made = minor_made - 1 WHERE base_units > 1000000000"
        with tampered(books, [less]) as session:
            assert broken(session, now) == [8, 9]

    def test_says_that_a_rate_is_still_on_its_way(self, app: Flask, program: Program, now: datetime):
        with unit_of_work() as session:
            session.add(program)
            stage = Stage(session, program, now)
            stage.award("ANA", 100)
            stage.pass_time(minutes=1)
            change_rate(session, program=program, rate_units=125, rate_minor=100, valid_from=stage.now, now=stage.now)
        with read_session() as session:
            (result,) = (r for r in verify_books(session, now=stage.now) if r.number == 18)
        assert result.holds
        assert "still to re-base" in result.note

    def test_large_products_are_where_the_checks_say(self):
        assert lot_checks.PRODUCT_SAFE**2 < 2**63
