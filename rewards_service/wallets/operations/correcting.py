"""What is in a wallet is put right: adjusted with a reason, taken back, mirrored."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.kit.actor import Actor
from rewards_service.ledger.models import Entry
from rewards_service.ledger.operations import Source, adjust_value, cancel_value, reverse_entry
from rewards_service.programs.models import Program
from rewards_service.programs.policy import require_end_in_reach
from rewards_service.wallets.models import Award, Wallet
from rewards_service.wallets.operations.awarding import AWARD_SOURCE
from rewards_service.wallets.operations.opening import WALLET_SOURCE
from rewards_service.wallets.queries import keep_living_wallet


def adjust_wallet(
    session: Session,
    *,
    program: Program,
    wallet: Wallet,
    units: int,
    reason: str,
    reference: str,
    expires_at: datetime | None,
    actor: Actor,
    now: datetime,
) -> int:
    """Add value to a wallet or take it away (``units`` < 0), with a reason, and return the entry's key.

    Raises:
        InsufficientValue: more is to be taken than can be spent.
        UnitsNotPositive: ``units`` is zero.
        ExpiryTooFar: what is added would end beyond the last year there is.
    """
    require_end_in_reach(expires_at)
    source = Source(WALLET_SOURCE, reference, actor, reason)
    return adjust_value(
        session,
        program=program,
        account_id=keep_living_wallet(session, wallet=wallet).account_id,
        unit_id=wallet.unit_id,
        units=units,
        expires_at=expires_at,
        source=source,
        now=now,
    )


def cancel_award(
    session: Session,
    *,
    program: Program,
    award: Award,
    units: int,
    reason: str,
    reference: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Take back ``units`` of an award that are still unspent, its own lot first; return the entry's key.

    ``reference`` names this cancellation; the same one again is refused by the books.

    Raises:
        InsufficientValue: the wallet holds less.
    """
    wallet = keep_living_wallet(session, wallet=session.get_one(Wallet, award.wallet_id))
    return cancel_value(
        session,
        program=program,
        account_id=wallet.account_id,
        unit_id=award.unit_id,
        units=units,
        source=Source(AWARD_SOURCE, reference, actor, reason),
        now=now,
        award_ref=award.public_id,
    )


def reverse_award(session: Session, *, program: Program, award: Award, reason: str, actor: Actor, now: datetime) -> int:
    """Write the mirror of an award that nobody has touched, and return the entry's key.

    Raises:
        MirrorOverdraws: some of its value moved or was spent; take back what is left with ``cancel_award``.
    """
    entry_id = session.scalars(
        select(Entry.id).where(
            Entry.organization_id == program.organization_id,
            Entry.source_type == AWARD_SOURCE,
            Entry.source_ref == award.public_id,
            Entry.kind == "award",
        )
    ).one()
    source = Source(AWARD_SOURCE, award.public_id, actor, reason)
    return reverse_entry(session, program=program, entry_id=entry_id, source=source, now=now)
