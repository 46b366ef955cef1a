"""Value is taken back unused, or reaches its end."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.ledger.accounts import account_ids
from rewards_service.ledger.balances import change_balances, lock_balances, require_units
from rewards_service.ledger.chart import AccountKey, Role
from rewards_service.ledger.entries import MoneyLine, Source, ValueLine, post_entry
from rewards_service.ledger.lots import LotDelta, LotEffect, LotRow, change_lots, lots_by_id
from rewards_service.ledger.operations.sides import liabilities
from rewards_service.ledger.operations.taking import LotPool
from rewards_service.ledger.policy import IncentiveType, Taking
from rewards_service.programs.models import Budget, Program
from rewards_service.programs.policy import book_component

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
    """
    require_units(units)
    change_balances(session, {account_id: -units})
    pool = LotPool.of_accounts(session, account_ids=[account_id])
    takings = pool.take(account_id=account_id, units=units, now=now, first_award_ref=award_ref)
    effect = take_available(session, takings=takings)
    budgets = _budgets_of(session, pool=pool, effect=effect)
    entry_id = post_entry(
        session,
        program=program,
        kind="cancel",
        source=source,
        value=[
            ValueLine(account_id, unit_id, units),
            ValueLine(AccountKey(Role.CANCELLED, unit_id), unit_id, -units),
        ],
        money=[
            *liabilities(program, effect=effect),
            *_costs_back(pool, effect=effect),
            *_budget_lines(budgets),
        ],
        now=now,
    )
    _return_budgets(session, program=program, budgets=budgets)
    effect.write(session, entry_id=entry_id)
    return entry_id


def expire_lot(session: Session, *, program: Program, lot: LotRow, now: datetime) -> int | None:
    """End what a lot has available and return the entry's key; nothing when another did so first.

    Held units stay held: they have their own end.
    """
    assert lot.expires_at is not None, "only value with an end expires"
    assert lot.expires_at <= now, "value may be spent up to its last moment"
    lock_balances(session, [lot.account_id])
    units = lots_by_id(session, lot_ids=[lot.id])[lot.id].units_available
    if not units:
        return None
    change_balances(session, {lot.account_id: -units})
    effect = take_available(session, takings=[Taking(lot.id, units)])
    money = liabilities(program, effect=effect)
    entry_id = post_entry(
        session,
        program=program,
        kind="expire",
        source=Source(LOT_SOURCE, str(lot.id), effective_at=lot.expires_at),
        value=[
            ValueLine(lot.account_id, lot.unit_id, units),
            ValueLine(AccountKey(Role.EXPIRED, lot.unit_id), lot.unit_id, -units),
        ],
        money=[*money, *(MoneyLine(Role.COST_BREAKAGE, -line.amount_minor) for line in money)],
        now=now,
    )
    effect.write(session, entry_id=entry_id)
    return entry_id


def take_available(session: Session, *, takings: list[Taking]) -> LotEffect:
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


def _budgets_of(session: Session, *, pool: LotPool, effect: LotEffect) -> dict[str, int]:
    """Return, per budget's component in the books, the money that goes back to it, in minor units."""
    by_id: dict[int, int] = {}
    for change in effect.changes:
        budget_id = pool[change.lot_id].budget_id
        if budget_id is not None:
            by_id[budget_id] = by_id.get(budget_id, 0) - change.carrying_delta_minor
    if not by_id:
        return {}
    rows = session.execute(select(Budget.id, Budget.external_id).where(Budget.id.in_(by_id)))
    return {book_component(external_id): by_id[budget_id] for budget_id, external_id in rows}


def _budget_lines(budgets: dict[str, int]) -> list[MoneyLine]:
    """Return the lines that make used budget available again."""
    return [
        line
        for owner, minor in budgets.items()
        for line in (
            MoneyLine(Role.BUDGET_USED, minor, owner),
            MoneyLine(Role.BUDGET_AVAILABLE, -minor, owner),
        )
    ]


def _return_budgets(session: Session, *, program: Program, budgets: dict[str, int]) -> None:
    """Add to the stored balances of budgets what goes back to them; budgets are touched last."""
    keys = {AccountKey(Role.BUDGET_AVAILABLE, program.money_unit_id, owner): minor for owner, minor in budgets.items()}
    ids = account_ids(session, program=program, keys=keys)
    change_balances(session, {ids[key]: minor for key, minor in keys.items()})
