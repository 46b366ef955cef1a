"""Value comes into being: an award to a wallet, one code, or a chunk of a batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.ledger.accounts import account_ids, budget_key, budget_owner, open_bearers
from rewards_service.ledger.balances import change_balances, require_units
from rewards_service.ledger.chart import AccountKey, Role
from rewards_service.ledger.entries import MoneyLine, Source, ValueLine, post_entry
from rewards_service.ledger.errors import BudgetExhausted, InsufficientValue
from rewards_service.ledger.lots import NewLot, insert_lots
from rewards_service.ledger.operations.sides import base_of, liability
from rewards_service.ledger.policy import IncentiveType
from rewards_service.programs.models import Budget, Program, Unit


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
    """What was issued: the entry, the account of each holder in the order asked for, and what it is all worth."""

    entry_id: int
    account_ids: list[int]
    base_minor: int


@dataclass(frozen=True, slots=True)
class _Worth:
    """What each holder's units are worth in minor units, and the rate version that says so (none: par)."""

    each_minor: int
    rate_version_id: int | None
    holders: int

    @property
    def all_minor(self) -> int:
        """What the whole issue is worth."""
        return self.each_minor * self.holders


def issue_value(
    session: Session, *, program: Program, account_id: int, units: int, terms: IssueTerms, source: Source, now: datetime
) -> IssuedValue:
    """Issue ``units`` to a holder's account, with the money side of the promise.

    Raises:
        UnitsNotPositive: ``units`` is not a whole number above zero within the books' range.
        BalanceTooLarge: the holder would have more than the books keep.
        BudgetExhausted: the budget has less left than the value is worth.
        AlreadyPosted: this issue is in the books.
    """
    require_units(units)
    change_balances(session, {account_id: units})
    return _issue(session, program=program, accounts=[account_id], units=units, terms=terms, source=source, now=now)


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
        UnitsNotPositive: ``units``, or that for all owners, is not a whole number above zero within the books' range.
        BudgetExhausted: the budget has less left than the value is worth in all.
        AlreadyPosted: this issue is in the books.
    """
    require_units(units)
    require_units(units * len(owners))
    accounts = open_bearers(
        session, program=program, role=Role.CODE, owners=owners, unit_id=terms.unit.id, balance_units=units
    )
    return _issue(session, program=program, accounts=accounts, units=units, terms=terms, source=source, now=now)


def _issue(
    session: Session,
    *,
    program: Program,
    accounts: Sequence[int],
    units: int,
    terms: IssueTerms,
    source: Source,
    now: datetime,
) -> IssuedValue:
    """Draw the budget, write the entry, and make a lot of ``units`` in each account, whose balance has them."""
    each_minor, rate_version_id = base_of(session, program=program, unit=terms.unit, units=units, now=now)
    worth = _Worth(each_minor, rate_version_id, len(accounts))
    _draw_budget(session, program=program, budget=terms.budget, minor=worth.all_minor)
    issued = AccountKey(Role.ISSUED, terms.unit.id, terms.incentive_type.value)
    entry_id = post_entry(
        session,
        program=program,
        kind=terms.kind,
        source=source,
        value=[
            ValueLine(issued, terms.unit.id, units * len(accounts)),
            *(ValueLine(account, terms.unit.id, -units) for account in accounts),
        ],
        money=_money_side(program, terms=terms, all_minor=worth.all_minor),
        now=now,
    )
    lots = _lots(accounts, units=units, worth=worth, terms=terms, award_ref=source.reference)
    insert_lots(session, entry_id=entry_id, lots=lots)
    return IssuedValue(entry_id=entry_id, account_ids=list(accounts), base_minor=worth.all_minor)


def _draw_budget(session: Session, *, program: Program, budget: Budget | None, minor: int) -> None:
    """Take what the value is worth from the budget's stored balance; the hard stop."""
    if budget is None:
        return
    available = budget_key(budget, role=Role.BUDGET_AVAILABLE, program=program)
    account_id = account_ids(session, program=program, keys=[available])[available]
    try:
        change_balances(session, {account_id: -minor})
    except InsufficientValue as error:
        raise BudgetExhausted from error


def _lots(accounts: Sequence[int], *, units: int, worth: _Worth, terms: IssueTerms, award_ref: str) -> Iterator[NewLot]:
    """Yield the lot of each account."""
    for account_id in accounts:
        yield NewLot(
            account_id=account_id,
            unit_id=terms.unit.id,
            units=units,
            base_minor=worth.each_minor,
            award_ref=award_ref,
            incentive_type=terms.incentive_type.value,
            earned_on=terms.earned_on,
            expires_at=terms.expires_at,
            rate_version_id=worth.rate_version_id,
            budget_id=terms.budget.id if terms.budget else None,
        )


def _money_side(program: Program, *, terms: IssueTerms, all_minor: int) -> list[MoneyLine]:
    """Return the money side of a promise: its cost is now a liability, and its budget is used."""
    promise = [
        MoneyLine(Role.REWARD_COST, all_minor, terms.incentive_type.value),
        liability(program, unit_id=terms.unit.id, amount_minor=-all_minor),
    ]
    if terms.budget is None:
        return promise
    owner = budget_owner(terms.budget)
    return [
        *promise,
        MoneyLine(Role.BUDGET_AVAILABLE, all_minor, owner),
        MoneyLine(Role.BUDGET_USED, -all_minor, owner),
    ]
