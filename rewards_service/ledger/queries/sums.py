"""What accounts hold, now or at the end of a day: holders' are stored, those of the house are sums with snapshots.

No answer about the house scans the postings of days that ``account_day`` contains (accounting model, section 5).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, func, select, union_all
from sqlalchemy.orm import Session

from rewards_service.ledger.chart import BEARERS, Role
from rewards_service.ledger.models import Account, AccountDay, Entry, Posting
from rewards_service.ledger.queries.signed import day_sums, not_rolled, sides
from rewards_service.programs.models import Program, Unit

ROWS_AT_ONCE = 5_000
"""Accounts in memory at a time: an organization may have millions of codes."""

_DAY_COLUMNS = AccountDay.__table__.c.keys()
_BEARER_ROLES = [role.value for role in BEARERS]


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """An account and its balance in the signed view, positive = debit, in smallest units of ``symbol``."""

    account_id: int
    book_name: str
    role: Role
    symbol: str
    exponent: int
    amount_units: int


def bearer_balance(session: Session, *, account_id: int, as_of: date | None = None) -> int:
    """Return what a holder has, now or at the end of a day, in units; held value is left out.

    It costs that holder's later postings.
    """
    stored = session.scalars(select(Account.balance_units).where(Account.id == account_id)).one()
    assert stored is not None, "balances of the house are sums: ask for house_balance"
    if as_of is None:
        return stored
    touches = (Posting.debit_account_id == account_id) | (Posting.credit_account_id == account_id)
    later = sides(touches, Entry.booked_on > as_of)
    moved = session.scalar(select(func.sum(later.c.amount_units)).where(later.c.account_id == account_id))
    return stored + int(moved or 0)


def house_balance(session: Session, *, account_id: int, as_of: date | None = None) -> int:
    """Return the balance of an account of the house in the signed view, positive = debit, now or at a day's end."""
    days = _days(session, as_of=as_of)
    net = select(func.sum(days.c.debit_units - days.c.credit_units)).where(days.c.account_id == account_id)
    return int(session.scalar(net) or 0)


def balances_by_role(
    session: Session, *, unit_ids: Collection[int], as_of: date | None = None
) -> dict[tuple[Role, int], int]:
    """Return what all accounts of each role and unit have together, in units, positive = credit: what holders have.

    Now or at the end of a day. A role of which nothing was ever booked in a unit is left out.
    """
    days = _days(session, as_of=as_of)
    net = func.sum(days.c.credit_units - days.c.debit_units)
    sums = select(days.c.role, days.c.unit_id, net).where(days.c.unit_id.in_(unit_ids))
    found = session.execute(sums.group_by(days.c.role, days.c.unit_id))
    return {(Role(role), unit_id): int(units) for role, unit_id, units in found}


def trial_balance(session: Session, *, organization_id: int, as_of: date | None = None) -> Iterator[AccountBalance]:
    """Yield the balance of every account of an organization by name, now or at the end of a day.

    Test programs are left out, on shared accounts too. Holders' balances are the stored ones, so whoever compares them
    with postings checks the one against the other.
    """
    for statement in (
        _house(_days(session, as_of=as_of), organization_id=organization_id),
        _bearers(organization_id=organization_id, as_of=as_of),
    ):
        for row in session.execute(statement.execution_options(yield_per=ROWS_AT_ONCE)):
            yield _balance(row)


def _days(session: Session, *, as_of: date | None) -> Subquery:
    """Return rows in the columns of ``account_day`` that contain every entry up to a day, rolled or not."""
    tail = day_sums(*not_rolled(session), *([Entry.booked_on <= as_of] if as_of else []))
    rolled = select(*(AccountDay.__table__.c[name] for name in _DAY_COLUMNS))
    if as_of:
        rolled = rolled.where(AccountDay.booked_on <= as_of)
    return union_all(rolled, select(*(tail.c[name] for name in _DAY_COLUMNS))).subquery("days")


def _house(days: Subquery, *, organization_id: int) -> Select[*tuple[Any, ...]]:
    """Select the accounts of the house with their sums."""
    sums = (
        select(days.c.account_id, func.sum(days.c.debit_units - days.c.credit_units).label("amount_units"))
        .join(Program, Program.id == days.c.program_id)
        .where(Program.is_test.is_(False))
        .group_by(days.c.account_id)
        .subquery("sum")
    )
    return (
        _accounts(func.coalesce(sums.c.amount_units, 0), organization_id=organization_id)
        .join(sums, sums.c.account_id == Account.id, isouter=True)
        .where(Account.role.not_in(_BEARER_ROLES))
    )


def _bearers(*, organization_id: int, as_of: date | None) -> Select[*tuple[Any, ...]]:
    """Select the holders' accounts with what is stored of them, less what moved after a day."""
    if as_of is None:
        return _accounts(-Account.balance_units, organization_id=organization_id).where(Account.role.in_(_BEARER_ROLES))
    later = sides(Entry.booked_on > as_of)
    moved = (
        select(later.c.account_id, func.sum(later.c.amount_units).label("amount_units"))
        .group_by(later.c.account_id)
        .subquery("moved")
    )
    amount = -Account.balance_units - func.coalesce(moved.c.amount_units, 0)
    return (
        _accounts(amount, organization_id=organization_id)
        .join(moved, moved.c.account_id == Account.id, isouter=True)
        .where(Account.role.in_(_BEARER_ROLES))
    )


def _accounts(amount: ColumnElement[Any], *, organization_id: int) -> Select[*tuple[Any, ...]]:
    """Select an organization's accounts but for those of test programs, each with ``amount``."""
    return (
        select(Account.id, Account.book_name, Account.role, Unit.symbol, Unit.exponent, amount)
        .join(Unit, Unit.id == Account.unit_id)
        .join(Program, Program.id == Account.program_id, isouter=True)
        .where(Account.organization_id == organization_id, func.coalesce(Program.is_test, False).is_(False))
        .order_by(Account.book_name, Unit.symbol)
    )


def _balance(row: Row[*tuple[Any, ...]]) -> AccountBalance:
    """Return a row as a balance; databases add integers up in types of their own."""
    account_id, book_name, role, symbol, exponent, amount = row
    return AccountBalance(account_id, book_name, Role(role), symbol, exponent, int(amount))
