"""One order: its lines, what paid for it, and everything that happened."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.delivery.queries import messages_about
from rewards_service.identity.models import Member
from rewards_service.orders.models import Order
from rewards_service.orders.policy import LineState, OrderState
from rewards_service.orders.queries import order_view
from rewards_service.orders.timeline import Event
from rewards_service.orders.views import LineView
from rewards_service.programs.models import Program
from rewards_service.programs.queries import value_unit
from rewards_service.web.console.pages.rows import MessageRow, message_rows
from rewards_service.web.console.timelines import deeds, in_order, messages
from rewards_service.web.console.workers import Worker
from rewards_service.web.formatting import value
from rewards_service.web.shop.items import kind_name
from rewards_service.web.shop.order_pages import Step, TenderLine, timeline_of
from rewards_service.web.shop.statement import short_reference
from rewards_service.web.shop.words import LINES, ORDERS

AUDITED = frozenset({Event.CANCELLED, Event.LINE_REVEALED, Event.MESSAGE_QUEUED})
"""Events of which the audit trail or the message itself says more."""


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of an order; never what opens it."""

    number: int
    title: str
    kind_name: str
    sign: str
    state_name: str
    note: str
    face_value_minor: int
    currency: str
    price: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Everything the page of an order says."""

    public_id: str
    short_reference: str
    program_name: str
    sign: str
    state_name: str
    placed_at: datetime
    member: Member | None
    lines: list[LineRow]
    tenders: list[TenderLine]
    messages: list[MessageRow]
    timeline: list[Step]
    can_cancel: bool


def console_order_page(session: Session, *, worker: Worker, order: Order) -> OrderPage:
    """Return the page of ``order`` with the actions that its state and the worker's roles allow."""
    view, program = order_view(session, order=order), session.get_one(Program, order.program_id)
    sent = messages_about(session, organization_id=order.organization_id, about_type="order", about_id=order.public_id)
    done = deeds(session, organization_id=order.organization_id, object_type="order", object_id=order.public_id)
    words = ORDERS[OrderState(view.state)]
    may_cancel = worker.grant.may_in(order.program_id, "orders.write") and view.state == OrderState.PROCESSING
    return OrderPage(
        public_id=view.public_id,
        short_reference=short_reference(view.public_id),
        program_name=program.name,
        sign=words.sign,
        state_name=str(words.name),
        placed_at=view.placed_at,
        member=session.get_one(Member, view.member_id) if view.member_id is not None else None,
        lines=[_line(line, program) for line in view.lines],
        tenders=[TenderLine(each.last4, value_unit(program, name=each.unit), each.units) for each in view.tenders],
        messages=message_rows(reversed(sent)),
        timeline=in_order(timeline_of(view, without=AUDITED), done, messages(sent)),
        can_cancel=may_cancel and all(line.state == LineState.HELD for line in view.lines),
    )


def _line(line: LineView, program: Program) -> LineRow:
    """Return one line with the words of its state."""
    words = LINES[LineState(line.state)]
    return LineRow(
        line.number,
        line.title,
        kind_name(line.kind),
        words.sign,
        str(words.name),
        line.state_reason or "",
        line.face_value_minor,
        line.currency,
        value(line.price_units, value_unit(program, name=line.unit)),
    )
