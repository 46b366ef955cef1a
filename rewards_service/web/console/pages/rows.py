"""Rows of the console's lists: orders, codes, messages, jobs, each with the words of its state."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.codes.queries import CodeView
from rewards_service.delivery.models import Message
from rewards_service.delivery.policy import MessageState
from rewards_service.identity.models import Member
from rewards_service.kit.jobs import JobState
from rewards_service.kit.jobs.models import Job
from rewards_service.orders.policy import OrderState
from rewards_service.orders.views import OrderView
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.queries import value_unit
from rewards_service.programs.telling import programs_by_key
from rewards_service.web.console.words import CHANNELS, CODES, JOB_NAMES, JOBS, MESSAGE_KINDS, MESSAGES
from rewards_service.web.formatting import value
from rewards_service.web.i18n import _
from rewards_service.web.shop.order_pages import titles_of
from rewards_service.web.shop.statement import short_reference
from rewards_service.web.shop.words import ORDERS

RETRYABLE = frozenset({JobState.DEAD, JobState.UNKNOWN})
CANCELLABLE = frozenset({JobState.DEAD, JobState.UNKNOWN, JobState.PENDING})


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of a list."""

    order_id: str
    short_reference: str
    title: str
    placed_at: datetime
    by: str
    sign: str
    state_name: str
    total: str


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code of a list; all that is shown of it are its last four symbols."""

    public_id: str
    last4: str
    sent_to: str
    sign: str
    state_name: str
    expires_at: datetime | None
    units: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message of a list."""

    public_id: str
    kind_name: str
    channel_name: str
    recipient: str
    created_at: datetime
    sign: str
    state_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job of a list, and what may be done about it."""

    id: int
    kind: str
    kind_name: str
    sign: str
    state_name: str
    reason: str
    created_at: datetime
    run_at: datetime | None
    attempts: int
    done: int
    total: int | None
    can_retry: bool
    can_cancel: bool


def order_rows(session: Session, orders: Sequence[OrderView]) -> list[OrderRow]:
    """Return orders as rows, with who placed each."""
    member_ids = {order.member_id for order in orders if order.member_id is not None}
    found = select(Member.id, Member.name).where(Member.id.in_(member_ids))
    names = {member_id: name for member_id, name in session.execute(found)}  # noqa: C416 — a Result is no mapping
    programs = programs_by_key(session, program_ids={order.program_id for order in orders})
    return [_order_row(order, programs[order.program_id], by=names.get(order.member_id or 0, "")) for order in orders]


def code_rows(session: Session, views: Sequence[CodeView]) -> list[CodeRow]:
    """Return codes as rows, with whom each was sent to last."""
    addresses = _sent_to(session, [view.code.public_id for view in views])
    return [
        CodeRow(
            view.code.public_id,
            view.code.last4,
            addresses.get(view.code.public_id, ""),
            CODES[view.state].sign,
            str(CODES[view.state].name),
            view.code.expires_at,
            view.value.usable_units,
            session.get_one(Unit, view.code.unit_id),
        )
        for view in views
    ]


def message_rows(messages: Iterable[Message]) -> list[MessageRow]:
    """Return messages as rows."""
    return [
        MessageRow(
            message.public_id,
            str(MESSAGE_KINDS.get(message.kind, message.kind)),
            str(CHANNELS[message.channel]),
            message.recipient,
            message.created_at,
            MESSAGES[MessageState(message.state)].sign,
            str(MESSAGES[MessageState(message.state)].name),
            message.reason or "",
        )
        for message in messages
    ]


def job_rows(jobs: Iterable[Job], *, may_manage: bool) -> list[JobRow]:
    """Return jobs as rows, with what the worker may do about each."""
    return [
        JobRow(
            job.id,
            job.kind,
            str(JOB_NAMES.get(job.kind, job.kind)),
            JOBS[JobState(job.state)].sign,
            str(JOBS[JobState(job.state)].name),
            job.reason or "",
            job.created_at,
            job.run_at,
            job.attempts,
            job.done,
            job.total,
            may_manage and job.state in RETRYABLE,
            may_manage and job.state in CANCELLABLE,
        )
        for job in jobs
    ]


def _sent_to(session: Session, code_ids: list[str]) -> dict[str, str]:
    """Return the address each code was sent to last; codes that were never sent are left out."""
    sent = select(Message.about_id, Message.recipient).where(
        Message.about_type == "code", Message.about_id.in_(code_ids)
    )
    return {code_id: recipient for code_id, recipient in session.execute(sent.order_by(Message.id))}  # noqa: C416 — a Result is no mapping


def _order_row(order: OrderView, program: Program, *, by: str) -> OrderRow:
    """Return one order as a row."""
    words = ORDERS[OrderState(order.state)]
    return OrderRow(
        order.public_id,
        short_reference(order.public_id),
        titles_of(order.lines),
        order.placed_at,
        by or str(_("a guest with codes")),
        words.sign,
        str(words.name),
        value(order.total_units, value_unit(program, name=order.unit)),
    )
