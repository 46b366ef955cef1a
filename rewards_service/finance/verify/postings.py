"""Claims about entries, postings and balances: 1 to 5, 14 and 15."""

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import aliased

from rewards_service.finance.verify.check import Check, Statements, by_statements
from rewards_service.ledger.chart import CHART, STORED, Role
from rewards_service.ledger.entries import KIND_WITHOUT_MONEY
from rewards_service.ledger.models import Account, Entry, Posting
from rewards_service.ledger.queries.signed import sides
from rewards_service.programs.models import Organization, Unit

_VALUE_ROLES = [role.value for role in Role if CHART[role].keeps == "value"]
_STORED_ROLES = [role.value for role in STORED]
_RESULT_ROLES = [role.value for role in Role if CHART[role].template.startswith(("Expenses:", "Income:"))]


def _balanced_by_shape() -> Statements:
    """Select postings that are no movement, and entries without any."""
    debit, credit = aliased(Account), aliased(Account)
    shapeless = (
        select(Posting.id.label("posting_id"), Posting.entry_id, Posting.unit_id, Posting.units)
        .join(debit, debit.id == Posting.debit_account_id, isouter=True)
        .join(credit, credit.id == Posting.credit_account_id, isouter=True)
        .where(
            or_(
                Posting.units <= 0,
                Posting.debit_account_id == Posting.credit_account_id,
                func.coalesce(debit.unit_id, 0) != Posting.unit_id,
                func.coalesce(credit.unit_id, 0) != Posting.unit_id,
            )
        )
    )
    empty = select(Entry.id.label("entry_id"), Entry.kind).where(
        Entry.kind != KIND_WITHOUT_MONEY, ~select(Posting.id).where(Posting.entry_id == Entry.id).exists()
    )
    return [shapeless, empty]


def _one_owner() -> Statements:
    """Select postings on accounts of another organization, or in value of another program."""
    side = sides()
    foreign = (
        select(side.c.entry_id, side.c.account_id, Account.organization_id, Unit.program_id)
        .join(Entry, Entry.id == side.c.entry_id)
        .join(Account, Account.id == side.c.account_id)
        .join(Unit, Unit.id == Account.unit_id)
        .where(
            or_(
                Account.organization_id != Entry.organization_id,
                func.coalesce(Unit.program_id, Entry.program_id) != Entry.program_id,
            )
        )
    )
    return [foreign]


def _units_fit_roles() -> Statements:
    """Select accounts whose unit is not of the sort that their role keeps."""
    accounts = (
        select(Account.id.label("account_id"), Account.role, Unit.symbol)
        .join(Unit, Unit.id == Account.unit_id)
        .join(Organization, Organization.id == Account.organization_id)
    )
    keeps_value = Account.role.in_(_VALUE_ROLES)
    is_money = Unit.kind == "money"
    foreign_result = Account.role.in_(_RESULT_ROLES) & (Unit.currency != Organization.functional_currency)
    return [accounts.where(or_(keeps_value == is_money, foreign_result))]


def _stored_balances() -> Statements:
    """Select stored balances that are not what was posted, and accounts that store one and should not."""
    side = sides()
    posted = (
        select(side.c.account_id, func.sum(side.c.amount_units).label("amount_units"))
        .group_by(side.c.account_id)
        .subquery()
    )
    amount = func.coalesce(posted.c.amount_units, 0)
    is_stored = Account.role.in_(_STORED_ROLES)
    posted_units = (-amount).label("posted_units")
    wrong = (
        select(Account.id.label("account_id"), Account.book_name, Account.balance_units, posted_units)
        .join(posted, posted.c.account_id == Account.id, isouter=True)
        .where(or_(is_stored == Account.balance_units.is_(None), is_stored & (Account.balance_units != -amount)))
    )
    return [wrong]


def _nobody_overdrawn() -> Statements:
    """Select stored balances below zero."""
    overdrawn = select(Account.id.label("account_id"), Account.book_name, Account.balance_units)
    return [overdrawn.where(Account.balance_units < 0)]


def _posted_once() -> Statements:
    """Select business facts with two entries of one kind, and entries with two mirrors."""
    source = (Entry.organization_id, Entry.source_type, Entry.source_ref, Entry.kind)
    twice = select(*source, func.count().label("entries")).group_by(*source).having(func.count() > 1)
    mirrors = select(Entry.mirrors_id, func.count().label("mirrors")).where(Entry.mirrors_id.is_not(None))
    return [twice, mirrors.group_by(Entry.mirrors_id).having(func.count() > 1)]


def _value_is_somewhere() -> Statements:
    """Select value units whose known places do not add up to nothing."""
    side = sides()
    known = case((Account.role.in_(_VALUE_ROLES), side.c.amount_units), else_=0)
    lost = (
        select(Unit.symbol, func.sum(known).label("lost_units"))
        .join_from(side, Account, Account.id == side.c.account_id)
        .join(Unit, Unit.id == side.c.unit_id)
        .where(Unit.kind != "money")
        .group_by(Unit.id, Unit.symbol)
        .having(func.sum(known) != 0)
    )
    return [lost]


CHECKS = (
    Check(
        1,
        "each posting moves value between two accounts of its unit, and each entry has one",
        by_statements(_balanced_by_shape),
    ),
    Check(2, "each entry stays within one organization and one program's value", by_statements(_one_owner)),
    Check(3, "value and money are each on accounts of their own", by_statements(_units_fit_roles)),
    Check(4, "stored balances are what was posted", by_statements(_stored_balances)),
    Check(5, "nobody has less than nothing", by_statements(_nobody_overdrawn)),
    Check(14, "each business fact is posted once", by_statements(_posted_once)),
    Check(15, "all value issued is held, spent, ended or cancelled", by_statements(_value_is_somewhere)),
)
