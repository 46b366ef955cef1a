"""Two members who prove to be one person become one: one balance, one history, found by every address of both."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rewards_service.identity.errors import MergeRefused
from rewards_service.identity.models import Member
from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import record_audit
from rewards_service.programs.models import Program, Unit
from rewards_service.wallets.models import Wallet
from rewards_service.wallets.operations.opening import Recipient, empty_wallet, wallet_for, welcome_member
from rewards_service.wallets.queries import lock_wallets, wallets_of_member

MERGE_SOURCE = "wallet_merge"


def merge_members(
    session: Session, *, program: Program, kept: Member, merged: Member, reason: str, actor: Actor, now: datetime
) -> bool:
    """Let ``kept`` stand for ``merged`` too, for good, and tell whether this call made it so.

    Value moves lot by lot, each with its award and expiry. What orders still hold follows when they let go of it, and
    refunds go to the kept member. The merged member's row, its addresses and its external id stay, and lead there.

    Raises:
        MergeRefused: they are one row, or of two programs, or one of them was merged into somebody else before.
    """
    _lock(session, members=(kept, merged))
    if merged.merged_into_id == kept.id:
        return False
    _require_mergeable(program, kept=kept, merged=merged)
    _lead_to(session, kept=kept, merged=merged)
    for wallet in lock_wallets(session, wallets=wallets_of_member(session, member_id=merged.id)):
        _hand_over(session, program=program, wallet=wallet, to=kept, reason=reason, actor=actor, now=now)
    welcome_member(session, program=program, member=kept, actor=actor, now=now)
    _record(session, kept=kept, merged=merged, reason=reason, actor=actor, now=now)
    return True


def _lock(session: Session, *, members: Sequence[Member]) -> None:
    """Read the members anew and keep everybody from opening wallets or placing orders for them meanwhile."""
    statement = select(Member).where(Member.id.in_([member.id for member in members])).order_by(Member.id)
    session.scalars(statement.with_for_update().execution_options(populate_existing=True)).all()


def _require_mergeable(program: Program, *, kept: Member, merged: Member) -> None:
    """Refuse members that cannot become one."""
    if kept.id == merged.id:
        raise MergeRefused("This is the same member.")
    if {kept.program_id, merged.program_id} != {program.id}:
        raise MergeRefused("They are not members of one program.")
    if kept.merged_into_id is not None or merged.merged_into_id is not None:
        raise MergeRefused("One of them was merged before.")


def _lead_to(session: Session, *, kept: Member, merged: Member) -> None:
    """Let ``merged``, and those who were merged into it before, lead to ``kept`` in one step."""
    led_here = update(Member).where(Member.merged_into_id == merged.id)
    session.execute(led_here.values(merged_into_id=kept.id), execution_options={"synchronize_session": "fetch"})
    merged.merged_into_id = kept.id
    session.flush()


def _hand_over(
    session: Session, *, program: Program, wallet: Wallet, to: Member, reason: str, actor: Actor, now: datetime
) -> None:
    """Give a wallet to a member: as it is where the member has none in its unit, else its value alone."""
    if wallet.unit_id not in {own.unit_id for own in wallets_of_member(session, member_id=to.id)}:
        wallet.member_id = to.id
        session.flush()
        return
    unit = session.get_one(Unit, wallet.unit_id)
    own = wallet_for(session, program=program, recipient=Recipient(member=to), unit=unit, now=now)
    empty_wallet(
        session, program=program, wallet=wallet, into=own, source=MERGE_SOURCE, reason=reason, actor=actor, now=now
    )
    led_here = update(Wallet).where(Wallet.merged_into_id == wallet.id)
    session.execute(led_here.values(merged_into_id=own.id), execution_options={"synchronize_session": "fetch"})


def _record(session: Session, *, kept: Member, merged: Member, reason: str, actor: Actor, now: datetime) -> None:
    """Put the merge into the trail of both."""
    for member, action, detail in (
        (merged, "member.merged", {"into": kept.public_id}),
        (kept, "member.took_over", {"merged": merged.public_id}),
    ):
        record_audit(
            session,
            organization_id=member.organization_id,
            actor=actor,
            action=action,
            object_type="member",
            object_id=member.public_id,
            now=now,
            reason=reason,
            detail=detail,
        )
