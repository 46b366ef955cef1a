"""A person adds value or takes it away, with a reason."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.ledger.balances import change_balances, require_units
from rewards_service.ledger.chart import AccountKey, Role
from rewards_service.ledger.entries import MoneyLine, Source, ValueLine, post_entry
from rewards_service.ledger.lots import LotEffect, NewLot
from rewards_service.ledger.operations.cancelling import take_available
from rewards_service.ledger.operations.sides import base_of, liabilities, unit_of
from rewards_service.ledger.operations.taking import pool_of_accounts
from rewards_service.ledger.policy import IncentiveType
from rewards_service.programs.models import Program


def adjust_value(
    session: Session,
    *,
    program: Program,
    account_id: int,
    unit_id: int,
    units: int,
    expires_at: datetime | None,
    source: Source,
    now: datetime,
) -> int:
    """Add value to a bearer (``units`` > 0) or take it away (< 0), with a reason, and return the entry's key.

    Raises:
        InsufficientValue: more is to be taken than the bearer has.
        UnitsNotPositive: ``units`` is zero, no integer, or beyond the books' range.
        AlreadyPosted: this adjustment is in the books.
    """
    assert source.reason, "an adjustment has a reason"
    require_units(units if units > 0 else -units)
    change_balances(session, {account_id: units})
    terms = _Goodwill(account_id, unit_id, units, expires_at, source.reference)
    if units > 0:
        effect = LotEffect(children=[_goodwill(session, program=program, terms=terms, now=now)])
    else:
        pool = pool_of_accounts(session, program=program, account_ids=[account_id], now=now)
        effect = take_available(session, takings=pool.take(account_id=account_id, units=-units, now=now))
    money = liabilities(program, effect=effect)
    entry_id = post_entry(
        session,
        program=program,
        kind="adjust",
        source=source,
        value=[
            ValueLine(AccountKey(Role.ADJUSTED, unit_id), unit_id, units),
            ValueLine(account_id, unit_id, -units),
        ],
        money=[*(MoneyLine(Role.COST_ADJUSTMENT, -line.amount_minor) for line in money), *money],
        now=now,
    )
    effect.write(session, entry_id=entry_id)
    return entry_id


@dataclass(frozen=True, slots=True)
class _Goodwill:
    """What an adjustment gives: to whom, how much, until when, and what it is called."""

    account_id: int
    unit_id: int
    units: int
    expires_at: datetime | None
    reference: str


def _goodwill(session: Session, *, program: Program, terms: _Goodwill, now: datetime) -> NewLot:
    """Return the lot that an adjustment makes, worth what the rate in force says."""
    unit = unit_of(program, unit_id=terms.unit_id)
    base_minor, rate_version_id = base_of(session, program=program, unit=unit, units=terms.units, now=now)
    return NewLot(
        account_id=terms.account_id,
        unit_id=terms.unit_id,
        units=terms.units,
        base_minor=base_minor,
        award_ref=terms.reference,
        incentive_type=IncentiveType.ADJUSTMENT.value,
        earned_on=now,
        expires_at=terms.expires_at,
        rate_version_id=rate_version_id,
    )
