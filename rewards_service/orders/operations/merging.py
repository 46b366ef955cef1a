"""Two members who prove to be one person become one, with what both of them meant to order."""

from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.identity.models import Member
from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import record_audit
from rewards_service.orders.operations.baskets import move_basket
from rewards_service.orders.policy import member_basket_key
from rewards_service.orders.requests import WantedLine
from rewards_service.programs.models import Program
from rewards_service.wallets.operations import merge_members


def merge_members_with_baskets(
    session: Session, *, program: Program, kept: Member, merged: Member, reason: str, actor: Actor, now: datetime
) -> list[WantedLine]:
    """Let ``kept`` stand for ``merged`` too, for good; their baskets become one.

    Returns what was left out of it, because one order does not take so much; the kept member's trail has it too.

    Raises:
        MergeRefused: as ``merge_members``.
    """
    if not merge_members(session, program=program, kept=kept, merged=merged, reason=reason, actor=actor, now=now):
        return []
    from_key, to_key = (member_basket_key(member.public_id) for member in (merged, kept))
    left_out = move_basket(session, program=program, from_key=from_key, to_key=to_key, now=now)
    if left_out:
        record_audit(
            session,
            organization_id=program.organization_id,
            actor=actor,
            action="basket.left_out",
            object_type="member",
            object_id=kept.public_id,
            now=now,
            reason=reason,
            detail={"lines": [[line.item_id, line.face_value_minor, line.quantity] for line in left_out]},
        )
    return left_out
