"""The words of a message: with every secret masked for everybody who may look, and as sent for who may open it.

What was sent is not kept; the same templates write it again with dots where a link or a code would open something. Only
the default transport, which writes mail to a folder, has a copy to be opened, and opening it is audited.
"""

import base64
import re
from dataclasses import dataclass, replace
from email.message import EmailMessage

from sqlalchemy.orm import Session

from rewards_service.delivery.composing import QR_CID, Draft, compose_email, compose_sms
from rewards_service.delivery.kinds import KINDS
from rewards_service.delivery.links import LinkPlan
from rewards_service.delivery.models import Message
from rewards_service.delivery.policy import Channel
from rewards_service.gateways import Gateways
from rewards_service.gateways.mail.outbox import OutboxMail, find_letters
from rewards_service.kit.services import current_services
from rewards_service.programs.models import Program

MASK = "••••"
HIDDEN_TOKEN = "hidden"  # noqa: S105 — says that there is none
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as its reader sees it; ``html`` is empty for a short message."""

    subject: str
    text: str
    html: str = ""

    @property
    def link(self) -> str:
        """Return the first link of the text, or nothing."""
        found = _LINK.search(self.text)
        return found[0] if found else ""


def masked_letter(session: Session, message: Message) -> Letter | None:
    """Return the words of ``message`` with every secret masked, or None when they are not kept any more."""
    gateways: Gateways | None = current_services().gateways
    if message.wiped_at is not None or gateways is None:
        return None
    draft = _draft(session, message)
    if message.channel == Channel.SMS:
        return Letter("", compose_sms(draft, gateways=gateways).body)
    return _read(compose_email(draft, gateways=gateways).message)


def has_outbox(message: Message) -> bool:
    """Tell whether a copy of ``message`` lies in the outbox folder."""
    return bool(_copies(message))


def outbox_letter(message: Message) -> Letter | None:
    """Return the newest copy of ``message`` in the outbox folder, secrets and all, or None when there is none."""
    copies = _copies(message)
    return _read(copies[-1]) if copies else None


def _copies(message: Message) -> list[EmailMessage]:
    """Return every copy of ``message`` in the outbox folder, if mail is written to one."""
    gateways: Gateways | None = current_services().gateways
    mail = gateways.mail if gateways is not None else None
    if not isinstance(mail, OutboxMail) or message.message_id is None:
        return []
    return find_letters(mail.directory, message_id=message.message_id)


def _draft(session: Session, message: Message) -> Draft:
    """Return all that is needed to write ``message`` again, without anything that opens something."""
    program, kind = session.get_one(Program, message.program_id), KINDS[message.kind]
    reference = message.context.get(kind.link.of_field, "")
    named = {variable for variable, made in kind.secrets.items() if message.context.get(made.of_field)}
    return Draft(
        message_id=message.id,
        public_id=message.public_id,
        recipient=message.recipient,
        kind=message.kind,
        context=message.context,
        locale=message.locale,
        program_name=program.name,
        organization_name=program.organization.name,
        link=LinkPlan(kind.link.purpose, program.external_id, reference, HIDDEN_TOKEN),
        secrets={variable: MASK if variable in named else None for variable in kind.secrets},
        sent_as=message.message_id,
        now=message.created_at,
    )


def _read(message: EmailMessage) -> Letter:
    """Return subject, text and HTML of a mail, pictures put into the HTML itself."""
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    letter = Letter(str(message["Subject"] or ""), _content(text))
    return replace(letter, html=_with_pictures(_content(html), message)) if html is not None else letter


def _content(part: object) -> str:
    """Return the text of one part of a mail; nothing when there is none."""
    return str(part.get_content()) if isinstance(part, EmailMessage) else ""


def _with_pictures(html: str, message: EmailMessage) -> str:
    """Return ``html`` with the picture it names by content id as data."""
    for part in message.walk():
        if isinstance(part, EmailMessage) and part["Content-ID"] == f"<{QR_CID}>":
            picture: bytes = part.get_content()
            data = base64.b64encode(picture).decode()
            return html.replace(f"cid:{QR_CID}", f"data:{part.get_content_type()};base64,{data}")
    return html
