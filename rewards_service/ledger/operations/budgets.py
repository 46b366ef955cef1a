"""Entries with a money side only: budgets, and what the house buys."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.ledger.accounts import account_ids, budget_key, budget_owner
from rewards_service.ledger.balances import change_balances, require_units
from rewards_service.ledger.chart import CHART, STORED, Role
from rewards_service.ledger.entries import MoneyLine, Source, post_entry
from rewards_service.programs.models import Budget, Program


def grant_budget(
    session: Session, *, program: Program, budget: Budget, amount_minor: int, source: Source, now: datetime
) -> int:
    """Give a budget money that awards may draw and return the entry's key.

    Raises:
        UnitsNotPositive: ``amount_minor`` is not a whole number above zero.
        BalanceTooLarge: the budget would hold more than the books keep.
        AlreadyPosted: this grant is in the books.
    """
    require_units(amount_minor)
    owner = budget_owner(budget)
    available = budget_key(budget, role=Role.BUDGET_AVAILABLE, program=program)
    account_id = account_ids(session, program=program, keys=[available])[available]
    change_balances(session, {account_id: amount_minor})
    return post_entry(
        session,
        program=program,
        kind="budget",
        source=source,
        money=[
            MoneyLine(Role.BUDGET_GRANTED, amount_minor, owner),
            MoneyLine(Role.BUDGET_AVAILABLE, -amount_minor, owner),
        ],
        now=now,
    )


def post_money(
    session: Session, *, program: Program, kind: str, source: Source, lines: Sequence[MoneyLine], now: datetime
) -> int:
    """Post money between accounts of the house, such as a purchase of stock, and return the entry's key.

    The lines add up to zero.

    Raises:
        AlreadyPosted: this purchase is in the books.
    """
    assert all(CHART[line.role].keeps == "money" and line.role not in STORED for line in lines), "house accounts only"
    return post_entry(session, program=program, kind=kind, source=source, money=lines, now=now)
