"""A hold is resolved: captured in full or part, or given back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from rewards_service.kit.actor import Actor
from rewards_service.ledger.balances import change_balances
from rewards_service.ledger.chart import AccountKey, Role
from rewards_service.ledger.entries import MoneyLine, Source, ValueLine, post_entry
from rewards_service.ledger.errors import CaptureExceedsHold
from rewards_service.ledger.models import HoldLot
from rewards_service.ledger.operations.holding import LINE_SOURCE
from rewards_service.ledger.operations.resolving import (
    HeldPart,
    HoldRow,
    Released,
    Share,
    lock_holds,
    mark_resolved,
    parts_of,
    release_held,
    units_by_account,
)
from rewards_service.ledger.operations.sides import closing_lines, liabilities
from rewards_service.ledger.policy import HoldState
from rewards_service.programs.models import Program

_KINDS = {HoldState.CAPTURED: "capture", HoldState.VOIDED: "void"}
_COUNT_CAPTURED = (
    update(HoldLot)
    .where(HoldLot.hold_id == bindparam("of_hold"), HoldLot.seq == bindparam("at_seq"))
    .values(captured=bindparam("spent"), captured_minor=bindparam("spent_minor"))
)


def capture_hold(
    session: Session,
    *,
    program: Program,
    line_ref: str,
    settlement: Sequence[MoneyLine],
    actor: Actor,
    now: datetime,
    captured: Mapping[int, int] | None = None,
    living: Mapping[int, int] | None = None,
) -> int:
    """Spend what is held for an order line and return the entry's key; what is not captured goes back.

    ``settlement`` is the money side without the liability: its sum, negated, is the face value of what was delivered
    (stock or supplier at cost, the discount, fees with their accrual). ``captured`` gives units per hold; none: all.
    ``living`` maps an account that is gone (its code was merged, passed on or reissued) to the one in its place.

    Raises:
        HoldAlreadyResolved: nothing is held for the line any more.
        CaptureExceedsHold: more was to be captured than is held, or less than nothing.
    """
    holds = lock_holds(session, program=program, line_ref=line_ref, state=HoldState.PENDING)
    spent = {hold.id: _captured_of(hold, captured=captured) for hold in holds}
    assert any(spent.values()), "what is given back whole is voided"
    return _resolve(
        session,
        program=program,
        state=HoldState.CAPTURED,
        source=Source(LINE_SOURCE, line_ref, actor),
        holds=holds,
        spent=spent,
        living=living or {},
        settlement=settlement,
        now=now,
    )


def void_hold(
    session: Session,
    *,
    program: Program,
    line_ref: str,
    actor: Actor,
    now: datetime,
    living: Mapping[int, int] | None = None,
) -> int:
    """Give back everything that is held for an order line and return the entry's key.

    ``living`` maps an account that is gone (its code was merged, passed on or reissued) to the one in its place.

    Raises:
        HoldAlreadyResolved: nothing is held for the line any more.
    """
    holds = lock_holds(session, program=program, line_ref=line_ref, state=HoldState.PENDING)
    return _resolve(
        session,
        program=program,
        state=HoldState.VOIDED,
        source=Source(LINE_SOURCE, line_ref, actor),
        holds=holds,
        spent={hold.id: 0 for hold in holds},
        living=living or {},
        settlement=[],
        now=now,
    )


def _resolve(
    session: Session,
    *,
    program: Program,
    state: HoldState,
    source: Source,
    holds: Sequence[HoldRow],
    spent: Mapping[int, int],
    living: Mapping[int, int],
    settlement: Sequence[MoneyLine],
    now: datetime,
) -> int:
    """Spend so many units of each hold, give the rest back, and write the one entry that says so."""
    shares = _shares(session, holds=holds, spent=spent, living=living)
    change_balances(session, units_by_account(shares))
    released = release_held(session, program=program, shares=shares, now=now)
    money = [*liabilities(program, effect=released.effect), *settlement]
    entry_id = post_entry(
        session,
        program=program,
        kind=_KINDS[state],
        source=source,
        value=_value_side(holds, spent=spent, living=living),
        money=[*money, *closing_lines(money, effect=released.effect)],
        now=now,
    )
    released.effect.write(session, entry_id=entry_id)
    mark_resolved(session, entry_id=entry_id, captured=spent, state=state)
    _count_captured(session, shares=shares, released=released)
    return entry_id


def _captured_of(hold: HoldRow, *, captured: Mapping[int, int] | None) -> int:
    """Return how much of a hold to capture.

    Raises:
        CaptureExceedsHold: more than is held, or less than nothing.
    """
    wanted: int = hold.units if captured is None else captured.get(hold.id, 0)
    if not 0 <= wanted <= hold.units:
        raise CaptureExceedsHold
    return wanted


def _shares(
    session: Session, *, holds: Sequence[HoldRow], spent: Mapping[int, int], living: Mapping[int, int]
) -> list[Share]:
    """Divide each hold over its lots: those taken first are spent first, later ones go back."""
    parts = parts_of(session, hold_ids=spent)
    return [
        share
        for hold in holds
        for share in _shares_of(
            parts[hold.id], account_id=living.get(hold.account_id, hold.account_id), spent=spent[hold.id]
        )
    ]


def _shares_of(parts: Sequence[HeldPart], *, account_id: int, spent: int) -> list[Share]:
    """Divide one hold over its lots in the order of taking."""
    shares = []
    for part in parts:
        used = min(spent, part.units)
        spent -= used
        shares.append(Share(part, account_id, used, part.units - used))
    return shares


def _value_side(holds: Sequence[HoldRow], *, spent: Mapping[int, int], living: Mapping[int, int]) -> list[ValueLine]:
    """Return the value side: held units are redeemed, the rest goes back to its bearer."""
    lines = [ValueLine(AccountKey(Role.HELD, hold.unit_id), hold.unit_id, hold.units) for hold in holds]
    lines += [ValueLine(AccountKey(Role.REDEEMED, hold.unit_id), hold.unit_id, -spent[hold.id]) for hold in holds]
    return lines + [
        ValueLine(living.get(hold.account_id, hold.account_id), hold.unit_id, spent[hold.id] - hold.units)
        for hold in holds
    ]


def _count_captured(session: Session, *, shares: Sequence[Share], released: Released) -> None:
    """Keep, with each lot of the holds, what was spent of it and the money that carried."""
    rows = [
        {
            "of_hold": share.part.hold_id,
            "at_seq": share.part.seq,
            "spent": share.spent,
            "spent_minor": released.spent_minor[share.part.lot_id],
        }
        for share in shares
        if share.spent
    ]
    if rows:
        session.connection().execute(_COUNT_CAPTURED, rows)
