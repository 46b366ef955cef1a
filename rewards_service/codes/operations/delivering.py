"""A code is sent to somebody: a message with a link that leads to it, never with the code itself."""

from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.codes.models import Code
from rewards_service.codes.operations.linking import create_claim_link
from rewards_service.delivery.models import Message
from rewards_service.delivery.operations import queue_message
from rewards_service.delivery.words import value_context
from rewards_service.kit.crypto import Vault
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.policy import last_day

TEMPLATE = "code_delivered"


def deliver_code(
    session: Session, *, code: Code, channel: str, to: str, vault: Vault, now: datetime, locale: str | None = None
) -> Message:
    """File the message that takes a code to ``to``, by ``email`` or ``sms``; without a locale in the program's.

    Raises:
        RecipientUnusable: nothing can be sent to ``to``.
        TextUnusable: the program's name cannot stand in a message.
    """
    program = session.get_one(Program, code.program_id)
    link = create_claim_link(session, code=code, vault=vault, now=now)
    context = {
        "claim_link": link.public_id,
        "value": value_context(code.value_units, session.get_one(Unit, code.unit_id)),
    }
    if code.expires_at is not None:
        context["expires_on"] = last_day(code.expires_at, program.time_zone).isoformat()
    return queue_message(
        session,
        organization_id=program.organization_id,
        program=program,
        channel=channel,
        to=to,
        template=TEMPLATE,
        context=context,
        locale=locale or program.locale,
        now=now,
        about_type="code",
        about_id=code.public_id,
        reference=f"{TEMPLATE}:{link.public_id}",
    )
