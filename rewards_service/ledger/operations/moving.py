"""Value changes hands: claims, splits, merges, passing on, reissues, a pending wallet that finds its member.

No money side: what the parent lots release, the child lots carry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.ledger.balances import change_balances, require_units
from rewards_service.ledger.entries import Source, ValueLine, post_entry
from rewards_service.ledger.errors import MoveToItself
from rewards_service.ledger.lots import LotDelta, LotEffect, change_lots, child_of
from rewards_service.ledger.operations.taking import LotPool, pool_of_accounts
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
        MoveToItself: a bearer would give and take.
        UnitsNotPositive: a move is not a whole number above zero.
        BalanceTooLarge: a bearer would have more than the books keep.
        AlreadyPosted: the moves of this source were made before.
    """
    deltas = _deltas(moves)
    change_balances(session, deltas)
    givers = {move.from_account_id for move in moves}
    pool = pool_of_accounts(session, program=program, account_ids=givers, now=now)
    taken = [(move, pool.take(account_id=move.from_account_id, units=move.units, now=now)) for move in moves]
    effect = _make_children(session, pool=pool, taken=taken)
    entry_id = post_entry(
        session,
        program=program,
        kind="transfer",
        source=source,
        value=[ValueLine(account_id, unit_id, -delta) for account_id, delta in deltas.items()],
        now=now,
    )
    effect.write(session, entry_id=entry_id)
    return entry_id


def _deltas(moves: Sequence[Move]) -> dict[int, int]:
    """Return by how much the moves change each bearer's balance.

    Raises:
        MoveToItself: a bearer would give and take.
        UnitsNotPositive: a move is not a whole number above zero.
    """
    deltas: dict[int, int] = {}
    for move in moves:
        require_units(move.units)
        deltas[move.from_account_id] = deltas.get(move.from_account_id, 0) - move.units
        deltas[move.to_account_id] = deltas.get(move.to_account_id, 0) + move.units
    if {move.from_account_id for move in moves} & {move.to_account_id for move in moves}:
        raise MoveToItself
    return deltas


def _make_children(session: Session, *, pool: LotPool, taken: list[tuple[Move, list[Taking]]]) -> LotEffect:
    """Take each part from its parent, and make the child lots that carry what it released."""
    effect = LotEffect()
    in_lot_order = sorted(
        ((taking, move) for move, takings in taken for taking in takings), key=lambda pair: pair[0].lot_id
    )
    for taking, move in in_lot_order:
        (change,) = change_lots(session, {taking.lot_id: LotDelta(available=-taking.units)})
        effect.changes.append(change)
        effect.children.append(
            child_of(
                pool[taking.lot_id],
                account_id=move.to_account_id,
                units=taking.units,
                base_minor=-change.carrying_delta_minor,
            )
        )
    return effect
