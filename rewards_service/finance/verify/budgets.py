"""Claims about budgets: 16 and 17."""

from datetime import datetime

from sqlalchemy import func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from rewards_service.finance.verify.check import Breaks, Check, Statements, by_statements
from rewards_service.ledger.accounts import budget_owner
from rewards_service.ledger.chart import AccountKey, Role, book_name
from rewards_service.ledger.models import Account, Entry, Lot, LotMovement
from rewards_service.ledger.queries.signed import sides
from rewards_service.programs.models import Budget, Unit

_ROLES = (Role.BUDGET_GRANTED, Role.BUDGET_AVAILABLE, Role.BUDGET_USED)


def _budgets_add_up(session: Session, _: datetime) -> Breaks:
    """Find budgets whose parts do not add up, or that are used otherwise than by the value they paid for."""
    posted = _posted(session)
    used = _used(session)
    for budget in session.scalars(select(Budget).order_by(Budget.id)):
        unit_id = _unit_of(session, budget=budget)
        granted, available, drawn = (
            posted.get((budget.organization_id, _name(role, budget=budget), unit_id), 0) for role in _ROLES
        )
        if granted + available + drawn != 0 or available > 0 or -drawn != used.get(budget.id, 0):
            yield {
                "budget": budget.external_id,
                "granted_minor": granted,
                "available_minor": -available,
                "used_minor": -drawn,
                "awarded_minor": used.get(budget.id, 0),
            }


def _posted(session: Session) -> dict[tuple[int, str, int], int]:
    """Return what is posted on each account of a budget, by organization, name and unit; positive = debit."""
    side = sides()
    key = (Account.organization_id, Account.book_name, Account.unit_id)
    rows = session.execute(
        select(*key, func.sum(side.c.amount_units))
        .join_from(side, Account, Account.id == side.c.account_id)
        .where(Account.role.in_([role.value for role in _ROLES]))
        .group_by(*key)
    )
    return {(organization_id, name, unit_id): int(minor) for organization_id, name, unit_id, minor in rows}


def _used(session: Session) -> dict[int, int]:
    """Return, per budget, the money of the value it paid for, less what was given back."""
    mirrored = aliased(Entry)
    first = select(Lot.budget_id, Lot.minor_made.label("minor")).where(Lot.parent_lot_id.is_(None))
    back = (
        select(Lot.budget_id, LotMovement.carrying_delta_minor)
        .join(LotMovement, LotMovement.lot_id == Lot.id)
        .join(Entry, Entry.id == LotMovement.entry_id)
        .join(mirrored, mirrored.id == Entry.mirrors_id, isouter=True)
        .where((Entry.kind == "cancel") | mirrored.kind.in_(["award", "issue"]))
    )
    parts = union_all(*(each.where(Lot.budget_id.is_not(None)) for each in (first, back))).subquery()
    rows = session.execute(select(parts.c.budget_id, func.sum(parts.c.minor)).group_by(parts.c.budget_id))
    return {budget_id: int(minor) for budget_id, minor in rows}


def _unit_of(session: Session, *, budget: Budget) -> int:
    """Return the unit of money that a budget is kept in."""
    unit = select(Unit.id).where(Unit.organization_id == budget.organization_id, Unit.symbol == budget.currency)
    return session.scalars(unit).one()


def _name(role: Role, *, budget: Budget) -> str:
    """Return the name of an account of a budget."""
    return book_name(AccountKey(role, 0, budget_owner(budget)), program="")


def _deposits_are_budgets() -> Statements:
    """Select sponsors' deposits: this version takes none, so there is nothing that a budget would have to equal."""
    deposits = select(Account.id.label("account_id"), Account.book_name).where(
        or_(Account.role == "sponsor_deposit", Account.book_name.startswith("Liabilities:Sponsors:"))
    )
    return [deposits]


CHECKS = (
    Check(16, "budgets add up, and are used by the value they paid for", _budgets_add_up),
    Check(
        17,
        "sponsors' deposits equal their budgets (this version takes no deposits)",
        by_statements(_deposits_are_budgets),
    ),
)
