"""What features and people do with messages: file, send again, report."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.delivery.errors import MessageNotResendable
from rewards_service.delivery.kinds import kind_named, require_clean, require_context
from rewards_service.delivery.models import Message, MessageReceipt
from rewards_service.delivery.policy import UNDER_WAY, Channel, MessageState, ReceiptKind, may_move
from rewards_service.delivery.recipients import require_recipient
from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import record_audit
from rewards_service.kit.ids import new_public_id
from rewards_service.kit.jobs import enqueue
from rewards_service.kit.scrubbing import scrub_text
from rewards_service.programs.models import Program

JOBS = {Channel.EMAIL: "delivery.send_email", Channel.SMS: "delivery.send_sms"}
DETAIL_LENGTH_MAX = 500


def queue_message(
    session: Session,
    *,
    organization_id: int,
    program: Program,
    channel: str,
    to: str,
    template: str,
    context: dict[str, Any],
    locale: str,
    now: datetime,
    about_type: str,
    about_id: str,
    reference: str,
    send_at: datetime | None = None,
) -> Message:
    """File a message in the caller's transaction; a job sends it after the commit, at ``send_at`` at the earliest.

    ``template`` is a name of ``kinds.KINDS``, whose fields ``context`` fills with references and plain facts, never
    with a secret. ``reference`` names the fact it tells: filed again, the first message is returned.

    Raises:
        RecipientUnusable: nothing can be sent to ``to``.
        TextUnusable: a text that people wrote, or the program's name, cannot stand in a message.
        MessageContextError: the kind or its context is wrong: a slip in the program.
    """
    travels_by = Channel(channel)
    require_context(kind_named(template, channel=travels_by), context)
    require_clean(program.name, field_name="program_name")
    recipient = require_recipient(to, channel=travels_by)
    if (filed := _filed(session, organization_id=organization_id, reference=reference)) is not None:
        return filed
    message = _new_message(
        organization_id=organization_id,
        program_id=program.id,
        channel=travels_by.value,
        recipient=recipient,
        kind=template,
        context=context,
        locale=locale,
        reference=reference,
        about_type=about_type,
        about_id=about_id,
        scheduled_for=send_at,
        now=now,
    )
    session.add(message)
    _file_job(session, message, run_at=send_at, now=now)
    return message


def resend_message(
    session: Session, *, message: Message, actor: Actor, now: datetime, to: str | None = None
) -> Message:
    """Send a message again: to the same recipient as the same message, or to another one as a message of its own.

    Links and codes are made anew from the same references, so both copies work for as long as those do; whoever wants
    the first to die reissues the code instead. Audited.

    Raises:
        MessageNotResendable: it is under way, its words were wiped, or the recipient complained.
        RecipientUnusable: nothing can be sent to ``to``.
    """
    elsewhere = None if to is None else require_recipient(to, channel=Channel(message.channel))
    if message.wiped_at is not None:
        raise MessageNotResendable("The words of this message were wiped.")
    is_elsewhere = elsewhere is not None and elsewhere != message.recipient
    again = _copy(session, message, to=elsewhere, now=now) if is_elsewhere and elsewhere else _requeued(message)
    _file_job(session, again, run_at=None, now=now)
    record_audit(
        session,
        organization_id=message.organization_id,
        actor=actor,
        action="message.resent",
        object_type="message",
        object_id=message.public_id,
        now=now,
        detail={"as": again.public_id, "to_another_recipient": is_elsewhere},
    )
    return again


def record_receipt(
    session: Session,
    *,
    message: Message,
    kind: ReceiptKind,
    reference: str,
    detail: str,
    occurred_at: datetime,
    now: datetime,
) -> MessageReceipt:
    """Record what the other side reported; the same report counts once, and one that comes late changes no later state.

    ``reference`` is the reporter's own id of the report.
    """
    known = session.scalar(
        select(MessageReceipt).where(
            MessageReceipt.message_id == message.id,
            MessageReceipt.kind == kind,
            MessageReceipt.reference == reference,
        )
    )
    if known is not None:
        return known
    receipt = MessageReceipt(
        message_id=message.id,
        kind=kind.value,
        reference=reference,
        detail=scrub_text(detail)[:DETAIL_LENGTH_MAX],
        occurred_at=occurred_at,
        recorded_at=now,
    )
    session.add(receipt)
    reported = MessageState(kind.value)
    if may_move(MessageState(message.state), reported):
        message.state, message.reason = reported.value, receipt.detail or None
        message.is_retryable = reported == MessageState.BOUNCED
    session.flush()
    return receipt


def _filed(session: Session, *, organization_id: int, reference: str) -> Message | None:
    """Return the message that tells the fact already."""
    return session.scalar(
        select(Message).where(Message.organization_id == organization_id, Message.reference == reference)
    )


def _requeued(message: Message) -> Message:
    """Put a message back into the queue."""
    state = MessageState(message.state)
    if state in UNDER_WAY:
        raise MessageNotResendable("This message is on its way already.")
    if not may_move(state, MessageState.QUEUED):
        raise MessageNotResendable("The recipient does not want this message.")
    message.state, message.reason = MessageState.QUEUED.value, None
    return message


def _copy(session: Session, message: Message, *, to: str, now: datetime) -> Message:
    """Return a new message with the same words for another recipient."""
    copy = _new_message(
        organization_id=message.organization_id,
        program_id=message.program_id,
        channel=message.channel,
        recipient=to,
        kind=message.kind,
        context={name: value for name, value in message.context.items() if name != "name"},
        locale=message.locale,
        about_type=message.about_type,
        about_id=message.about_id,
        repeat_of_id=message.id,
        now=now,
    )
    copy.reference = f"repeat:{copy.public_id}"
    session.add(copy)
    return copy


def _new_message(*, now: datetime, scheduled_for: datetime | None = None, **columns: Any) -> Message:  # noqa: ANN401 — the columns of its table
    """Return a message that waits to be sent."""
    state = MessageState.QUEUED if scheduled_for is None else MessageState.SCHEDULED
    return Message(
        public_id=new_public_id("msg", now=now),
        state=state.value,
        is_retryable=False,
        scheduled_for=scheduled_for,
        created_at=now,
        **columns,
    )


def _file_job(session: Session, message: Message, *, run_at: datetime | None, now: datetime) -> None:
    """Write ``message`` and file the job that sends it."""
    session.flush()
    channel = Channel(message.channel)
    message.job_id = enqueue(
        session,
        kind=JOBS[channel],
        payload={"message_id": message.id},
        organization_id=message.organization_id,
        run_at=run_at,
        priority=kind_named(message.kind, channel=channel).priority,
        now=now,
    )
