"""Whoever earned something is told."""

from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.delivery.kinds import is_clean
from rewards_service.delivery.operations import queue_message
from rewards_service.delivery.words import value_context
from rewards_service.identity.addresses import is_email
from rewards_service.identity.queries import members_of_person, reachable_at
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.policy import last_day
from rewards_service.wallets.models import Award
from rewards_service.wallets.operations import Recipient

TEMPLATE = "award_received"


def announce_award(session: Session, *, program: Program, award: Award, recipient: Recipient, now: datetime) -> bool:
    """File the message that tells of an award, by email, else as a short message, and say whether there is an address.

    It greets a member by name, unless the name cannot stand in a message.

    Raises:
        RecipientUnusable: nothing can be sent to the address.
        TextUnusable: the reason, or the program's name, cannot stand in a message.
    """
    address = _address(session, recipient)
    if address is None:
        return False
    channel, to = address
    member = recipient.member
    context = {
        "value": value_context(award.value_units, session.get_one(Unit, award.unit_id)),
        "reason": " ".join(award.reason.split()),
        "award": award.public_id,
    }
    if member is not None and is_clean(member.name):
        context["name"] = member.name
    if award.expires_at is not None:
        context["expires_on"] = last_day(award.expires_at, program.time_zone).isoformat()
    queue_message(
        session,
        organization_id=program.organization_id,
        program=program,
        channel=channel,
        to=to,
        template=TEMPLATE,
        context=context,
        locale=member.locale if member is not None else program.locale,
        now=now,
        about_type="award",
        about_id=award.public_id,
        reference=f"{TEMPLATE}:{award.public_id}",
    )
    return True


def _address(session: Session, recipient: Recipient) -> tuple[str, str] | None:
    """Return channel and address of whom to tell, if anybody: also those of members who were merged into this one."""
    if recipient.member is not None:
        return reachable_at(members_of_person(session, member_id=recipient.member.id))
    assert recipient.address is not None, "a recipient is a member or an address"
    return ("email" if is_email(recipient.address) else "sms", recipient.address)
