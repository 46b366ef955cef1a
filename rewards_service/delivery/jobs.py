"""Jobs of messages: send one, wipe old words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from rewards_service.delivery.composing import Draft, compose_email, compose_sms, message_id_of
from rewards_service.delivery.kinds import KINDS
from rewards_service.delivery.links import LinkPlan, link_purpose
from rewards_service.delivery.models import Message, MessageAttempt
from rewards_service.delivery.operations import JOBS
from rewards_service.delivery.policy import CONTEXT_KEPT_FOR, Channel, MessageState, may_move
from rewards_service.gateways import Acceptance, Gateways, VendorAnswer
from rewards_service.kit.jobs import Continue, Dead, Done, JobKind, JobRun, Outcome, RetryAt, Unknown
from rewards_service.kit.jobs.policy import shorten
from rewards_service.programs.queries import program_by_id

ATTEMPTS_MAX = 12
"""With an hour between the last ones: greylisting and an afternoon without the mail server are outlived."""
SILENCES_MAX = 3
"""Each silence after the content may have been a letter that arrived: so many copies at most before a person looks."""
WIPE_CHUNK = 500
STATE_AFTER = {
    Acceptance.ACCEPTED: MessageState.SENT,
    Acceptance.PERMANENT: MessageState.FAILED,
    Acceptance.TEMPORARY: MessageState.QUEUED,
    Acceptance.UNKNOWN: MessageState.SENDING,
}
"""Where a message is after each answer of a vendor; after a silence nobody knows more, so it does not move."""
SUPERSEDED = "another job sends this message now"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one attempt to send."""

    answer: VendorAnswer
    message_id: str | None
    segments: int | None
    started_at: datetime
    duration_ms: int


def mark_sending(session: Session, jobs: Sequence[JobRun], _: datetime) -> None:
    """Show messages whose jobs were claimed as being sent."""
    waiting = [state.value for state in MessageState if may_move(state, MessageState.SENDING)]
    session.execute(
        update(Message)
        .where(Message.id.in_([job.payload["message_id"] for job in jobs]), Message.state.in_(waiting))
        .where(Message.job_id.in_([job.id for job in jobs]))
        .values(state=MessageState.SENDING.value)
    )


def prepare_draft(session: Session, job: JobRun) -> Draft | None:
    """Read everything that the message needs, its secrets included; ``None`` when another job sends it now."""
    message = session.get_one(Message, job.payload["message_id"])
    if message.job_id != job.id:
        return None
    program = program_by_id(session, program_id=message.program_id)
    kind = KINDS[message.kind]
    read = partial(_read_secret, session, job.gateways, message)
    return Draft(
        message_id=message.id,
        public_id=message.public_id,
        recipient=message.recipient,
        kind=message.kind,
        context=message.context,
        locale=message.locale,
        program_name=program.name,
        organization_name=program.organization.name,
        link=LinkPlan(
            purpose=kind.link.purpose,
            program=program.external_id,
            reference=message.context.get(kind.link.of_field, ""),
            token=read(link_purpose(kind.link.purpose), kind.link.of_field),
        ),
        secrets={variable: read(made.purpose, made.of_field) for variable, made in kind.secrets.items()},
        sent_as=message.message_id,
        now=job.claimed_at,
    )


def _read_secret(session: Session, gateways: Gateways, message: Message, purpose: str, of_field: str) -> str | None:
    """Return the secret that a field of the message names, or ``None`` where nobody offers it or nothing is named."""
    reader, reference = gateways.secrets.get(purpose), message.context.get(of_field)
    return reader(session, reference) if reader is not None and reference is not None else None


def send_email(draft: Draft | None, gateways: Gateways) -> Sent | None:
    """Compose the letter and hand it to the mail server."""
    if draft is None:
        return None
    begun = monotonic()
    answer = gateways.mail.send(compose_email(draft, gateways=gateways))
    return Sent(answer, message_id_of(draft, mail_from=gateways.mail_from), None, draft.now, _since(begun))


def send_sms(draft: Draft | None, gateways: Gateways) -> Sent | None:
    """Compose the text and hand it to the gateway."""
    if draft is None:
        return None
    begun = monotonic()
    text = compose_sms(draft, gateways=gateways)
    return Sent(gateways.sms.send(text), None, text.segments, draft.now, _since(begun))


