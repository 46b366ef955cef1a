"""Reads of orders, always within a program or organization, and for shops within what their holder may know of."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from rewards_service.codes.models import Code
from rewards_service.identity.models import Member
from rewards_service.ledger.models import Hold
from rewards_service.ledger.policy import HoldState
from rewards_service.orders.errors import LineNotFound, OrderNotFound
from rewards_service.orders.models import Basket, BasketLine, Order, OrderEvent, OrderLine, OrderTender
from rewards_service.orders.requests import WantedLine
from rewards_service.orders.timeline import EventView
from rewards_service.orders.views import LineView, OrderView, TenderView
from rewards_service.programs.models import Program, Unit
from rewards_service.wallets.models import Wallet

ORDERS_LISTED_MAX = 200
TIMELINE_MAX = 1_000
LINE_NUMBER_MAX = 9_999
"""More than any order has; a database does not even compare with a number that its column cannot hold."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose orders may be seen: a member's (also as merged ones), or those all of whose codes a guest has shown."""

    member_id: int | None = None
    account_ids: Collection[int] = ()


def order_by_reference(
    session: Session, *, organization_id: int, reference: str, program_id: int | None = None
) -> Order:
    """Return the organization's order of that public id; with ``program_id`` also by its external id there.

    Raises:
        OrderNotFound: there is none.
    """
    is_named = Order.public_id == reference
    if program_id is not None:
        is_named |= Order.external_id == reference
    query = select(Order).where(Order.organization_id == organization_id, is_named)
    if program_id is not None:
        query = query.where(Order.program_id == program_id)
    found = session.scalar(query.order_by(Order.id).limit(1))
    if found is None:
        raise OrderNotFound
    return found


def order_of_holder(session: Session, *, program_id: int, holder: Holder, public_id: str) -> Order:
    """Return the holder's order of that public id.

    Raises:
        OrderNotFound: there is none, or it is another's.
    """
    found = session.scalar(_orders_of(holder, program_id=program_id).where(Order.public_id == public_id))
    if found is None:
        raise OrderNotFound
    return found


def orders_of_holder(
    session: Session, *, program_id: int, holder: Holder, before_id: int | None = None, limit: int = 50
) -> list[Order]:
    """Return the holder's orders, newest first, at most ``ORDERS_LISTED_MAX``; ``before_id`` begins the next page."""
    return _page(session, _orders_of(holder, program_id=program_id), before_id=before_id, limit=limit)


def orders_of_organization(
    session: Session,
    *,
    organization_id: int,
    program_id: int | None = None,
    state: str | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Order]:
    """Return an organization's orders, newest first, at most ``ORDERS_LISTED_MAX``."""
    query = select(Order).where(Order.organization_id == organization_id)
    if program_id is not None:
        query = query.where(Order.program_id == program_id)
    if state is not None:
        query = query.where(Order.state == state)
    return _page(session, query, before_id=before_id, limit=limit)


def order_view(session: Session, *, order: Order) -> OrderView:
    """Return the whole order, with its shares and its timeline, in as many statements as ``order_views``."""
    return order_views(session, orders=[order])[0]


def order_views(session: Session, *, orders: Sequence[Order], with_timeline: bool = True) -> list[OrderView]:
    """Return whole orders, in the order given, in as many statements as one."""
    order_ids = [order.id for order in orders]
    tenders = _tenders_by_line(session, order_ids=order_ids)
    lines: dict[int, list[LineView]] = {}
    rows = session.execute(
        select(OrderLine, Unit)
        .join(Unit, Unit.id == OrderLine.unit_id)
        .where(OrderLine.order_id.in_(order_ids))
        .order_by(OrderLine.order_id, OrderLine.number)
    )
    for line, unit in rows:
        lines.setdefault(line.order_id, []).append(_line_view(line, unit=unit.api_name, tenders=tenders[line.id]))
    timeline = _timelines(session, order_ids=order_ids) if with_timeline else {}
    owners = _owners(session, order_ids=order_ids)
    return [
        _view(order, owner=owners[order.id], lines=lines[order.id], timeline=timeline.get(order.id, []))
        for order in orders
    ]


def line_by_number(session: Session, *, order: Order, number: int) -> OrderLine:
    """Return the line of that number.

    Raises:
        LineNotFound: the order has none.
    """
    if number > LINE_NUMBER_MAX:
        raise LineNotFound
    found = session.scalar(select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.number == number))
    if found is None:
        raise LineNotFound
    return found


def basket_of(session: Session, *, program_id: int, holder_key: str) -> list[WantedLine]:
    """Return what is in somebody's basket, in the order it was put there; nothing where there is none."""
    basket_id = session.scalar(
        select(Basket.id).where(Basket.program_id == program_id, Basket.holder_key == holder_key)
    )
    return [] if basket_id is None else basket_lines(session, basket_id=basket_id)


def basket_lines(session: Session, *, basket_id: int) -> list[WantedLine]:
    """Return what is in a basket, in the order it was put there."""
    kept = session.scalars(select(BasketLine).where(BasketLine.basket_id == basket_id).order_by(BasketLine.id))
    return [WantedLine(line.item_public_id, line.face_value_minor, line.quantity) for line in kept]


