"""Value is taken back unused, or reaches its end."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.ledger.accounts import account_ids, budget_key, budget_owner
from rewards_service.ledger.balances import change_balances, lock_balances, require_units
from rewards_service.ledger.chart import AccountKey, Role
from rewards_service.ledger.entries import MoneyLine, Source, ValueLine, post_entry
from rewards_service.ledger.lots import LotDelta, LotEffect, LotRow, change_lots, last_entry_of
from rewards_service.ledger.operations.sides import liabilities
from rewards_service.ledger.operations.taking import LotPool, pool_of_accounts
from rewards_service.ledger.policy import IncentiveType, Taking
from rewards_service.programs.models import Budget, Program

LOT_SOURCE = "lot"


def cancel_value(
    session: Session,
    *,
    program: Program,
    account_id: int,
    unit_id: int,
    units: int,
    source: Source,
    now: datetime,
    award_ref: str | None = None,
) -> int:
    """Take back value that nobody has used and return the entry's key.

    The lot of ``award_ref`` is taken first, then soonest expiry; money and budget go back where the award took them.

    Raises:
        InsufficientValue: the bearer has less unexpired value.
        UnitsNotPositive: ``units`` is not a whole number above zero.
        AlreadyPosted: this cancellation is in the books.
    """
    require_units(units)
    change_balances(session, {account_id: -units})
    pool = pool_of_accounts(session, program=program, account_ids=[account_id], now=now)
    takings = pool.take(account_id=account_id, units=units, now=now, first_award_ref=award_ref)
    effect = take_available(session, takings=takings)
    budgets = _budgets_of(session, pool=pool, effect=effect)
    _return_budgets(session, program=program, budgets=budgets)
    entry_id = post_entry(
        session,
        program=program,
        kind="cancel",
        source=source,
        value=[
            ValueLine(account_id, unit_id, units),
            ValueLine(AccountKey(Role.CANCELLED, unit_id), unit_id, -units),
        ],
        money=[*liabilities(program, effect=effect), *_costs_back(pool, effect=effect), *_budget_lines(budgets)],
        now=now,
    )
    effect.write(session, entry_id=entry_id)
    return entry_id


def expire_lot(session: Session, *, program: Program, lot: LotRow, now: datetime) -> int | None:
    """End what a lot has available and return the entry's key; nothing when it was spent, ended or extended meanwhile.

    Held units stay held: they have their own end. What comes back to the lot later ends by an entry of its own, so the
    entry is named after the last one that changed the lot: two workers who see the same state name the same entry.
    """
    lock_balances(session, [lot.account_id])
    pool = pool_of_accounts(session, program=program, account_ids=[lot.account_id], now=now)
    due = pool.ended(lot.id, now=now)
    if due is None:
        return None
    units = due.units_available
    change_balances(session, {due.account_id: -units})
    effect = take_available(session, takings=[Taking(due.id, units)])
    money = liabilities(program, effect=effect)
    reference = f"{due.id}@{due.expires_at:%Y-%m-%dT%H:%M:%SZ}/{last_entry_of(session, lot_id=due.id)}"
    entry_id = post_entry(
        session,
        program=program,
        kind="expire",
        source=Source(LOT_SOURCE, reference, effective_at=due.expires_at),
        value=[
            ValueLine(due.account_id, due.unit_id, units),
            ValueLine(AccountKey(Role.EXPIRED, due.unit_id), due.unit_id, -units),
        ],
        money=[*money, *(MoneyLine(Role.COST_BREAKAGE, -line.amount_minor) for line in money)],
        now=now,
    )
    effect.write(session, entry_id=entry_id)
    return entry_id


def take_available(session: Session, *, takings: Iterable[Taking]) -> LotEffect:
    """Take units out of what lots have available for good."""
    return LotEffect(change_lots(session, {taking.lot_id: LotDelta(available=-taking.units) for taking in takings}))


def _costs_back(pool: LotPool, *, effect: LotEffect) -> list[MoneyLine]:
    """Return the lines that give the released money back to what the awards debited."""
    lines: dict[str, int] = {}
    for change in effect.changes:
        kind = pool[change.lot_id].incentive_type
        lines[kind] = lines.get(kind, 0) + change.carrying_delta_minor
    return [_cost_line(kind, amount) for kind, amount in lines.items()]


def _cost_line(incentive_type: str, amount_minor: int) -> MoneyLine:
    """Return the line on the cost of an incentive; goodwill is the cost of an adjustment."""
    if incentive_type == IncentiveType.ADJUSTMENT.value:
        return MoneyLine(Role.COST_ADJUSTMENT, amount_minor)
    return MoneyLine(Role.REWARD_COST, amount_minor, incentive_type)


def _budgets_of(session: Session, *, pool: LotPool, effect: LotEffect) -> list[tuple[Budget, int]]:
    """Return the budgets that paid for what was released, and the money that goes back to each, in minor units."""
    minor: dict[int, int] = {}
    for change in effect.changes:
        budget_id = pool[change.lot_id].budget_id
        if budget_id is not None:
            minor[budget_id] = minor.get(budget_id, 0) - change.carrying_delta_minor
    if not minor:
        return []
    budgets = session.scalars(select(Budget).where(Budget.id.in_(minor)).order_by(Budget.id))
    return [(budget, minor[budget.id]) for budget in budgets]


def _budget_lines(budgets: Iterable[tuple[Budget, int]]) -> list[MoneyLine]:
    """Return the lines that make used budget available again."""
    return [
        line
        for budget, minor in budgets
        for line in (
            MoneyLine(Role.BUDGET_USED, minor, budget_owner(budget)),
            MoneyLine(Role.BUDGET_AVAILABLE, -minor, budget_owner(budget)),
        )
    ]


def _return_budgets(session: Session, *, program: Program, budgets: Iterable[tuple[Budget, int]]) -> None:
    """Add to the stored balances of budgets what goes back to them."""
    back = {budget_key(budget, role=Role.BUDGET_AVAILABLE, program=program): minor for budget, minor in budgets}
    if back:
        ids = account_ids(session, program=program, keys=back)
        change_balances(session, {ids[key]: minor for key, minor in back.items()})
