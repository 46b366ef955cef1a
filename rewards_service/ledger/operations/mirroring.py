"""An entry that should not have been is undone by its mirror: the same postings, turned round."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from rewards_service.kit.clock import has_expired
from rewards_service.ledger.balances import change_balances
from rewards_service.ledger.chart import BEARERS, STORED, Role
from rewards_service.ledger.entries import Source, write_entry
from rewards_service.ledger.errors import InsufficientValue, MirrorOverdraws, NotMirrorable
from rewards_service.ledger.lots import LotDelta, LotEffect, change_lots
from rewards_service.ledger.models import Account, Entry, Lot, LotMovement, Posting
from rewards_service.ledger.policy import Movement
from rewards_service.programs.models import Program

MIRRORABLE = frozenset({"award", "issue", "adjust", "budget", "stock", "money"})
"""Kinds that stand alone; the steps of an order are undone by a void or a refund, a transfer by another transfer."""


@dataclass(frozen=True, slots=True)
class _Sides:
    """The postings of a mirror, and the role of each account they touch."""

    movements: list[Movement]
    roles: dict[int, Role]

    def deltas(self, roles: Collection[Role]) -> dict[int, int]:
        """Return by how much the holder's view of each account of these roles changes, in units."""
        deltas = {account_id: 0 for account_id, role in self.roles.items() if role in roles}
        for move in self.movements:
            if move.debit_account_id in deltas:
                deltas[move.debit_account_id] -= move.units
            if move.credit_account_id in deltas:
                deltas[move.credit_account_id] += move.units
        return deltas


def reverse_entry(session: Session, *, program: Program, entry_id: int, source: Source, now: datetime) -> int:
    """Write the mirror of an entry of this program's organization and return its key.

    Raises:
        NotMirrorable: the entry is a step of an order, a transfer, an expiry or a mirror itself, or another's.
        MirrorOverdraws: value that the entry made or took has moved, been spent, ended or been re-based since.
        AlreadyPosted: the entry has a mirror.
    """
    entry = session.get_one(Entry, entry_id)
    if entry.kind not in MIRRORABLE or entry.organization_id != program.organization_id:
        raise NotMirrorable
    sides = _sides_of(session, entry_id=entry_id)
    try:
        change_balances(session, sides.deltas(BEARERS))
        effect = _mirror_lots(session, entry_id=entry_id, sides=sides, now=now)
        change_balances(session, sides.deltas(STORED - BEARERS))
    except InsufficientValue as error:
        raise MirrorOverdraws from error
    mirror_id = write_entry(
        session,
        program=program,
        kind="mirror",
        source=source,
        movements=sides.movements,
        now=now,
        mirrors_id=entry_id,
    )
    effect.write(session, entry_id=mirror_id)
    return mirror_id


def _sides_of(session: Session, *, entry_id: int) -> _Sides:
    """Return the postings of the mirror of an entry, and the role of each account they touch."""
    rows = session.execute(
        select(Posting.credit_account_id, Posting.debit_account_id, Posting.unit_id, Posting.units)
        .where(Posting.entry_id == entry_id)
        .order_by(Posting.id)
    )
    movements = [Movement(*row) for row in rows]
    touched = {account_id for move in movements for account_id in (move.debit_account_id, move.credit_account_id)}
    roles = session.execute(select(Account.id, Account.role).where(Account.id.in_(touched)))
    return _Sides(movements, {row.id: Role(row.role) for row in roles})


def _mirror_lots(session: Session, *, entry_id: int, sides: _Sides, now: datetime) -> LotEffect:
    """Empty the lots that an entry made and give back what it took from others.

    Raises:
        MirrorOverdraws: they are not as the entry left them, or would not carry again what it posted.
    """
    made = session.execute(
        select(Lot.id, Lot.base_units, Lot.units_available).where(
            Lot.account_id.in_(sides.deltas(BEARERS)), Lot.entry_id == entry_id
        )
    ).all()
    taken = session.execute(
        select(Lot.id, Lot.expires_at, LotMovement.available_delta)
        .join(LotMovement, LotMovement.lot_id == Lot.id)
        .where(LotMovement.entry_id == entry_id)
    ).all()
    if any(lot.units_available != lot.base_units for lot in made) or _have_ended(taken, now=now):
        raise MirrorOverdraws
    deltas = {lot.id: LotDelta(available=-lot.base_units) for lot in made}
    deltas |= {lot.id: LotDelta(available=-lot.available_delta) for lot in taken}
    effect = LotEffect(change_lots(session, deltas))
    if sum(effect.released_by_unit().values()) != -sum(sides.deltas({Role.REWARD_LIABILITY}).values()):
        raise MirrorOverdraws
    return effect


def _have_ended(lots: Iterable[Row[int, datetime | None, int]], *, now: datetime) -> bool:
    """Tell whether what was taken of any of ``lots`` cannot be given back, because it has expired since."""
    return any(has_expired(expires_at=lot.expires_at, now=now) for lot in lots)
