"""Everything that happened to one thing, in order: deeds of the audit trail, entries of the books, messages."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.delivery.models import Message
from rewards_service.delivery.policy import MessageState
from rewards_service.identity.models import Staff
from rewards_service.kit.audit import audit_of_object
from rewards_service.kit.audit.models import AuditEvent
from rewards_service.ledger.queries import StatementLine
from rewards_service.programs.models import Unit
from rewards_service.web.console.words import CHANNELS, DEEDS, ENTRIES, MESSAGE_KINDS, MESSAGES
from rewards_service.web.formatting import value
from rewards_service.web.i18n import _
from rewards_service.web.shop.order_pages import Step
from rewards_service.web.shop.words import ACTORS, StateWords

PLUS, MINUS = "+", "\u2212"


def in_order(*parts: Iterable[Step]) -> list[Step]:
    """Return steps of several sources as one timeline, oldest first; undated ones last."""
    steps = [step for part in parts for step in part]
    return sorted(steps, key=lambda step: (step.at is None, step.at))


def deeds(session: Session, *, organization_id: int, object_type: str, object_id: str) -> list[Step]:
    """Return what was done to an object, by whom and why."""
    events = audit_of_object(session, organization_id=organization_id, object_type=object_type, object_id=object_id)
    return [deed(session, event) for event in events]


def deed(session: Session, event: AuditEvent) -> Step:
    """Return one deed in words."""
    words = DEEDS.get(event.action, StateWords("neutral", event.action))
    said = [actor_name(session, event.actor_kind, event.actor_reference), event.reason or ""]
    return Step(words.sign, str(words.name), event.recorded_at, _joined(said))


def entries(lines: Sequence[StatementLine], *, unit: Unit) -> list[Step]:
    """Return what the books say about an account."""
    steps = []
    for line in lines:
        words = ENTRIES.get(line.kind, StateWords("neutral", line.kind))
        amount = value(abs(line.units), unit)
        signed = f"{PLUS if line.units > 0 else MINUS}{amount}"
        steps.append(Step(words.sign, str(words.name), line.recorded_at, _joined([signed, line.reason or ""])))
    return steps


def messages(found: Iterable[Message]) -> list[Step]:
    """Return what was sent, and what became of it."""
    return [_message_step(message) for message in found]


def actor_name(session: Session, kind: str, reference: str) -> str:
    """Return who did something: staff by name, everybody else by what they are."""
    if kind == "staff":
        staff = session.scalar(select(Staff.name).where(Staff.public_id == reference))
        return str(_("by %(name)s", name=staff)) if staff else str(_("by staff"))
    return str(ACTORS.get(kind, ""))


def _message_step(message: Message) -> Step:
    """Return one message as a step."""
    words = MESSAGES[MessageState(message.state)]
    kind = MESSAGE_KINDS.get(message.kind, message.kind)
    at: datetime = message.sent_at or message.created_at
    return Step(words.sign, f"{kind}: {words.name}", at, f"{CHANNELS[message.channel]} · {message.recipient}")


def _joined(parts: Iterable[str]) -> str:
    """Return the parts that say something, with a dot between."""
    return " · ".join(part for part in parts if part)
