"""What was captured is given back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from rewards_service.ledger.balances import change_balances
from rewards_service.ledger.chart import AccountKey, Role
from rewards_service.ledger.entries import MoneyLine, Source, ValueLine, post_entry
from rewards_service.ledger.errors import RefundExceedsCapture
from rewards_service.ledger.models import Hold, HoldLot
from rewards_service.ledger.operations.resolving import (
    HeldPart,
    HoldRow,
    Share,
    give_back,
    lock_holds,
    parts_of,
    units_by_account,
)
from rewards_service.ledger.operations.sides import closing_lines, liabilities
from rewards_service.ledger.policy import HoldState, share_of
from rewards_service.programs.models import Program

_COUNT_PART = (
    update(HoldLot)
    .where(HoldLot.hold_id == bindparam("of_hold"), HoldLot.seq == bindparam("at_seq"))
    .values(refunded=HoldLot.refunded + bindparam("back"))
)
_COUNT_HOLD = (
    update(Hold).where(Hold.id == bindparam("of_hold")).values(refunded_units=Hold.refunded_units + bindparam("back"))
)


def refund_capture(
    session: Session,
    *,
    program: Program,
    line_ref: str,
    source: Source,
    recovered: Sequence[MoneyLine],
    now: datetime,
    units: Mapping[int, int] | None = None,
    living: Mapping[int, int] | None = None,
) -> int:
    """Give captured value back in reverse order of capture and return the entry's key.

    ``source`` names this refund of the line; ``recovered`` is the money side without the liability: what the capture
    credited, now debited. ``units`` per hold (none: all that is left). ``living`` maps an account that is gone (its
    code was merged, passed on or reissued) to the one in its place.

    Raises:
        HoldAlreadyResolved: nothing was captured for the line.
        RefundExceedsCapture: more was asked for than is left of the capture.
        AlreadyPosted: ``source`` was refunded before.
    """
    holds = lock_holds(session, program=program, line_ref=line_ref, state=HoldState.CAPTURED)
    wanted = {hold.id: _refundable(hold, units=units) for hold in holds}
    if not any(wanted.values()):
        raise RefundExceedsCapture
    shares = _shares(session, holds=holds, wanted=wanted, living=living or {})
    change_balances(session, units_by_account(shares))
    old_minor = {share.part.lot_id: _carried(share) for share in shares}
    effect = give_back(session, program=program, shares=shares, old_minor=old_minor, now=now)
    money = [*recovered, *liabilities(program, effect=effect)]
    entry_id = post_entry(
        session,
        program=program,
        kind="refund",
        source=source,
        value=_value_side(holds, wanted=wanted, living=living or {}),
        money=[*money, *closing_lines(money, effect=effect)],
        now=now,
    )
    effect.write(session, entry_id=entry_id)
    _count_refunded(session, shares=shares, wanted=wanted)
    return entry_id


def _refundable(hold: HoldRow, *, units: Mapping[int, int] | None) -> int:
    """Return how much of a hold to refund.

    Raises:
        RefundExceedsCapture: more was asked for than is left.
    """
    left: int = hold.captured_units - hold.refunded_units
    wanted = left if units is None else units.get(hold.id, 0)
    if not 0 <= wanted <= left:
        raise RefundExceedsCapture
    return wanted


def _shares(
    session: Session, *, holds: Sequence[HoldRow], wanted: Mapping[int, int], living: Mapping[int, int]
) -> list[Share]:
    """Divide refunds over lots, last captured first, so that the holder gets the longest life back."""
    parts = parts_of(session, hold_ids=wanted)
    return [
        share
        for hold in holds
        for share in _shares_of(
            reversed(parts[hold.id]),
            account_id=living.get(hold.account_id, hold.account_id),
            wanted=wanted[hold.id],
        )
    ]


def _shares_of(parts: Iterable[HeldPart], *, account_id: int, wanted: int) -> list[Share]:
    """Divide the refund of one hold over its lots in the order given."""
    shares = []
    for part in parts:
        back = min(wanted, part.captured - part.refunded)
        wanted -= back
        if back:
            shares.append(Share(part, account_id, 0, back))
    return shares


def _carried(share: Share) -> int:
    """Return the money that the units of a refund carried when they were captured."""
    part = share.part
    return share_of(part.captured_minor, done=part.refunded, units=share.returned, of_units=part.captured)


def _value_side(holds: Sequence[HoldRow], *, wanted: Mapping[int, int], living: Mapping[int, int]) -> list[ValueLine]:
    """Return the value side: redeemed units go back to their bearers."""
    lines = [ValueLine(AccountKey(Role.REDEEMED, hold.unit_id), hold.unit_id, wanted[hold.id]) for hold in holds]
    bearers = [(living.get(hold.account_id, hold.account_id), hold) for hold in holds]
    return lines + [ValueLine(account, hold.unit_id, -wanted[hold.id]) for account, hold in bearers]


def _count_refunded(session: Session, *, shares: Sequence[Share], wanted: Mapping[int, int]) -> None:
    """Count units as refunded, on their lots' shares and on their holds, which are locked."""
    rows = [{"of_hold": share.part.hold_id, "at_seq": share.part.seq, "back": share.returned} for share in shares]
    session.connection().execute(_COUNT_PART, rows)
    holds = [{"of_hold": hold_id, "back": units} for hold_id, units in sorted(wanted.items())]
    session.connection().execute(_COUNT_HOLD, holds)
