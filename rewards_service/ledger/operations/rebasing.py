"""A new rate reaches value that is out: lot by lot, each chunk an entry of its own.

Held value keeps its base, because its order line has a fixed price: such a lot is split, and what it has available
becomes a child at the new rate (accounting model, 2.3). A million lots need no stop: a lot is re-based when it is first
touched after the change, or by the job, whichever comes first.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from rewards_service.ledger.balances import lock_balances
from rewards_service.ledger.chart import Role
from rewards_service.ledger.entries import MoneyLine, Source, post_entry
from rewards_service.ledger.lots import (
    LotDelta,
    LotRow,
    LotStep,
    NewLot,
    change_lots,
    child_of,
    insert_lots,
    last_entry_of,
    lots_by_id,
    write_steps,
)
from rewards_service.ledger.models import Lot
from rewards_service.ledger.operations.sides import liability
from rewards_service.ledger.policy import carrying, is_stale
from rewards_service.programs.models import Program, RateVersion
from rewards_service.programs.policy import worth_minor
from rewards_service.programs.queries import rate_in_force

CHUNK = 500
"""Lots per entry and transaction of the job: well within what SQLite's writer may keep others waiting for."""

RATE_SOURCE = "rate"

_STALE = (
    select(Lot.id, Lot.account_id)
    .where(
        Lot.id > bindparam("after_id"),
        Lot.unit_id == bindparam("points_unit_id"),
        Lot.is_open,
        Lot.rate_version_id < bindparam("rate_id"),
    )
    .order_by(Lot.id)
    .limit(CHUNK)
)
_REBASE = (
    update(Lot)
    .where(Lot.id == bindparam("lot_id"), Lot.units_held == 0, Lot.units_available == bindparam("units"))
    .values(base_units=bindparam("units"), base_minor=bindparam("minor"), rate_version_id=bindparam("rate_id"))
)


def rebase_chunk(session: Session, *, program: Program, after_lot_id: int, now: datetime) -> int | None:
    """Re-base up to ``CHUNK`` lots of a program whose keys follow ``after_lot_id``.

    Returns the key to go on from, or ``None`` when no lot is left that is based on an older rate.
    """
    rate = rate_in_force(session, program_id=program.id, now=now)
    parameters = {"after_id": after_lot_id, "points_unit_id": program.points_unit_id, "rate_id": rate.id}
    found = session.connection().execute(_STALE, parameters).all()
    if not found:
        return None
    lock_balances(session, {row.account_id for row in found})
    lots = lots_by_id(session, lot_ids=[row.id for row in found]).values()
    stale = [lot for lot in lots if lot.units_available and is_stale(lot.rate_version_id, in_force_id=rate.id)]
    if stale:
        rebase_lots(session, program=program, lots=stale, now=now)
    return int(found[-1].id)


def rebase_lots(session: Session, *, program: Program, lots: Sequence[LotRow], now: datetime) -> int:
    """Give what these lots have available the rate in force as its base, and return the key of the entry of it.

    The accounts of the lots are locked and the lots were read under that lock; each has units available and an older
    rate. Where rounding leaves the money as it was, the entry has no posting. It is named after the last entry that
    changed the first of the lots: a lot that gets units back at an older rate is re-based once more.
    """
    rate = rate_in_force(session, program_id=program.id, now=now)
    whole = [lot for lot in lots if not lot.units_held]
    parted = [lot for lot in lots if lot.units_held]
    steps = _rebase_whole(session, lots=whole, rate=rate)
    split, children = _part_held(session, lots=parted, rate=rate)
    steps += split
    freed = -sum(step.carrying_delta_minor for step in steps) - sum(child.base_minor for child in children)
    first = min(lot.id for lot in lots)
    reference = f"{program.public_id}/v{rate.version}/{first}/{last_entry_of(session, lot_id=first)}"
    entry_id = post_entry(
        session,
        program=program,
        kind="rate",
        source=Source(RATE_SOURCE, reference),
        money=[
            liability(program, unit_id=lots[0].unit_id, amount_minor=freed),
            MoneyLine(Role.COST_RATE_CHANGE, -freed),
        ],
        now=now,
    )
    insert_lots(session, entry_id=entry_id, lots=children)
    write_steps(session, entry_id=entry_id, steps=steps)
    return entry_id


def _rebase_whole(session: Session, *, lots: Sequence[LotRow], rate: RateVersion) -> list[LotStep]:
    """Give lots without held units a new base, in place."""
    rows = [
        {
            "lot_id": lot.id,
            "units": lot.units_available,
            "minor": worth_minor(units=lot.units_available, rate=rate),
            "rate_id": rate.id,
        }
        for lot in lots
    ]
    if rows:
        done = session.connection().execute(_REBASE, rows)
        assert done.rowcount == len(rows), "a lot changes only under its account's lock"
    return [
        LotStep(lot.id, 0, 0, row["minor"] - carrying(lot, units=lot.units_available), row["units"], row["minor"])
        for lot, row in zip(lots, rows, strict=True)
    ]


def _part_held(session: Session, *, lots: Sequence[LotRow], rate: RateVersion) -> tuple[list[LotStep], list[NewLot]]:
    """Move what is available out of lots with held units, into children at the rate."""
    changes = change_lots(session, {lot.id: LotDelta(available=-lot.units_available) for lot in lots})
    children = [
        replace(
            child_of(
                lot,
                account_id=lot.account_id,
                units=lot.units_available,
                base_minor=worth_minor(units=lot.units_available, rate=rate),
            ),
            rate_version_id=rate.id,
        )
        for lot in lots
    ]
    return [change.step for change in changes], children