def settle_email(session: Session, job: JobRun, sent: Sent | None, now: datetime) -> Outcome:
    """Keep the answer. Silence after the content is repeated under the same Message-ID, and counted as such.

    After ``SILENCES_MAX`` of them it is left to a person.
    """
    return _settle(session, job, sent, now, silence=partial(_repeat_letter, session, job))


def settle_sms(session: Session, job: JobRun, sent: Sent | None, now: datetime) -> Outcome:
    """Keep the answer. Silence is left to a person: a text cannot be recognised as a repeat, and each costs money."""
    return _settle(session, job, sent, now, silence=Unknown)


def give_up(session: Session, job: JobRun, reason: str, _: datetime) -> None:
    """Show a message as failed whose job died."""
    message = session.get_one(Message, job.payload["message_id"])
    if message.job_id == job.id and may_move(MessageState(message.state), MessageState.FAILED):
        message.state, message.reason, message.is_retryable = MessageState.FAILED.value, shorten(reason), True


def wipe_words(session: Session, job: JobRun, _: object, now: datetime) -> Outcome:
    """Wipe the words of one chunk of old messages."""
    old = session.scalars(
        select(Message.id)
        .where(Message.created_at <= now - CONTEXT_KEPT_FOR, Message.wiped_at.is_(None))
        .order_by(Message.id)
        .limit(WIPE_CHUNK)
    ).all()
    session.execute(update(Message).where(Message.id.in_(old)).values(context={}, wiped_at=now))
    done = job.done + len(old)
    return Continue(None, done) if len(old) == WIPE_CHUNK else Done(f"{done} messages wiped")


def _settle(
    session: Session, job: JobRun, sent: Sent | None, now: datetime, *, silence: Callable[[str], Outcome]
) -> Outcome:
    """Add the attempt, move the message, and say what is next."""
    if sent is None:
        return Done(SUPERSEDED)
    message = session.get_one(Message, job.payload["message_id"])
    answer = shorten(sent.answer.text)
    session.add(_attempt(message, sent, answer))
    message.message_id = sent.message_id
    state = STATE_AFTER[sent.answer.acceptance]
    message.state, message.reason, message.is_retryable = state.value, answer, False
    if state is MessageState.SENT:
        message.sent_at, message.reason = now, None
    outcome = _next(sent.answer, reason=answer, now=now, silence=silence)
    session.flush()
    return outcome


def _next(answer: VendorAnswer, *, reason: str, now: datetime, silence: Callable[[str], Outcome]) -> Outcome:
    """Say what follows the answer to one attempt."""
    match answer.acceptance:
        case Acceptance.ACCEPTED:
            return Done(reason, answer.status)
        case Acceptance.PERMANENT:
            return Dead(reason, answer.status)
        case Acceptance.TEMPORARY:
            wait = answer.retry_after
            return RetryAt(None if wait is None else now + wait, reason, answer.status)
        case Acceptance.UNKNOWN:
            return silence(reason)


def _repeat_letter(session: Session, job: JobRun, reason: str) -> Outcome:
    """Return what follows a silence that was just noted: another try, unless there were too many."""
    session.flush()
    silences = session.scalar(
        select(func.count(MessageAttempt.id)).where(
            MessageAttempt.message_id == job.payload["message_id"],
            MessageAttempt.outcome == Acceptance.UNKNOWN.value,
        )
    )
    return RetryAt(None, reason) if (silences or 0) < SILENCES_MAX else Unknown(reason)


def _attempt(message: Message, sent: Sent, answer: str) -> MessageAttempt:
    """Return the evidence of one attempt."""
    return MessageAttempt(
        message_id=message.id,
        outcome=sent.answer.acceptance.value,
        status=sent.answer.status,
        answer=answer,
        vendor_reference=sent.answer.reference,
        segments=sent.segments,
        started_at=sent.started_at,
        duration_ms=sent.duration_ms,
    )


def _since(begun: float) -> int:
    """Return the milliseconds since ``begun``, a moment of the monotonic clock."""
    return int((monotonic() - begun) * 1000)


_send = partial(JobKind, attempts_max=ATTEMPTS_MAX, claimed=mark_sending, prepare=prepare_draft, died=give_up)

JOB_KINDS = [
    _send(name=JOBS[Channel.EMAIL], queue="mail", perform=send_email, settle=settle_email),
    _send(name=JOBS[Channel.SMS], queue="sms", perform=send_sms, settle=settle_sms),
    JobKind(name="delivery.wipe_words", queue="bulk", attempts_max=8, settle=wipe_words),
]
