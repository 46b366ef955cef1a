"""Reads of wallets and awards."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from rewards_service.kit.errors import NotFound
from rewards_service.ledger.models import Account, Hold, Lot
from rewards_service.ledger.policy import HoldState
from rewards_service.wallets.models import Award, Wallet

_AWARD_OF_EXTERNAL_ID = select(Award).where(
    Award.program_id == bindparam("of_program"), Award.external_id == bindparam("told")
)

_INTO = aliased(Wallet)
_MERGED = (
    select(Wallet.account_id, _INTO.account_id)
    .outerjoin(_INTO, _INTO.id == Wallet.merged_into_id)
    .where(Wallet.account_id.in_(bindparam("account_ids", expanding=True)))
    .order_by(Wallet.id)
    .with_for_update(read=True, of=Wallet)
)


class WalletNotFound(NotFound):
    """The program has no such wallet."""

    title = "There is no such wallet"


@dataclass(frozen=True, slots=True)
class LotView:
    """A part of a balance: how much, until when (none: for ever), and the reference of what it was given for."""

    units: int
    expires_at: datetime | None
    award_ref: str
    earned_on: datetime


@dataclass(frozen=True, slots=True)
class WalletView:
    """What a holder has: units that can be spent, units set aside for orders, and the lots behind the first."""

    balance_units: int
    held_units: int
    lots: list[LotView]


def wallet_by_public_id(session: Session, *, organization_id: int, public_id: str) -> Wallet:
    """Return the organization's wallet of that public id.

    Raises:
        WalletNotFound: there is none.
    """
    found = session.scalar(
        select(Wallet).where(Wallet.organization_id == organization_id, Wallet.public_id == public_id)
    )
    if found is None:
        raise WalletNotFound
    return found


def wallet_by_id(session: Session, *, wallet_id: int) -> Wallet:
    """Return the wallet with that internal key, which exists."""
    return session.get_one(Wallet, wallet_id)


def wallets_of_member(session: Session, *, member_id: int) -> list[Wallet]:
    """Return a member's wallets, one per unit, oldest first."""
    return list(session.scalars(select(Wallet).where(Wallet.member_id == member_id).order_by(Wallet.id)))


def pending_wallets(session: Session, *, program_id: int, addresses: list[str]) -> list[Wallet]:
    """Return the wallets that wait for these addresses to be proved, oldest first."""
    return list(
        session.scalars(
            select(Wallet)
            .where(
                Wallet.program_id == program_id,
                Wallet.pending_address.in_(addresses),
                Wallet.merged_into_id.is_(None),
            )
            .order_by(Wallet.id)
        )
    )


def wallet_view(session: Session, *, wallet: Wallet, now: datetime) -> WalletView:
    """Return what can be spent from a wallet at ``now``, lot by lot, soonest expiry first."""
    rows = session.execute(
        select(Lot.units_available, Lot.expires_at, Lot.award_ref, Lot.earned_on)
        .where(
            Lot.account_id == wallet.account_id,
            Lot.units_available > 0,
            Lot.expires_at.is_(None) | (Lot.expires_at > now),
        )
        .order_by(Lot.expires_at.is_(None), Lot.expires_at, Lot.earned_on, Lot.id)
    )
    lots = [LotView(*row) for row in rows]
    held = select(Hold.units).where(Hold.account_id == wallet.account_id, Hold.state == HoldState.PENDING.value)
    return WalletView(balance_units=sum(lot.units for lot in lots), held_units=sum(session.scalars(held)), lots=lots)


def stored_balance(session: Session, *, wallet: Wallet) -> int:
    """Return the wallet's stored balance in units, lots that expired and await the expiry job included."""
    return session.scalars(select(Account.balance_units).where(Account.id == wallet.account_id)).one() or 0


def award_by_external_id(session: Session, *, program_id: int, external_id: str) -> Award | None:
    """Return the program's award of that external id, or nothing when it is new."""
    return session.scalar(_AWARD_OF_EXTERNAL_ID, {"of_program": program_id, "told": external_id})


def award_by_public_id(session: Session, *, organization_id: int, public_id: str) -> Award:
    """Return the organization's award of that public id.

    Raises:
        NotFound: there is none.
    """
    found = session.scalar(select(Award).where(Award.organization_id == organization_id, Award.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def awards_by_reference(session: Session, *, public_ids: list[str]) -> dict[str, Award]:
    """Return awards by public id: what lots name as their origin, for "explain my balance"."""
    return {award.public_id: award for award in session.scalars(select(Award).where(Award.public_id.in_(public_ids)))}


def living_wallet(session: Session, *, wallet: Wallet) -> Wallet:
    """Return the wallet that holds the value now: one that was merged leads to its member's."""
    while wallet.merged_into_id is not None:
        wallet = wallet_by_id(session, wallet_id=wallet.merged_into_id)
    return wallet


def keep_living_wallet(session: Session, *, wallet: Wallet) -> Wallet:
    """Return the wallet that holds the value now, which nobody can merge until the transaction ends."""
    leads_to: int | None = wallet.id
    while leads_to is not None:
        statement = select(Wallet).where(Wallet.id == leads_to).with_for_update(read=True)
        wallet = session.scalars(statement.execution_options(populate_existing=True)).one()
        leads_to = wallet.merged_into_id
    return wallet


def lock_wallets(session: Session, *, wallets: Iterable[Wallet]) -> list[Wallet]:
    """Return these wallets as they are now, kept from others until the transaction ends, oldest first."""
    wallet_ids = [wallet.id for wallet in wallets]
    statement = select(Wallet).where(Wallet.id.in_(wallet_ids)).order_by(Wallet.id).with_for_update()
    return list(session.scalars(statement.execution_options(populate_existing=True))) if wallet_ids else []


def merged_accounts(session: Session, *, account_ids: Iterable[int]) -> dict[int, int]:
    """Return, for accounts of wallets that were merged into another, the account of that one.

    The wallets stay locked against being merged until the transaction ends; other accounts are left out.
    """
    return {start: into for start, into in session.execute(_MERGED, {"account_ids": sorted(account_ids)}) if into}


def former_wallets(session: Session, *, wallets: Iterable[Wallet]) -> list[Wallet]:
    """Return the wallets of merged members whose value went into these, oldest first: their history goes on there."""
    into = Wallet.merged_into_id.in_([wallet.id for wallet in wallets])
    return list(session.scalars(select(Wallet).where(into, Wallet.member_id.is_not(None)).order_by(Wallet.id)))
