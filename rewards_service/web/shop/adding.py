"""Another address of the member who is signed in: which one is missing, and what its proof brings together."""

from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.identity.models import Member
from rewards_service.identity.operations import CompletedLogin
from rewards_service.identity.queries import members_of_person
from rewards_service.kit.actor import Actor
from rewards_service.orders.operations import merge_members_with_baskets
from rewards_service.orders.requests import WantedLine
from rewards_service.programs.models import Program

MERGE_REASON = "Both addresses were proved in one browser"


def person_of(
    session: Session, *, program: Program, login: CompletedLogin, now: datetime
) -> tuple[Member, list[WantedLine]]:
    """Return who stands for the person that was proved to be here, and what was left out of two baskets made one.

    Signed in as one member and with proof of another's address, the person is both: they become one.

    Raises:
        MergeRefused: one of them is being merged into somebody else right now.
    """
    kept = login.asked_by
    if kept is None:
        return login.member, []
    if kept.id == login.member.id:
        return kept, []
    actor = Actor(kind="member", reference=kept.public_id)
    left_out = merge_members_with_baskets(
        session, program=program, kept=kept, merged=login.member, reason=MERGE_REASON, actor=actor, now=now
    )
    return kept, left_out


def missing_address(session: Session, *, member: Member) -> str:
    """Return ``phone`` or ``email``, whichever the person has not proved yet, or an empty text."""
    known = members_of_person(session, member_id=member.id)
    if not any(each.phone_verified_at for each in known):
        return "phone"
    return "" if any(each.email_verified_at for each in known) else "email"
