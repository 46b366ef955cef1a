"""Value changes hands: claims, splits, merges, passing on, reissues, a pending wallet that finds its member.

No money side: what the parent lots release, the child lots carry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.ledger.balances import change_balances, require_units
from rewards_service.ledger.entries import Source, ValueLine, post_entry
from rewards_service.ledger.lots import LotChange, LotDelta, NewLot, change_lots, insert_lots, write_movements
from rewards_service.ledger.operations.taking import LotPool
from rewards_service.ledger.policy import Taking
from rewards_service.programs.models import Program


@dataclass(frozen=True, slots=True)
class Move:
    """``units`` go from one bearer to another, soonest expiry first."""

    from_account_id: int
    to_account_id: int
    units: int


def move_value(
    session: Session, *, program: Program, unit_id: int, moves: Sequence[Move], source: Source, now: datetime
) -> int:
    """Make the moves in one entry and return its key; each lot moves as a child with its own expiry and money.

    Raises:
        InsufficientValue: a bearer has less unexpired value than is to move.
        UnitsNotPositive: a move is not a whole number above zero.
    """
    deltas: dict[int, int] = {}
    for move in moves:
        require_units(move.units)
        deltas[move.from_account_id] = deltas.get(move.from_account_id, 0) - move.units
        deltas[move.to_account_id] = deltas.get(move.to_account_id, 0) + move.units
    change_balances(session, deltas)
    pool = LotPool.of_accounts(session, account_ids=[move.from_account_id for move in moves])
    taken = [(move, pool.take(account_id=move.from_account_id, units=move.units, now=now)) for move in moves]
    entry_id = post_entry(
        session,
        program=program,
        kind="transfer",
        source=source,
        value=[ValueLine(account, unit_id, -delta) for account, delta in _debits_first(deltas)],
        now=now,
    )
    changes, children = _make_children(session, pool=pool, taken=taken)
    insert_lots(session, entry_id=entry_id, lots=children)
    write_movements(session, entry_id=entry_id, changes=changes)
    return entry_id


def _debits_first(deltas: dict[int, int]) -> list[tuple[int, int]]:
    """Return the changes of stored balances, those who give before those who get, each in the order first met."""
    return sorted(deltas.items(), key=lambda item: item[1] > 0)


def _make_children(
    session: Session, *, pool: LotPool, taken: list[tuple[Move, list[Taking]]]
) -> tuple[list[LotChange], list[NewLot]]:
    """Take each part from its parent and return what that did, and the child lots that carry what it released."""
    changes: list[LotChange] = []
    children: list[NewLot] = []
    in_lot_order = sorted(
        ((taking, move) for move, takings in taken for taking in takings), key=lambda pair: pair[0].lot_id
    )
    for taking, move in in_lot_order:
        (change,) = change_lots(session, {taking.lot_id: LotDelta(available=-taking.units)})
        changes.append(change)
        children.append(
            pool.child_of(
                taking.lot_id,
                account_id=move.to_account_id,
                units=taking.units,
                base_minor=-change.carrying_delta_minor,
            )
        )
    return changes, children
