"""Claims about holds, and about the order lines and codes that they are for: 10 to 13."""

from typing import Any

from sqlalchemy import Select, case, func, or_, select, union_all
from sqlalchemy.orm import aliased

from rewards_service.codes.models import Code
from rewards_service.codes.policy import CodeState
from rewards_service.finance.verify.check import NOW, Check, Statements, by_statements
from rewards_service.finance.verify.lots import differs_from_held
from rewards_service.ledger.chart import Role
from rewards_service.ledger.models import Account, Entry, Hold, HoldLot, Lot
from rewards_service.ledger.policy import HoldState
from rewards_service.ledger.queries.signed import sides
from rewards_service.orders.models import OrderLine, OrderTender
from rewards_service.orders.policy import LineState

_PENDING = Hold.state == HoldState.PENDING.value
_CAPTURED = Hold.state == HoldState.CAPTURED.value
_GONE = [CodeState.REPLACED.value, CodeState.CLAIMED.value]
_LIVE = [LineState.HELD.value, LineState.ISSUING.value, LineState.UNCERTAIN.value]


def _holds_resolve_once() -> Statements:
    """Select holds that their lots, their state or their resolving entry contradict."""
    lots = (
        select(HoldLot.hold_id, func.sum(HoldLot.units).label("units"), func.sum(HoldLot.captured).label("captured"))
        .group_by(HoldLot.hold_id)
        .subquery()
    )
    torn = (
        select(Hold.id.label("hold_id"), Hold.units, Hold.state, Hold.captured_units, lots.c.units, lots.c.captured)
        .join(lots, lots.c.hold_id == Hold.id, isouter=True)
        .where(
            or_(
                func.coalesce(lots.c.units, 0) != Hold.units,
                func.coalesce(lots.c.captured, 0) != Hold.captured_units,
                Hold.resolved_entry_id.is_(None) != _PENDING,
                ~_CAPTURED & (Hold.captured_units != 0),
            )
        )
    )
    pending = select(Hold.unit_id, Hold.units.label("units")).where(_PENDING)
    return [torn, _captures_not_posted(), differs_from_held(pending)]


def _captures_not_posted() -> Select[*tuple[Any, ...]]:
    """Select resolving entries that redeemed something else than their holds' captured units."""
    side = sides()
    parts = union_all(
        select(Hold.resolved_entry_id.label("entry_id"), Hold.captured_units.label("units")).where(
            Hold.resolved_entry_id.is_not(None)
        ),
        select(side.c.entry_id, side.c.amount_units)
        .join(Account, Account.id == side.c.account_id)
        .join(Entry, Entry.id == side.c.entry_id)
        .where(Account.role == Role.REDEEMED.value, Entry.kind.in_(["capture", "void"])),
    ).subquery()
    total = func.sum(parts.c.units)
    return select(parts.c.entry_id, total.label("too_many_units")).group_by(parts.c.entry_id).having(total != 0)


def _refunds_within_captures() -> Statements:
    """Select more refunded than captured, or captured than held; and captured money that the entry did not release."""
    parts = select(HoldLot.hold_id, HoldLot.seq, HoldLot.units, HoldLot.captured, HoldLot.refunded)
    too_much = parts.where(
        or_(HoldLot.refunded > HoldLot.captured, HoldLot.captured > HoldLot.units, HoldLot.refunded < 0)
    )
    refunded = func.sum(HoldLot.refunded)
    uncounted = (
        select(Hold.id.label("hold_id"), Hold.refunded_units, refunded.label("lots_refunded"))
        .join(HoldLot, HoldLot.hold_id == Hold.id)
        .group_by(Hold.id, Hold.refunded_units)
        .having(refunded != Hold.refunded_units)
    )
    return [too_much, uncounted, _captured_money_not_posted()]


def _captured_money_not_posted() -> Select[*tuple[Any, ...]]:
    """Select captures whose lots carried other money than was released, but for what a new rate freed on the way."""
    side = sides()
    roles = [Role.REWARD_LIABILITY.value, Role.COST_RATE_CHANGE.value]
    parts = union_all(
        select(Hold.resolved_entry_id.label("entry_id"), (-HoldLot.captured_minor).label("minor"))
        .join(HoldLot, HoldLot.hold_id == Hold.id)
        .where(_CAPTURED),
        select(side.c.entry_id, side.c.amount_units)
        .join(Account, Account.id == side.c.account_id)
        .join(Entry, Entry.id == side.c.entry_id)
        .where(Account.role.in_(roles), Entry.kind == "capture"),
    ).subquery()
    total = func.sum(parts.c.minor)
    return select(parts.c.entry_id, total.label("too_much_minor")).group_by(parts.c.entry_id).having(total != 0)


def _lines_match_their_holds() -> Statements:
    """Select order lines whose state is not what became of the value that pays for them."""
    pending = func.sum(case((_PENDING, 1), else_=0))
    kept = func.sum(Hold.captured_units - Hold.refunded_units)
    fits = case(
        (OrderLine.state.in_(_LIVE), pending == func.count()),
        (OrderLine.state == LineState.ISSUED.value, (pending == 0) & (kept > 0)),
        else_=(pending == 0) & (kept == 0),
    )
    torn = (
        select(OrderLine.id.label("order_line_id"), OrderLine.state, pending.label("pending"), kept.label("kept_units"))
        .join(OrderTender, OrderTender.order_line_id == OrderLine.id)
        .join(Hold, Hold.id == OrderTender.hold_id)
        .group_by(OrderLine.id, OrderLine.state)
        .having(~fits)
    )
    unpaid = select(OrderLine.id.label("order_line_id"), OrderLine.state).where(
        ~select(OrderTender.seq).where(OrderTender.order_line_id == OrderLine.id).exists()
    )
    return [torn, unpaid]


def _gone_codes_are_empty() -> Statements:
    """Select handles that are gone and still hold value, and moved value that came from somebody else."""
    kept = (
        select(Code.id.label("code_id"), Code.state, Lot.id.label("lot_id"), Lot.units_available)
        .join(Lot, Lot.account_id == Code.account_id)
        .where(Code.state.in_(_GONE), Lot.is_open, Lot.expires_at.is_(None) | (Lot.expires_at > NOW))
    )
    parent, side = aliased(Lot), sides()
    debited = select(side.c.entry_id).where(
        side.c.entry_id == Lot.entry_id, side.c.account_id == parent.account_id, side.c.amount_units > 0
    )
    foreign = (
        select(Lot.id.label("lot_id"), Lot.parent_lot_id, Lot.entry_id)
        .join(parent, parent.id == Lot.parent_lot_id)
        .join(Entry, Entry.id == Lot.entry_id)
        .where(Entry.kind == "transfer", ~debited.exists())
    )
    return [kept, foreign]


CHECKS = (
    Check(10, "each hold is resolved once, and what is open is what is set aside", by_statements(_holds_resolve_once)),
    Check(11, "no more is refunded than was captured, nor captured than held", by_statements(_refunds_within_captures)),
    Check(12, "each order line is paid for as its state says", by_statements(_lines_match_their_holds)),
    Check(
        13,
        "codes that are gone are empty, and value comes from whom it was taken",
        by_statements(_gone_codes_are_empty),
    ),
)