def _page(session: Session, query: Select[Order], *, before_id: int | None, limit: int) -> list[Order]:
    """Return one page, newest first."""
    if before_id is not None:
        query = query.where(Order.id < before_id)
    return list(session.scalars(query.order_by(Order.id.desc()).limit(min(limit, ORDERS_LISTED_MAX))))


def _orders_of(holder: Holder, *, program_id: int) -> Select[Order]:
    """Return the statement that finds what a holder may know of, and nothing else."""
    query = select(Order).where(Order.program_id == program_id)
    if holder.member_id is not None:
        is_one = or_(Member.id == holder.member_id, Member.merged_into_id == holder.member_id)
        return query.where(Order.member_id.in_(select(Member.id).where(is_one)))
    paid = select(OrderTender).join(OrderLine, OrderLine.id == OrderTender.order_line_id)
    paid = paid.where(OrderLine.order_id == Order.id)
    shown = OrderTender.account_id.in_(holder.account_ids)
    return query.where(Order.member_id.is_(None), exists(paid.where(shown)), ~exists(paid.where(~shown)))


def _owners(session: Session, *, order_ids: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    """Return the public ids of each order's program and member; no member: a guest's."""
    rows = session.execute(
        select(Order.id, Program.public_id, Member.public_id)
        .join(Program, Program.id == Order.program_id)
        .outerjoin(Member, Member.id == Order.member_id)
        .where(Order.id.in_(order_ids))
    )
    return {order_id: (program, member) for order_id, program, member in rows}


def _tenders_by_line(session: Session, *, order_ids: Sequence[int]) -> dict[int, list[TenderView]]:
    """Return the shares of every line of these orders."""
    rows = session.execute(
        select(OrderTender, Unit, Hold, Wallet.public_id, Code.public_id, Code.last4)
        .join(OrderLine, OrderLine.id == OrderTender.order_line_id)
        .join(Hold, Hold.id == OrderTender.hold_id)
        .join(Unit, Unit.id == OrderTender.unit_id)
        .outerjoin(Wallet, Wallet.id == OrderTender.wallet_id)
        .outerjoin(Code, Code.id == OrderTender.code_id)
        .where(OrderLine.order_id.in_(order_ids))
        .order_by(OrderTender.order_line_id, OrderTender.seq)
    )
    views: dict[int, list[TenderView]] = {}
    for tender, unit, hold, wallet_reference, code_reference, last4 in rows:
        view = TenderView(
            reference=wallet_reference or code_reference,
            last4=last4 or "",
            unit=unit.api_name,
            units=tender.units,
            returned_units=_returned(hold),
        )
        views.setdefault(tender.order_line_id, []).append(view)
    return views


def _returned(hold: Hold) -> int:
    """Return the units of a hold that are back with their bearer."""
    if hold.state == HoldState.PENDING.value:
        return 0
    return hold.units - hold.captured_units + hold.refunded_units


def _timelines(session: Session, *, order_ids: Iterable[int]) -> dict[int, list[EventView]]:
    """Return what happened to each order, oldest first."""
    events = session.scalars(
        select(OrderEvent).where(OrderEvent.order_id.in_(order_ids)).order_by(OrderEvent.id).limit(TIMELINE_MAX)
    )
    timelines: dict[int, list[EventView]] = {}
    for event in events:
        view = EventView(event.at, event.actor, event.event, event.line_number, event.detail)
        timelines.setdefault(event.order_id, []).append(view)
    return timelines


def _line_view(line: OrderLine, *, unit: str, tenders: Sequence[TenderView]) -> LineView:
    """Return a line as it is shown."""
    return LineView(
        id=line.id,
        number=line.number,
        item_id=line.item_public_id,
        kind=line.kind,
        title=line.title,
        face_value_minor=line.face_value_minor,
        currency=line.currency,
        price_units=line.price_units,
        unit=unit,
        margin_bp=line.margin_bp,
        rate_units=line.rate_units,
        rate_minor=line.rate_minor,
        details=line.details,
        state=line.state,
        state_reason=line.state_reason,
        refunded_face_minor=line.refunded_face_minor,
        revealed_at=line.revealed_at,
        tenders=tenders,
    )


def _view(
    order: Order, *, owner: tuple[str, str | None], lines: Sequence[LineView], timeline: Sequence[EventView]
) -> OrderView:
    """Return an order as it is shown; ``owner`` holds the public ids of its program and member."""
    program_reference, member_reference = owner
    return OrderView(
        id=order.id,
        public_id=order.public_id,
        external_id=order.external_id,
        program_id=order.program_id,
        program_reference=program_reference,
        member_id=order.member_id,
        member_reference=member_reference,
        state=order.state,
        unit=lines[0].unit,
        total_units=sum(line.price_units for line in lines),
        recipient_name=order.recipient_name,
        recipient_email=order.recipient_email,
        recipient_phone=order.recipient_phone,
        placed_at=order.placed_at,
        lines=lines,
        timeline=timeline,
    )
