"""What is in the books is put right: by an adjustment with a reason, or by the mirror of an entry."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.ledger.balances import change_balances, require_units
from rewards_service.ledger.chart import STORED, AccountKey, Role
from rewards_service.ledger.entries import MoneyLine, Source, ValueLine, post_entry, write_entry
from rewards_service.ledger.errors import InsufficientValue, MirrorOverdraws, NotMirrorable
from rewards_service.ledger.lots import LotDelta, LotEffect, NewLot, change_lots, insert_lots
from rewards_service.ledger.models import Account, Entry, Lot, LotMovement, Posting
from rewards_service.ledger.operations.cancelling import take_available
from rewards_service.ledger.operations.sides import base_of, liabilities, liability, unit_of
from rewards_service.ledger.operations.taking import LotPool
from rewards_service.ledger.policy import IncentiveType, Movement
from rewards_service.programs.models import Program

MIRRORABLE = frozenset({"award", "issue", "adjust", "budget", "stock", "money"})
"""Kinds that stand alone; the steps of an order are undone by a void or a refund, a transfer by another transfer."""


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
        UnitsNotPositive: ``units`` is zero or beyond the books' range.
    """
    assert source.reason, "an adjustment has a reason"
    require_units(abs(units))
    change_balances(session, {account_id: units})
    lot, effect = None, LotEffect([])
    if units > 0:
        base_minor, rate_version_id = base_of(
            session, program=program, unit=unit_of(program, unit_id=unit_id), units=units, now=now
        )
        lot = NewLot(
            account_id=account_id,
            unit_id=unit_id,
            units=units,
            base_minor=base_minor,
            award_ref=source.reference,
            incentive_type=IncentiveType.ADJUSTMENT.value,
            earned_on=now,
            expires_at=expires_at,
            rate_version_id=rate_version_id,
        )
        money = [liability(program, unit_id=unit_id, amount_minor=-base_minor)]
    else:
        pool = LotPool.of_accounts(session, account_ids=[account_id])
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
    insert_lots(session, entry_id=entry_id, lots=[lot] if lot else [])
    effect.write(session, entry_id=entry_id)
    return entry_id


def reverse_entry(session: Session, *, program: Program, entry_id: int, source: Source, now: datetime) -> int:
    """Write the mirror of an entry and return its key.

    Raises:
        NotMirrorable: the entry is a step of an order, a transfer, an expiry or a mirror itself.
        MirrorOverdraws: value that the entry made has moved or been spent since; cancel what is left instead.
    """
    entry = session.get_one(Entry, entry_id)
    if entry.kind not in MIRRORABLE or entry.mirrors_id is not None:
        raise NotMirrorable
    postings = session.scalars(select(Posting).where(Posting.entry_id == entry_id).order_by(Posting.id)).all()
    try:
        change_balances(session, _mirrored_balances(session, postings=postings))
    except InsufficientValue as error:
        raise MirrorOverdraws from error
    effect = _mirror_lots(session, entry_id=entry_id)
    mirror_id = write_entry(
        session,
        program=program,
        kind="mirror",
        source=source,
        movements=[Movement(row.credit_account_id, row.debit_account_id, row.unit_id, row.units) for row in postings],
        now=now,
        mirrors_id=entry_id,
    )
    effect.write(session, entry_id=mirror_id)
    return mirror_id


def _mirrored_balances(session: Session, *, postings: Sequence[Posting]) -> dict[int, int]:
    """Return by how much the mirror changes each stored balance."""
    touched = {row.debit_account_id for row in postings} | {row.credit_account_id for row in postings}
    stored = set(
        session.scalars(select(Account.id).where(Account.id.in_(touched), Account.role.in_([r.value for r in STORED])))
    )
    deltas = dict.fromkeys(stored, 0)
    for row in postings:
        for account_id, units in ((row.debit_account_id, row.units), (row.credit_account_id, -row.units)):
            if account_id in stored:
                deltas[account_id] += units
    return deltas


def _mirror_lots(session: Session, *, entry_id: int) -> LotEffect:
    """Empty the lots that an entry made and give back what it took from others.

    Raises:
        MirrorOverdraws: a lot that it made no longer has all of its units.
    """
    made = session.scalars(select(Lot).where(Lot.entry_id == entry_id).with_for_update()).all()
    if any(lot.units_available != lot.base_units for lot in made):
        raise MirrorOverdraws
    deltas = {lot.id: LotDelta(available=-lot.base_units) for lot in made}
    for moved in session.scalars(select(LotMovement).where(LotMovement.entry_id == entry_id)):
        deltas[moved.lot_id] = LotDelta(available=-moved.available_delta, held=-moved.held_delta)
    return LotEffect(change_lots(session, deltas))
