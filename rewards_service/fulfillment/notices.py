"""The recipient is told what became of an order; what it opens is never in the message."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.delivery.kinds import is_clean
from rewards_service.delivery.operations import queue_message
from rewards_service.identity.models import Member
from rewards_service.identity.queries import living_member, members_of_person, reachable_at
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.errors import Refusal
from rewards_service.orders.models import Order
from rewards_service.orders.operations import LockedOrder
from rewards_service.orders.policy import OrderState
from rewards_service.orders.timeline import Event, EventView, new_event, record_events
from rewards_service.programs.models import Program

READY, FAILED = "order_ready", "order_failed"
TEMPLATES: dict[OrderState, tuple[str, ...]] = {
    OrderState.COMPLETE: (READY,),
    OrderState.PARTIAL: (READY, FAILED),
    OrderState.FAILED: (FAILED,),
}
"""What is said when an order comes to rest: once, however many lines it has. Of other states nobody is told."""


def send_notices(session: Session, *, program: Program, locked: LockedOrder, now: datetime) -> None:
    """File what is to be said about an order that has just come to rest; nobody is told where no address is known.

    The order's own recipient goes first, then the member who placed it; email before telephone. A message that cannot
    be filed keeps nobody from his reward: the timeline says so instead.
    """
    templates = TEMPLATES.get(OrderState(locked.order.state), ())
    if not templates:
        return
    order = locked.order
    members = _members(session, order=order)
    address = _address(order, members=members)
    if address is None:
        return
    context = _context(locked, name=order.recipient_name or next((member.name for member in members), None))
    events = [
        _send(session, program=program, order=order, template=template, address=address, context=context, now=now)
        for template in templates
    ]
    record_events(session, order_id=order.id, events=events)


def _send(
    session: Session,
    *,
    program: Program,
    order: Order,
    template: str,
    address: tuple[str, str],
    context: dict[str, object],
    now: datetime,
) -> EventView:
    """File one message and return what the timeline says about it."""
    channel, to = address
    try:
        message = queue_message(
            session,
            organization_id=program.organization_id,
            program=program,
            channel=channel,
            to=to,
            template=template,
            context=context,
            locale=order.locale,
            now=now,
            about_type="order",
            about_id=order.public_id,
            reference=f"{template}:{order.public_id}",
        )
    except Refusal as refusal:
        return new_event(Event.MESSAGE_REFUSED, actor=SYSTEM, now=now, template=template, reason=refusal.code)
    return new_event(Event.MESSAGE_QUEUED, actor=SYSTEM, now=now, template=template, message=message.public_id)


def _context(locked: LockedOrder, *, name: str | None) -> dict[str, object]:
    """Return what a message is told: the order, what it was if that is one thing, and a usable name to greet by."""
    context: dict[str, object] = {"order": locked.order.public_id}
    titles = {line.title for line in locked.lines}
    if len(titles) == 1:
        context["title"] = titles.pop()
    if name and is_clean(name):
        context["name"] = name
    return context


def _members(session: Session, *, order: Order) -> list[Member]:
    """Return the member whose order it is, then those who were merged into that member; none for a guest's."""
    if order.member_id is None:
        return []
    kept = living_member(session, member=session.get_one(Member, order.member_id))
    return members_of_person(session, member_id=kept.id)


def _address(order: Order, *, members: Sequence[Member]) -> tuple[str, str] | None:
    """Return channel and address of whom to tell, if anybody."""
    own = (("email", order.recipient_email), ("sms", order.recipient_phone))
    return next(((channel, to) for channel, to in own if to), None) or reachable_at(members)
