"""Messages: the outbox, and one with every attempt, every receipt, and its words without the secrets in them."""

from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from rewards_service.delivery.models import Message, MessageAttempt, MessageReceipt
from rewards_service.delivery.policy import UNDER_WAY, MessageState
from rewards_service.delivery.queries import attempts_of_message, messages_page, receipts_of_message
from rewards_service.kit.services import current_services
from rewards_service.web.console.letters import Letter, has_outbox, masked_letter
from rewards_service.web.console.pages.jobs import Filter
from rewards_service.web.console.pages.rows import MessageRow, message_rows
from rewards_service.web.console.timelines import deeds, in_order
from rewards_service.web.console.words import MESSAGE_KINDS, MESSAGES
from rewards_service.web.console.workers import Worker
from rewards_service.web.i18n import _
from rewards_service.web.shop.order_pages import Step
from rewards_service.web.shop.statement import short_reference

RECEIPT_SIGNS = {"delivered": "success", "bounced": "failed", "complained": "remark"}


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """One page of the outbox."""

    filters: list[Filter]
    messages: list[MessageRow]
    next_url: str


@dataclass(frozen=True, slots=True)
class MessagePage:
    """One message; ``letter`` holds its words with every secret masked."""

    row: MessageRow
    letter: Letter | None
    opened: Letter | None
    about_name: str
    about_url: str
    locale: str
    message_id: str
    can_resend: bool
    can_open: bool
    timeline: list[Step]


def outbox_page(session: Session, *, worker: Worker, state: MessageState | None, cursor: str | None) -> MessagesPage:
    """Return messages of the programs whose messages the worker may see, newest first."""
    page = messages_page(
        session,
        organization_id=worker.organization_id,
        program_ids=worker.programs_for("messages.read"),
        state=state,
        cursor=cursor,
        signer=current_services().signer,
    )
    filters = [Filter(str(_("All")), url_for("console.messages"), state is None)]
    filters += [
        Filter(str(words.name), url_for("console.messages", state=each.value), each == state)
        for each, words in MESSAGES.items()
    ]
    asked = state.value if state is not None else None
    next_url = url_for("console.messages", state=asked, cursor=page.next_cursor) if page.next_cursor else ""
    return MessagesPage(filters, message_rows(page.items), next_url)


def message_page(session: Session, *, worker: Worker, message: Message, opened: Letter | None = None) -> MessagePage:
    """Return the page of ``message``; ``opened`` is the copy in the outbox, shown this one time."""
    (row,) = message_rows([message])
    resendable = MessageState(message.state) not in UNDER_WAY and message.wiped_at is None
    return MessagePage(
        row=row,
        letter=masked_letter(session, message),
        opened=opened,
        about_name=_about(message),
        about_url=_about_url(message),
        locale=message.locale,
        message_id=message.message_id or "",
        can_resend=resendable and worker.grant.may_in(message.program_id, "messages.resend"),
        can_open=has_outbox(message) and worker.grant.may_in(message.program_id, "messages.open"),
        timeline=_timeline(session, message),
    )


def _about(message: Message) -> str:
    """Return what a message is about, in words."""
    names = {"code": _("Code"), "order": _("Order"), "login_request": _("Sign-in"), "award": _("Award")}
    return f"{names.get(message.about_type, message.about_type)} {short_reference(message.about_id)}"


def _about_url(message: Message) -> str:
    """Return the page of what a message is about, or nothing when it has none."""
    if message.about_type == "code":
        return url_for("console.code", code_id=message.about_id)
    return url_for("console.order", order_id=message.about_id) if message.about_type == "order" else ""


def _timeline(session: Session, message: Message) -> list[Step]:
    """Return what happened to a message: filed, every attempt, every receipt, every deed."""
    filed = Step("neutral", str(_("Filed")), message.created_at, str(MESSAGE_KINDS.get(message.kind, "")))
    done = deeds(session, organization_id=message.organization_id, object_type="message", object_id=message.public_id)
    attempts = [_attempt(each) for each in attempts_of_message(session, message=message)]
    receipts = [_receipt(each) for each in receipts_of_message(session, message=message)]
    return in_order([filed], attempts, receipts, done)


def _attempt(attempt: MessageAttempt) -> Step:
    """Return one attempt with what the other side answered."""
    sign = {"accepted": "success", "temporary": "waiting", "unknown": "uncertain"}.get(attempt.outcome, "failed")
    titles = {
        "success": _("Taken by the next server"),
        "waiting": _("Put off by the next server"),
        "uncertain": _("No clear answer"),
        "failed": _("Refused"),
    }
    return Step(sign, str(titles[sign]), attempt.started_at, attempt.answer)


def _receipt(receipt: MessageReceipt) -> Step:
    """Return one report of the other side."""
    titles = {"delivered": _("Arrived"), "bounced": _("Came back"), "complained": _("Unwanted")}
    return Step(RECEIPT_SIGNS[receipt.kind], str(titles[receipt.kind]), receipt.occurred_at, receipt.detail)
