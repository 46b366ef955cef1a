"""Value is set aside for order lines: one hold per line and tender."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from rewards_service.kit.actor import Actor
from rewards_service.kit.statements import Statement
from rewards_service.ledger.balances import change_balances, require_units
from rewards_service.ledger.chart import AccountKey, Role
from rewards_service.ledger.entries import Source, ValueLine, post_entry
from rewards_service.ledger.lots import LotDelta, LotStep, change_lots, write_steps
from rewards_service.ledger.models import Hold, HoldLot
from rewards_service.ledger.operations.taking import LotPool, pool_of_accounts
from rewards_service.ledger.policy import HoldState, Taking
from rewards_service.programs.models import Program

LINE_SOURCE = "order_line"


@dataclass(frozen=True, slots=True)
class HoldPart:
    """What one bearer contributes to a line."""

    account_id: int
    unit_id: int
    units: int


@dataclass(frozen=True, slots=True)
class LineHold:
    """One order line, and what its tenders contribute; each bearer at most once."""

    line_ref: str
    parts: Sequence[HoldPart]


@dataclass(frozen=True, slots=True)
class _TakenLine:
    """A line, and from which lots each of its parts was taken."""

    line: LineHold
    takings: list[list[Taking]]


_INSERT_HOLD = Statement(insert(Hold).returning(Hold.id))
_INSERT_HOLD_LOT = Statement(insert(HoldLot))


def open_holds(
    session: Session, *, program: Program, lines: Sequence[LineHold], actor: Actor, now: datetime
) -> list[list[int]]:
    """Set value aside for each line, one entry per line; return the holds of each, in the order of its parts.

    All or none. Every account is guarded first, in ascending order, then lots are taken, soonest expiry first.

    Raises:
        InsufficientValue: a bearer has less unexpired value than its parts add up to.
        UnitsNotPositive: a part is not a whole number above zero.
        AlreadyPosted: value was set aside for the line before.
    """
    needed = _needed(lines)
    change_balances(session, {account_id: -units for account_id, units in needed.items()})
    pool = pool_of_accounts(session, program=program, account_ids=needed, now=now)
    taken = [
        _TakenLine(line, [pool.take(account_id=part.account_id, units=part.units, now=now) for part in line.parts])
        for line in lines
    ]
    _set_aside(session, taken=taken)
    return [_write_line(session, program=program, taken=line, pool=pool, actor=actor, now=now) for line in taken]


def _needed(lines: Sequence[LineHold]) -> dict[int, int]:
    """Return how many units each bearer contributes in all."""
    needed: dict[int, int] = {}
    for line in lines:
        assert len({part.account_id for part in line.parts}) == len(line.parts), "a bearer pays once for a line"
        for part in line.parts:
            require_units(part.units)
            needed[part.account_id] = needed.get(part.account_id, 0) + part.units
    return needed


def _set_aside(session: Session, *, taken: list[_TakenLine]) -> None:
    """Move the units of each lot from available to held, once per lot."""
    deltas: dict[int, LotDelta] = {}
    for taking in (taking for line in taken for part in line.takings for taking in part):
        delta = deltas.setdefault(taking.lot_id, LotDelta())
        delta.available -= taking.units
        delta.held += taking.units
    change_lots(session, deltas)


def _write_line(
    session: Session, *, program: Program, taken: _TakenLine, pool: LotPool, actor: Actor, now: datetime
) -> list[int]:
    """Write the entry of one line, its holds, and which lots they drew on."""
    parts = taken.line.parts
    value = [ValueLine(part.account_id, part.unit_id, part.units) for part in parts]
    value += [ValueLine(AccountKey(Role.HELD, part.unit_id), part.unit_id, -part.units) for part in parts]
    source = Source(LINE_SOURCE, taken.line.line_ref, actor)
    entry_id = post_entry(session, program=program, kind="hold", source=source, value=value, now=now)
    hold_ids = [
        _write_hold(
            session,
            program=program,
            entry_id=entry_id,
            line_ref=taken.line.line_ref,
            part=part,
            takings=takings,
            pool=pool,
        )
        for part, takings in zip(parts, taken.takings, strict=True)
    ]
    drawn = [taking for takings in taken.takings for taking in takings]
    steps = [LotStep(taking.lot_id, -taking.units, taking.units, 0) for taking in drawn]
    write_steps(session, entry_id=entry_id, steps=steps)
    return hold_ids


def _write_hold(
    session: Session,
    *,
    program: Program,
    entry_id: int,
    line_ref: str,
    part: HoldPart,
    takings: list[Taking],
    pool: LotPool,
) -> int:
    """Write one hold with its lots in the order of taking and return its key."""
    connection = session.connection()
    row = {
        "organization_id": program.organization_id,
        "entry_id": entry_id,
        "account_id": part.account_id,
        "unit_id": part.unit_id,
        "source_ref": line_ref,
        "units": part.units,
        "state": HoldState.PENDING.value,
        "captured_units": 0,
        "refunded_units": 0,
    }
    hold_id = int(_INSERT_HOLD.scalar(connection, row))
    lots = [
        _lot_row(taking, hold_id=hold_id, seq=seq, rate_version_id=pool[taking.lot_id].rate_version_id)
        for seq, taking in enumerate(takings)
    ]
    _INSERT_HOLD_LOT.run_each(connection, lots)
    return hold_id


def _lot_row(taking: Taking, *, hold_id: int, seq: int, rate_version_id: int | None) -> dict[str, int | None]:
    """Return the columns of what a hold drew from one lot."""
    return {
        "hold_id": hold_id,
        "seq": seq,
        "lot_id": taking.lot_id,
        "rate_version_id": rate_version_id,
        "units": taking.units,
        "captured": 0,
        "captured_minor": 0,
        "refunded": 0,
    }
