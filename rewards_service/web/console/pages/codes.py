"""One code: what it holds, whom it was sent to, what may be done about it, and everything that happened."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.codes.models import Code
from rewards_service.codes.policy import CodeState
from rewards_service.codes.queries import CodeView, code_views, family_of
from rewards_service.delivery.models import Message
from rewards_service.delivery.queries import messages_about
from rewards_service.kit.services import current_services
from rewards_service.ledger.queries import holder_statement
from rewards_service.programs.models import Program, Unit
from rewards_service.web.console.pages.rows import MessageRow, message_rows
from rewards_service.web.console.timelines import deeds, entries, in_order, messages
from rewards_service.web.console.words import CODES
from rewards_service.web.console.workers import Worker
from rewards_service.web.i18n import _
from rewards_service.web.shop.order_pages import Step

LIVING = frozenset({CodeState.ACTIVE, CodeState.BLOCKED})
ENTRIES_SHOWN = 60


@dataclass(frozen=True, slots=True)
class CodePage:
    """Everything the page of a code says; never the code."""

    public_id: str
    last4: str
    program_name: str
    sign: str
    state_name: str
    unit: Unit
    value_units: int
    usable_units: int
    held_units: int
    expires_at: datetime | None
    sent_to: str
    is_blocked: bool
    can_resend: bool
    can_reissue: bool
    can_block: bool
    why_not_resend: str
    why_not_reissue: str
    messages: list[MessageRow]
    family: list[Code]
    timeline: list[Step]


def code_page(session: Session, *, worker: Worker, code: Code, now: datetime) -> CodePage:
    """Return the page of ``code`` with the actions that its state and the worker's roles allow."""
    (view,) = code_views(session, codes=[code], now=now)
    unit = session.get_one(Unit, code.unit_id)
    sent = messages_about(session, organization_id=code.organization_id, about_type="code", about_id=code.public_id)
    why_not_resend, why_not_reissue = _why_not_resend(worker, view, sent), _why_not_reissue(worker, view)
    may_block = worker.grant.may_in(code.program_id, "codes.write") and view.state in LIVING
    return CodePage(
        public_id=code.public_id,
        last4=code.last4,
        program_name=session.get_one(Program, code.program_id).name,
        sign=CODES[view.state].sign,
        state_name=str(CODES[view.state].name),
        unit=unit,
        value_units=code.value_units,
        usable_units=view.value.usable_units,
        held_units=view.value.held_units,
        expires_at=code.expires_at,
        sent_to=sent[-1].recipient if sent else "",
        is_blocked=view.state == CodeState.BLOCKED,
        can_resend=not why_not_resend,
        can_reissue=not why_not_reissue,
        can_block=may_block,
        why_not_resend=why_not_resend,
        why_not_reissue=why_not_reissue,
        messages=message_rows(reversed(sent)),
        family=family_of(session, code=code),
        timeline=_timeline(session, code=code, unit=unit, sent=sent),
    )


def _timeline(session: Session, *, code: Code, unit: Unit, sent: list[Message]) -> list[Step]:
    """Return deeds, entries of the books and messages about one code."""
    signer = current_services().signer
    page = holder_statement(session, account_id=code.account_id, signer=signer, limit=ENTRIES_SHOWN)
    done = deeds(session, organization_id=code.organization_id, object_type="code", object_id=code.public_id)
    return in_order(done, entries(page.items, unit=unit), messages(sent))


def _why_not_resend(worker: Worker, view: CodeView, sent: list[Message]) -> str:
    """Return why the same code cannot be sent once more, or nothing when it can."""
    if not worker.grant.may_in(view.code.program_id, "messages.resend"):
        return str(_("Your roles do not include sending messages again."))
    if view.state not in LIVING:
        return str(_("The code can no longer be spent, so there is nothing to send."))
    return "" if sent else str(_("It was never sent by message. Replace it if it has to reach somebody."))


def _why_not_reissue(worker: Worker, view: CodeView) -> str:
    """Return why the code cannot be replaced, or nothing when it can."""
    if not worker.grant.may_in(view.code.program_id, "codes.reissue"):
        return str(_("Your roles do not include replacing codes."))
    if view.state not in LIVING or not view.value.usable_units:
        return str(_("Nothing is left on it that a new code could hold."))
    return (
        str(_("Part of it is set aside for an order. Try again when that is settled.")) if view.value.held_units else ""
    )
