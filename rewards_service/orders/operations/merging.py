"""Two members who prove to be one person become one, with what both of them meant to order."""

from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.identity.models import Member
from rewards_service.kit.actor import Actor
from rewards_service.orders.operations.baskets import join_baskets
from rewards_service.orders.policy import member_basket_key
from rewards_service.programs.models import Program
from rewards_service.wallets.operations import merge_members


def merge_members_with_baskets(
    session: Session, *, program: Program, kept: Member, merged: Member, reason: str, actor: Actor, now: datetime
) -> bool:
    """Let ``kept`` stand for ``merged`` too, for good, and tell whether this call made it so.

    The basket of the merged member joins that of the kept one. Units that one order does not take beside those that
    are there are left out.

    Raises:
        MergeRefused: as ``merge_members``.
    """
    is_new = merge_members(session, program=program, kept=kept, merged=merged, reason=reason, actor=actor, now=now)
    if is_new:
        join_baskets(
            session,
            program=program,
            from_key=member_basket_key(merged.public_id),
            to_key=member_basket_key(kept.public_id),
            now=now,
        )
    return is_new
