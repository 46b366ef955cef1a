"""Whoever earned something is told."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from rewards_service.delivery.operations import queue_message
from rewards_service.delivery.words import value_context
from rewards_service.identity.addresses import is_email
from rewards_service.identity.models import Member
from rewards_service.identity.queries import members_of_person
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.policy import local_day
from rewards_service.wallets.models import Award
from rewards_service.wallets.operations import Recipient

TEMPLATE = "award_received"


def announce_award(session: Session, *, program: Program, award: Award, recipient: Recipient, now: datetime) -> bool:
    """File the message that tells of an award, by email, else as a short message, and say whether there is an address.

    Raises:
        RecipientUnusable: nothing can be sent to the address.
    """
    member = recipient.member
    to = recipient.address if member is None else _address_of(session, member=member)
    if to is None:
        return False
    context = {
        "value": value_context(award.value_units, session.get_one(Unit, award.unit_id)),
        "reason": " ".join(award.reason.split()),
        "award": award.public_id,
    }
    if award.expires_at is not None:
        last_moment = award.expires_at - timedelta(microseconds=1)
        context["expires_on"] = local_day(last_moment, program.time_zone).isoformat()
    queue_message(
        session,
        organization_id=program.organization_id,
        program=program,
        channel="email" if is_email(to) else "sms",
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


def _address_of(session: Session, *, member: Member) -> str | None:
    """Return where a person can be told something: an email address, also of who was merged into him, else a phone."""
    rows = members_of_person(session, member_id=member.id)
    return next((row.email for row in rows if row.email), None) or next((row.phone for row in rows if row.phone), None)
