"""What staff do to members, codes, orders, messages, jobs: within their organization, their programs, their roles.

Each deed is one operation of a feature, which audits it. What belongs to others does not exist here.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.codes import operations as codes
from rewards_service.codes.models import Code
from rewards_service.codes.queries import code_by_public_id
from rewards_service.delivery import operations as delivery
from rewards_service.delivery.errors import MessageNotResendable
from rewards_service.delivery.models import Message
from rewards_service.delivery.queries import message_by_public_id, messages_about
from rewards_service.identity.queries import member_by_public_id, member_called
from rewards_service.kit import jobs
from rewards_service.kit.audit import record_audit
from rewards_service.kit.services import current_services
from rewards_service.orders import operations as orders
from rewards_service.orders.queries import order_by_reference
from rewards_service.orders.requests import WantedLine
from rewards_service.programs.models import Program
from rewards_service.web.console.pages.jobs import own_job
from rewards_service.web.console.workers import Worker


def resend_code(session: Session, *, worker: Worker, code_id: str, now: datetime) -> Message:
    """Send the last message about a code once more, to the same address.

    Raises:
        NotFound: there is no such code for this worker.
        MessageNotResendable: it was never sent, or is on its way.
    """
    code = _code(session, worker, code_id, "messages.resend")
    sent = messages_about(session, organization_id=worker.organization_id, about_type="code", about_id=code.public_id)
    if not sent:
        raise MessageNotResendable("This code was never sent by message.")
    return delivery.resend_message(session, message=sent[-1], actor=worker.actor, now=now)


def reissue_code(session: Session, *, worker: Worker, code_id: str, to: str, reason: str, now: datetime) -> str:
    """Replace a code, send the new one by mail, and return the new one's public id.

    Raises:
        NotFound: there is no such code for this worker.
        CodeStateRefused, CodeInUse: the code cannot be replaced.
        RecipientUnusable: nothing can be sent to ``to``.
    """
    code, vault = _code(session, worker, code_id, "codes.reissue"), current_services().vault
    new = codes.reissue_code(session, code=code, vault=vault, actor=worker.actor, reason=reason, now=now)
    codes.deliver_code(session, code=new.code, channel="email", to=to, vault=vault, now=now)
    return new.code.public_id


def block_code(session: Session, *, worker: Worker, code_id: str, reason: str, now: datetime) -> None:
    """Keep a code from being spent. Raises ``NotFound``, ``CodeStateRefused``."""
    code = _code(session, worker, code_id, "codes.write")
    codes.block_code(session, code=code, actor=worker.actor, reason=reason, now=now)


def unblock_code(session: Session, *, worker: Worker, code_id: str, reason: str, now: datetime) -> None:
    """Let a blocked code be spent again. Raises ``NotFound``, ``CodeStateRefused``."""
    code = _code(session, worker, code_id, "codes.write")
    codes.unblock_code(session, code=code, actor=worker.actor, reason=reason, now=now)


def merge_member(
    session: Session, *, worker: Worker, member_id: str, other: str, reason: str, now: datetime
) -> list[WantedLine]:
    """Let a member stand for another one too, who is named by id, external id, email or phone.

    Returns what was left out of their baskets made one.

    Raises:
        NotFound: there is no such member for this worker, or nobody in the program is called so.
        MergeRefused: they cannot become one.
    """
    kept = member_by_public_id(session, organization_id=worker.organization_id, public_id=member_id)
    worker.require_in(kept.program_id, "members.write")
    merged = member_called(session, program_id=kept.program_id, text=other)
    program = session.get_one(Program, kept.program_id)
    return orders.merge_members_with_baskets(
        session, program=program, kept=kept, merged=merged, reason=reason, actor=worker.actor, now=now
    )


def cancel_order(session: Session, *, worker: Worker, order_id: str, reason: str, now: datetime) -> None:
    """Take an order back.

    Raises:
        NotFound: there is no such order for this worker.
        OrderAlreadyCancelled, OrderNotCancellable: it is too late.
    """
    order = order_by_reference(session, organization_id=worker.organization_id, reference=order_id)
    worker.require_in(order.program_id, "orders.write")
    program = session.get_one(Program, order.program_id)
    orders.cancel_order(session, program=program, order=order, actor=worker.actor, reason=reason, now=now)


def resend_message(session: Session, *, worker: Worker, message_id: str, now: datetime) -> Message:
    """Send a message once more, to the same address. Raises ``NotFound``, ``MessageNotResendable``."""
    message = own_message(session, worker=worker, message_id=message_id, permission="messages.resend")
    return delivery.resend_message(session, message=message, actor=worker.actor, now=now)


def note_opened(session: Session, *, worker: Worker, message_id: str, now: datetime) -> Message:
    """Note that somebody opens the copy of a message in the outbox, and return the message. Raises ``NotFound``."""
    message = own_message(session, worker=worker, message_id=message_id, permission="messages.open")
    record_audit(
        session,
        organization_id=worker.organization_id,
        actor=worker.actor,
        action="message.opened",
        object_type="message",
        object_id=message.public_id,
        now=now,
    )
    return message


def retry_job(session: Session, *, worker: Worker, job_id: int, now: datetime) -> None:
    """Let a job be tried again. Raises ``NotFound``, ``JobNotRetryable``."""
    own_job(session, worker=worker, job_id=job_id)
    jobs.retry_job(session, job_id=job_id, actor=worker.actor, now=now)


def cancel_job(session: Session, *, worker: Worker, job_id: int, now: datetime) -> None:
    """Take a job off the list for good. Raises ``NotFound``, ``JobNotCancellable``."""
    own_job(session, worker=worker, job_id=job_id)
    jobs.cancel_job(session, job_id=job_id, actor=worker.actor, now=now)


def own_message(session: Session, *, worker: Worker, message_id: str, permission: str) -> Message:
    """Return a message of a program in which the worker holds ``permission``. Raises ``NotFound`` for any other."""
    message = message_by_public_id(session, organization_id=worker.organization_id, public_id=message_id)
    worker.require_in(message.program_id, permission)
    return message


def _code(session: Session, worker: Worker, code_id: str, permission: str) -> Code:
    """Return a code of a program in which the worker holds ``permission``. Raises ``NotFound`` for any other."""
    code = code_by_public_id(session, organization_id=worker.organization_id, public_id=code_id)
    worker.require_in(code.program_id, permission)
    return code
