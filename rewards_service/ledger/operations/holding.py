"""Value is set aside for order lines: one hold per line and tender."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from rewards_service.kit.actor import Actor
from rewards_service.ledger.balances import change_balances, require_units
from rewards_service.ledger.chart import AccountKey, Role
from rewards_service.ledger.entries import Source, ValueLine, post_entry
from rewards_service.ledger.lots import LotChange, LotDelta, change_lots, write_movements
from rewards_service.ledger.models import Hold, HoldLot
from rewards_service.ledger.operations.taking import LotPool
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


_INSERT_HOLD = insert(Hold).returning(Hold.id)
_INSERT_HOLD_LOT = insert(HoldLot)


def open_holds(
    session: Session, *, program: Program, lines: Sequence[LineHold], actor: Actor, now: datetime
) -> list[list[int]]:
    """Set value aside for each line, one entry per line; return the holds of each, in the order of its parts.

    All or none. Every account is guarded first, in ascending order, then lots are taken, soonest expiry first.

    Raises:
        InsufficientValue: a bearer has less unexpired value than its parts add up to.
        UnitsNotPositive: a part is not a whole number above zero.
    """
    needed: dict[int, int] = {}
    for part in (part for line in lines for part in line.parts):
        require_units(part.units)
        needed[part.account_id] = needed.get(part.account_id, 0) + part.units
    change_balances(session, {account_id: -units for account_id, units in needed.items()})
    pool = LotPool.of_accounts(session, account_ids=needed)
    takings = [
        [pool.take(account_id=part.account_id, units=part.units, now=now) for part in line.parts] for line in lines
    ]
    _set_aside(session, takings=takings)
    return [
        _write_line(session, program=program, line=line, takings=taken, actor=actor, now=now)
        for line, taken in zip(lines, takings, strict=True)
    ]


def _set_aside(session: Session, *, takings: list[list[list[Taking]]]) -> None:
    """Move the units of each lot from available to held, once per lot."""
    deltas: dict[int, LotDelta] = {}
    for taking in (taking for line in takings for part in line for taking in part):
        delta = deltas.setdefault(taking.lot_id, LotDelta())
        delta.available -= taking.units
        delta.held += taking.units
    change_lots(session, deltas)


def _write_line(
    session: Session, *, program: Program, line: LineHold, takings: list[list[Taking]], actor: Actor, now: datetime
) -> list[int]:
    """Write the entry of one line, its holds, and which lots they drew on."""
    value = [ValueLine(part.account_id, part.unit_id, part.units) for part in line.parts]
    value += [ValueLine(AccountKey(Role.HELD, part.unit_id), part.unit_id, -part.units) for part in line.parts]
    source = Source(LINE_SOURCE, line.line_ref, actor)
    entry_id = post_entry(session, program=program, kind="hold", source=source, value=value, now=now)
    hold_ids = [
        _write_hold(session, entry_id=entry_id, line_ref=line.line_ref, part=part, takings=taken)
        for part, taken in zip(line.parts, takings, strict=True)
    ]
    drawn = [
        LotChange(taking.lot_id, part.unit_id, -taking.units, taking.units, 0)
        for part, taken in zip(line.parts, takings, strict=True)
        for taking in taken
    ]
    write_movements(session, entry_id=entry_id, changes=drawn)
    return hold_ids


def _write_hold(session: Session, *, entry_id: int, line_ref: str, part: HoldPart, takings: list[Taking]) -> int:
    """Write one hold with its lots in the order of taking and return its key."""
    connection = session.connection()
    hold_id = connection.execute(
        _INSERT_HOLD,
        {
            "entry_id": entry_id,
            "account_id": part.account_id,
            "unit_id": part.unit_id,
            "source_ref": line_ref,
            "units": part.units,
            "state": HoldState.PENDING.value,
            "captured_units": 0,
            "refunded_units": 0,
        },
    ).scalar_one()
    connection.execute(
        _INSERT_HOLD_LOT,
        [
            {
                "hold_id": hold_id,
                "seq": seq,
                "lot_id": taking.lot_id,
                "units": taking.units,
                "captured": 0,
                "refunded": 0,
            }
            for seq, taking in enumerate(takings)
        ],
    )
    return hold_id
