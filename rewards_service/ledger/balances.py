"""The one function that changes a stored balance.

The guard is part of the UPDATE itself and the row count is checked: a read followed by a write overspent in every
round on both databases, and a CHECK alone does not help where absolute values are written. Accounts are changed in
ascending key order, so that two transactions never wait for each other; those of holders before those of budgets.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from rewards_service.kit.money import MINOR_MAX
from rewards_service.kit.statements import Statement
from rewards_service.ledger.errors import BalanceTooLarge, InsufficientValue, UnitsNotPositive
from rewards_service.ledger.models import Account

BALANCE_MAX = MINOR_MAX
"""What one account may hold: sums over all of them, and products with rates, stay within their types."""

_CHANGE = Statement(
    update(Account)
    .where(
        Account.id == bindparam("account_id"),
        (Account.balance_units + bindparam("delta")).between(0, BALANCE_MAX),
    )
    .values(balance_units=Account.balance_units + bindparam("delta"))
)
_LOCK = (
    select(Account.id)
    .where(Account.id.in_(bindparam("account_ids", expanding=True)))
    .order_by(Account.id)
    .with_for_update(key_share=True)
)
_BALANCES = select(Account.id, Account.balance_units).where(Account.id.in_(bindparam("account_ids", expanding=True)))


def change_balances(session: Session, deltas: Mapping[int, int]) -> None:
    """Add each delta (units, negative to take) to its account's stored balance, all or none.

    Raises:
        InsufficientValue: an account has less than is to be taken; ``params["account_id"]`` names it.
        BalanceTooLarge: an account would hold more than ``BALANCE_MAX``.
    """
    connection = session.connection()
    for account_id in sorted(deltas):
        delta = deltas[account_id]
        if not delta:
            continue
        if _CHANGE.run(connection, {"account_id": account_id, "delta": delta}) != 1:
            raise InsufficientValue(account_id=account_id) if delta < 0 else BalanceTooLarge(account_id=account_id)


def lock_balances(session: Session, account_ids: Iterable[int]) -> None:
    """Keep others from changing these balances until the transaction ends, in ascending order."""
    session.connection().execute(_LOCK, {"account_ids": sorted(account_ids)})


def require_units(units: int) -> None:
    """Refuse a value that is not a whole number of units above zero and within what the books keep.

    Raises:
        UnitsNotPositive: it is zero, negative, no integer, or beyond ``MINOR_MAX``.
    """
    if type(units) is not int or not 0 < units <= MINOR_MAX:
        raise UnitsNotPositive("{units} is not a usable value.", units=str(units)[:40])


def stored_balances(session: Session, *, account_ids: list[int]) -> dict[int, int]:
    """Return the stored balance of each account, in units."""
    rows = session.connection().execute(_BALANCES, {"account_ids": account_ids})
    return {account_id: balance for account_id, balance in rows if balance is not None}
