"""Claims about lots and the money they carry: 6 to 9, 18 and 19."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, Subquery, case, func, or_, select, union_all
from sqlalchemy.orm import Session

from rewards_service.finance.verify.check import A_DAY_AGO, NOW, Breaks, Check, Statements, by_statements
from rewards_service.kit.jobs import JobState
from rewards_service.kit.jobs.models import Job
from rewards_service.ledger.chart import BEARERS, Role
from rewards_service.ledger.lots import read_lots
from rewards_service.ledger.models import Account, Lot, LotMovement
from rewards_service.ledger.operations.rating import REBASE_LOTS
from rewards_service.ledger.policy import carrying
from rewards_service.ledger.queries.signed import sides
from rewards_service.programs.models import Program, RateVersion, Unit

PRODUCT_SAFE = 3_000_000_000
"""Two numbers up to this multiply within 63 bits; the few lots beyond it are valued one by one."""

_BEARER_ROLES = [role.value for role in BEARERS]
_IS_STILL_TO_REBASE = (
    Job.kind == REBASE_LOTS,
    Job.state.in_([JobState.PENDING.value, JobState.RUNNING.value]),
)
_UNITS = Lot.units_available + Lot.units_held
_IS_SMALL = (Lot.base_units <= PRODUCT_SAFE) & (Lot.base_minor <= PRODUCT_SAFE) & (_UNITS <= PRODUCT_SAFE)
_CARRYING = case((_IS_SMALL, Lot.base_minor * _UNITS // Lot.base_units), else_=None)
"""What a small lot carries; the database computes no product that might not fit."""


def differs_from_held(parts: Select[int, int]) -> Select[*tuple[Any, ...]]:
    """Select the units of which ``parts`` (unit_id, units) are not what is on Held."""
    side = sides()
    posted = (
        select(side.c.unit_id, side.c.amount_units)
        .join(Account, Account.id == side.c.account_id)
        .where(Account.role == Role.HELD.value)
    )
    both = union_all(parts, posted).subquery()
    total = func.sum(both.c.units)
    return select(both.c.unit_id, total.label("too_many_units")).group_by(both.c.unit_id).having(total != 0)


def _lots_are_the_balance() -> Statements:
    """Select holders whose lots are not their balance, and units whose held lots are not what Held says."""
    lots = select(Lot.account_id, func.sum(Lot.units_available).label("lot_units")).group_by(Lot.account_id).subquery()
    in_lots = func.coalesce(lots.c.lot_units, 0)
    holders = (
        select(Account.id.label("account_id"), Account.book_name, Account.balance_units, in_lots.label("lot_units"))
        .join(lots, lots.c.account_id == Account.id, isouter=True)
        .where(Account.role.in_(_BEARER_ROLES), Account.balance_units != in_lots)
    )
    held_lots = select(Lot.unit_id, Lot.units_held.label("units")).where(Lot.units_held != 0)
    return [holders, differs_from_held(held_lots)]


def _lots_have_a_history() -> Statements:
    """Select lots below zero, and lots whose units are not those they were made with and what happened since."""
    moved = _movements(LotMovement.available_delta + LotMovement.held_delta)
    delta = func.coalesce(moved.c.delta, 0)
    wrong = (
        select(Lot.id.label("lot_id"), Lot.units_made, Lot.units_available, Lot.units_held, delta.label("moved_units"))
        .join(moved, moved.c.lot_id == Lot.id, isouter=True)
        .where(or_(Lot.units_available < 0, Lot.units_held < 0, Lot.units_made + delta != _UNITS))
    )
    return [wrong]


def _movements(delta: SQLColumnExpression[int]) -> Subquery:
    """Return per lot the sum of ``delta`` over all that happened to it."""
    return select(LotMovement.lot_id, func.sum(delta).label("delta")).group_by(LotMovement.lot_id).subquery()


def _bridge(session: Session, now: datetime) -> Breaks:
    """Find units whose open lots do not carry what is owed for them, and lots that carry what nothing explains."""
    carried: dict[int, int] = {}
    per_unit = select(Lot.unit_id, func.sum(_CARRYING)).where(_UNITS > 0, _IS_SMALL).group_by(Lot.unit_id)
    for unit_id, minor in session.execute(per_unit):
        carried[unit_id] = int(minor)
    for lot in read_lots(session, _UNITS > 0, ~_IS_SMALL):
        minor = carrying(lot, units=lot.units_available + lot.units_held)
        carried[lot.unit_id] = carried.get(lot.unit_id, 0) + minor
    yield from _differing(carried, owed=_owed(session))
    yield from _find_unexplained(session, now)


def _unexplained() -> Statements:
    """Select lots that carry what neither their making nor their history explains."""
    moved = _movements(LotMovement.carrying_delta_minor)
    delta = func.coalesce(moved.c.delta, 0)
    unexplained = (
        select(Lot.id.label("lot_id"), Lot.minor_made, delta.label("moved_minor"), _CARRYING.label("carried_minor"))
        .join(moved, moved.c.lot_id == Lot.id, isouter=True)
        .where(Lot.minor_made + delta != _CARRYING)
    )
    return [unexplained, _unfounded()]


def _unfounded() -> Select[*tuple[Any, ...]]:
    """Select lots whose base is neither the one they were made with nor the last one they were given."""
    rebased = (
        select(LotMovement.lot_id, func.max(LotMovement.id).label("movement_id"))
        .where(LotMovement.new_base_units.is_not(None))
        .group_by(LotMovement.lot_id)
        .subquery()
    )
    units = func.coalesce(LotMovement.new_base_units, Lot.units_made)
    minor = func.coalesce(LotMovement.new_base_minor, Lot.minor_made)
    return (
        select(Lot.id.label("lot_id"), Lot.base_units, Lot.base_minor, units.label("units"), minor.label("minor"))
        .join(rebased, rebased.c.lot_id == Lot.id, isouter=True)
        .join(LotMovement, LotMovement.id == rebased.c.movement_id, isouter=True)
        .where((Lot.base_units != units) | (Lot.base_minor != minor))
    )


def _owed(session: Session) -> dict[int, int]:
    """Return, per value unit, what the house owes for it by the postings, in minor units."""
    side = sides()
    owed = (
        select(Unit.id, -func.sum(side.c.amount_units))
        .join_from(side, Account, Account.id == side.c.account_id)
        .join(Unit, (Unit.program_id == Account.program_id) & Account.book_name.endswith(":" + Unit.symbol))
        .where(Account.role == Role.REWARD_LIABILITY.value)
        .group_by(Unit.id)
    )
    return {unit_id: int(minor) for unit_id, minor in session.execute(owed)}


def _differing(carried: dict[int, int], *, owed: dict[int, int]) -> Iterator[dict[str, Any]]:
    """Yield the units for which the two disagree."""
    for unit_id in sorted(carried.keys() | owed.keys()):
        if carried.get(unit_id, 0) != owed.get(unit_id, 0):
            yield {"unit_id": unit_id, "carried_minor": carried.get(unit_id, 0), "owed_minor": owed.get(unit_id, 0)}


def _entries_explain_lots() -> Statements:
    """Select entries whose lots changed what they carry by something else than was posted to the liability."""
    side = sides()
    parts = union_all(
        select(LotMovement.entry_id, LotMovement.carrying_delta_minor.label("minor")),
        select(Lot.entry_id, Lot.minor_made),
        select(side.c.entry_id, side.c.amount_units)
        .join(Account, Account.id == side.c.account_id)
        .where(Account.role == Role.REWARD_LIABILITY.value),
    ).subquery()
    total = func.sum(parts.c.minor)
    wrong = select(parts.c.entry_id, total.label("unposted_minor")).group_by(parts.c.entry_id).having(total != 0)
    return [wrong]


def _rates_are_current() -> Statements:
    """Select open points lots of an old rate, unless the job that re-bases them is still to run."""
    in_force = (
        select(RateVersion.id)
        .where(RateVersion.program_id == Program.id, RateVersion.valid_from <= NOW)
        .order_by(RateVersion.valid_from.desc(), RateVersion.version.desc())
        .limit(1)
        .correlate(Program)
        .scalar_subquery()
    )
    stale = (
        select(Lot.id.label("lot_id"), Lot.rate_version_id, in_force.label("rate_in_force"))
        .join(Unit, Unit.id == Lot.unit_id)
        .join(Program, Program.points_unit_id == Unit.id)
        .where(
            Lot.units_available != 0,
            func.coalesce(Lot.rate_version_id, 0) != in_force,
            ~select(Job.id).where(*_IS_STILL_TO_REBASE).exists(),
        )
    )
    return [stale]


def _rate_job(session: Session) -> str:
    """Say that a job which re-bases lots is still to run, or nothing."""
    job_id = session.scalar(select(Job.id).where(*_IS_STILL_TO_REBASE).limit(1))
    return "" if job_id is None else f"job {job_id} is still to re-base lots"


def _nothing_outlives_its_end() -> Statements:
    """Select lots that could have been ended more than a day ago."""
    overdue = select(Lot.id.label("lot_id"), Lot.expires_at, Lot.units_available)
    return [overdue.where(Lot.units_available > 0, Lot.expires_at < A_DAY_AGO)]


_find_unexplained = by_statements(_unexplained)
CHECKS = (
    Check(
        6,
        "lots add up to each holder's balance, and held ones to what is set aside",
        by_statements(_lots_are_the_balance),
    ),
    Check(7, "each lot has the units it was made with and what happened since", by_statements(_lots_have_a_history)),
    Check(8, "open lots carry exactly the money that is owed for them", _bridge),
    Check(9, "each entry posts what its lots release or take up", by_statements(_entries_explain_lots)),
    Check(18, "open points are based on the rate in force", by_statements(_rates_are_current), note=_rate_job),
    Check(19, "no value outlives its end by more than a day", by_statements(_nothing_outlives_its_end)),
)
