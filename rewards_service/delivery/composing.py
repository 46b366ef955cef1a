"""Puts a message together at the moment of sending, from what its job prepared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from rewards_service.delivery.kinds import KINDS
from rewards_service.delivery.links import LinkPlan, link_url
from rewards_service.delivery.rendering import RenderedSms, render_email, render_sms
from rewards_service.delivery.words import day_text, value_text
from rewards_service.gateways import Gateways
from rewards_service.gateways.mail import Letter
from rewards_service.gateways.sms import ShortMessage
from rewards_service.kit.i18n import translations, usable_locale
from rewards_service.kit.qr import qr_png

QR_CID = "qr"


@dataclass(frozen=True, slots=True)
class Draft:
    """All that is needed to send one message, read in one go; ``secrets`` exist here and in the message alone.

    Attributes:
        sent_as: the Message-ID of earlier attempts, or ``None`` at the first.
        now: the moment of this attempt, by which links are dated.
    """

    message_id: int
    public_id: str
    recipient: str
    kind: str
    context: Mapping[str, Any]
    locale: str
    program_name: str
    organization_name: str
    link: LinkPlan
    secrets: Mapping[str, str | None]
    sent_as: str | None
    now: datetime

    def __repr__(self) -> str:
        """Name the message and none of its secrets."""
        return f"Draft({self.public_id})"


def compose_email(draft: Draft, *, gateways: Gateways) -> Letter:
    """Return the letter that ``draft`` becomes."""
    locale = usable_locale(draft.locale)
    link = link_url(draft.link, base_url=gateways.base_url, signer=gateways.signer, now=draft.now)
    rendered = render_email(draft.kind, _variables(draft, link=link, locale=locale), locale=locale)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(draft.program_name, addr_spec=gateways.mail_from)
    message["To"] = Address(draft.context.get("name", ""), addr_spec=draft.recipient)
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(draft.now)
    message["Message-ID"] = message_id_of(draft, mail_from=gateways.mail_from)
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = locale.replace("_", "-")
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    if KINDS[draft.kind].shows_qr:
        _attach_qr(message, link)
    return Letter(sender=gateways.mail_from, recipient=draft.recipient, message=message)


def compose_sms(draft: Draft, *, gateways: Gateways) -> ShortMessage:
    """Return the short message that ``draft`` becomes."""
    locale = usable_locale(draft.locale)
    link = link_url(draft.link, base_url=gateways.base_url, signer=gateways.signer, now=draft.now)
    rendered: RenderedSms = render_sms(draft.kind, _variables(draft, link=link, locale=locale), locale=locale)
    return ShortMessage(
        recipient=draft.recipient, body=rendered.text, reference=draft.public_id, segments=rendered.segments
    )


def message_id_of(draft: Draft, *, mail_from: str) -> str:
    """Return the Message-ID that all repeats carry (RFC 5322, 3.6.4): that of the first, whatever changed since."""
    return draft.sent_as or f"<{draft.public_id}@{mail_from.rpartition('@')[2]}>"


def _variables(draft: Draft, *, link: str, locale: str) -> dict[str, Any]:
    """Return what the template sees: facts as text, and for whatever the context leaves out, nothing."""
    kind, context = KINDS[draft.kind], draft.context
    variables: dict[str, Any] = {"name": None, **dict.fromkeys(kind.may_have), **context, **draft.secrets}
    value, last_day = context.get("value"), context.get("expires_on")
    return {
        **variables,
        "amount": value and value_text(value, locale=locale, words=translations(locale)),
        "day": last_day and day_text(last_day, locale=locale),
        "link": link,
        "program_name": draft.program_name,
        "organization_name": draft.organization_name,
    }


def _attach_qr(message: EmailMessage, link: str) -> None:
    """Put the QR code of ``link`` beside the HTML part, which shows it by its content id."""
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage), "the HTML part was just added"
    html.add_related(qr_png(link), "image", "png", cid=f"<{QR_CID}>", disposition="inline", filename=f"{QR_CID}.png")
