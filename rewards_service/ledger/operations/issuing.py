"""Value comes into being: an award to a wallet, one code, or a chunk of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.ledger.accounts import account_ids, open_bearers
from rewards_service.ledger.balances import change_balances, require_units
from rewards_service.ledger.chart import AccountKey, Role
from rewards_service.ledger.entries import MoneyLine, Source, ValueLine, post_entry
from rewards_service.ledger.errors import BudgetExhausted, InsufficientValue
from rewards_service.ledger.lots import NewLot, insert_lots
from rewards_service.ledger.operations.sides import base_of, liability
from rewards_service.ledger.policy import IncentiveType
from rewards_service.programs.models import Budget, Program, Unit
from rewards_service.programs.policy import book_component


@dataclass(frozen=True, slots=True)
class IssueTerms:
    """What all value of one issue has in common."""

    unit: Unit
    incentive_type: IncentiveType
    expires_at: datetime | None
    earned_on: datetime
    budget: Budget | None = None
    kind: str = "issue"


@dataclass(frozen=True, slots=True)
class IssuedValue:
    """What was issued: the entry, and the account of each holder in the order asked for."""

    entry_id: int
    account_ids: list[int]
    base_minor: int


def issue_value(
    session: Session, *, program: Program, account_id: int, units: int, terms: IssueTerms, source: Source, now: datetime
) -> IssuedValue:
    """Issue ``units`` to a holder's account, with the money side of the promise.

    Raises:
        UnitsNotPositive: ``units`` is not a whole number above zero within the books' range.
        BudgetExhausted: the budget has less left than the value is worth.
    """
    require_units(units)
    change_balances(session, {account_id: units})
    _draw_budget(session, program=program, terms=terms, units=units, holders=1, now=now)
    return _post(session, program=program, accounts=[account_id], units=units, terms=terms, source=source, now=now)


def issue_to_new_bearers(
    session: Session,
    *,
    program: Program,
    owners: list[str],
    units: int,
    terms: IssueTerms,
    source: Source,
    now: datetime,
) -> IssuedValue:
    """Open a code account for each owner, each worth ``units``, all in one entry.

    Raises:
        UnitsNotPositive: ``units`` is not a whole number above zero within the books' range.
        BudgetExhausted: the budget has less left than the value is worth in all.
    """
    require_units(units * len(owners))
    accounts = open_bearers(
        session, program=program, role=Role.CODE, owners=owners, unit_id=terms.unit.id, balance_units=units
    )
    _draw_budget(session, program=program, terms=terms, units=units, holders=len(owners), now=now)
    return _post(session, program=program, accounts=accounts, units=units, terms=terms, source=source, now=now)


def _draw_budget(
    session: Session, *, program: Program, terms: IssueTerms, units: int, holders: int, now: datetime
) -> None:
    """Take what the value is worth from the budget's stored balance; the hard stop."""
    if terms.budget is None:
        return
    worth, _ = base_of(session, program=program, unit=terms.unit, units=units, now=now)
    owner = book_component(terms.budget.external_id)
    available = AccountKey(Role.BUDGET_AVAILABLE, program.money_unit_id, owner)
    account_id = account_ids(session, program=program, keys=[available])[available]
    try:
        change_balances(session, {account_id: -worth * holders})
    except InsufficientValue as error:
        raise BudgetExhausted from error


def _post(
    session: Session,
    *,
    program: Program,
    accounts: Sequence[int],
    units: int,
    terms: IssueTerms,
    source: Source,
    now: datetime,
) -> IssuedValue:
    """Write the entry and make a lot of ``units`` in each account."""
    base_minor, rate_version_id = base_of(session, program=program, unit=terms.unit, units=units, now=now)
    all_minor, count = base_minor * len(accounts), len(accounts)
    issued = AccountKey(Role.ISSUED, terms.unit.id, terms.incentive_type.value)
    entry_id = post_entry(
        session,
        program=program,
        kind=terms.kind,
        source=source,
        value=[
            ValueLine(issued, terms.unit.id, units * count),
            *(ValueLine(account, terms.unit.id, -units) for account in accounts),
        ],
        money=_money_side(program, terms=terms, all_minor=all_minor),
        now=now,
    )
    lot = NewLot(
        account_id=0,
        unit_id=terms.unit.id,
        units=units,
        base_minor=base_minor,
        award_ref=source.reference,
        incentive_type=terms.incentive_type.value,
        earned_on=terms.earned_on,
        expires_at=terms.expires_at,
        rate_version_id=rate_version_id,
        budget_id=terms.budget.id if terms.budget else None,
    )
    insert_lots(session, entry_id=entry_id, lots=[replace(lot, account_id=account) for account in accounts])
    return IssuedValue(entry_id=entry_id, account_ids=list(accounts), base_minor=all_minor)


def _money_side(program: Program, *, terms: IssueTerms, all_minor: int) -> list[MoneyLine]:
    """Return the money side of a promise: its cost is now a liability, and its budget is used."""
    promise = [
        MoneyLine(Role.REWARD_COST, all_minor, terms.incentive_type.value),
        liability(program, unit_id=terms.unit.id, amount_minor=-all_minor),
    ]
    if terms.budget is None:
        return promise
    owner = book_component(terms.budget.external_id)
    return [
        *promise,
        MoneyLine(Role.BUDGET_AVAILABLE, all_minor, owner),
        MoneyLine(Role.BUDGET_USED, -all_minor, owner),
    ]
