"""Wallets are opened with their first value, and what waits for an address finds its member."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rewards_service.identity.models import Member
from rewards_service.identity.queries import keep_living_member, living_member, members_of_person
from rewards_service.kit.actor import Actor
from rewards_service.kit.ids import new_public_id
from rewards_service.ledger.accounts import open_bearer
from rewards_service.ledger.balances import lock_balances
from rewards_service.ledger.chart import Role
from rewards_service.ledger.operations import Move, Source, move_value
from rewards_service.programs.models import Program, Unit
from rewards_service.wallets.models import Wallet
from rewards_service.wallets.policy import book_reference
from rewards_service.wallets.queries import lock_wallets, pending_wallets, wallet_view

WALLET_SOURCE = "wallet"

_MEMBER_OF_ADDRESS = select(Member).where(
    Member.program_id == bindparam("of_program"),
    (Member.email == bindparam("address")) | (Member.phone == bindparam("address")),
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who earned it: a member, or an address (email in lower case, phone in E.164) that may be anybody's."""

    member: Member | None = None
    address: str | None = None


def wallet_for(session: Session, *, program: Program, recipient: Recipient, unit: Unit, now: datetime) -> Wallet:
    """Return the wallet of a member or of an address in ``unit``, opened if it is the first value there."""
    holder = _holder(session, program=program, recipient=recipient)
    found = select(Wallet).filter_by(program_id=program.id, unit_id=unit.id, **_columns_of(holder))
    known = session.scalar(found)
    if known is not None:
        return known
    member = holder.member
    if member is not None and (kept := keep_living_member(session, member_id=member.id)).id != member.id:
        return wallet_for(session, program=program, recipient=Recipient(member=kept), unit=unit, now=now)
    open_wallet = partial(_new_wallet, session, program=program, holder=holder, unit=unit, now=now)
    return _open_once(session, open_wallet=open_wallet) or session.scalars(found).one()


def welcome_member(session: Session, *, program: Program, member: Member, actor: Actor, now: datetime) -> list[Wallet]:
    """Move what waits for the addresses that a member has proved into the member's own wallets; return those merged.

    Called at every sign-in and whenever another address is proved, so email and phone end up as one balance.
    """
    addresses = [address for each in members_of_person(session, member_id=member.id) for address in _proved(each)]
    found = lock_wallets(session, wallets=pending_wallets(session, program_id=program.id, addresses=addresses))
    merged = [pending for pending in found if pending.merged_into_id is None]
    for pending in merged:
        unit = session.get_one(Unit, pending.unit_id)
        own = wallet_for(session, program=program, recipient=Recipient(member=member), unit=unit, now=now)
        empty_wallet(session, program=program, wallet=pending, into=own, source=WALLET_SOURCE, actor=actor, now=now)
    return merged


def empty_wallet(
    session: Session,
    *,
    program: Program,
    wallet: Wallet,
    into: Wallet,
    source: str,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> int:
    """Move what can be spent from a wallet into another of its unit, lot by lot, and return the units moved.

    From then on the first leads to the second; what orders hold of it follows when they let go of it. ``source`` is
    the kind of the books' source.
    """
    lock_balances(session, [wallet.account_id, into.account_id])
    units = wallet_view(session, wallet=wallet, now=now).balance_units
    if units:
        move_value(
            session,
            program=program,
            unit_id=wallet.unit_id,
            moves=[Move(wallet.account_id, into.account_id, units)],
            source=Source(source, wallet.public_id, actor, reason),
            now=now,
        )
    wallet.merged_into_id = into.id
    session.flush()
    return units


def _proved(member: Member) -> list[str]:
    """Return the addresses that a member answered from."""
    known = [(member.email, member.email_verified_at), (member.phone, member.phone_verified_at)]
    return [address for address, verified_at in known if address and verified_at]


def _holder(session: Session, *, program: Program, recipient: Recipient) -> Recipient:
    """Return whose the value is: the member's, or that of who took the member's place; an address nobody has waits."""
    named = recipient.member or _member_of(session, program=program, address=recipient.address)
    return recipient if named is None else Recipient(member=living_member(session, member=named))


def _member_of(session: Session, *, program: Program, address: str | None) -> Member | None:
    """Return the member of the program with that email or phone, if somebody is registered with it."""
    assert address, "value goes to somebody"
    return session.scalar(_MEMBER_OF_ADDRESS, {"of_program": program.id, "address": address})


def _columns_of(holder: Recipient) -> dict[str, int | str | None]:
    """Return the columns of a wallet that say whose it is: a member's, or that of an address that waits for one."""
    if holder.member is None:
        return {"member_id": None, "pending_address": holder.address}
    return {"member_id": holder.member.id, "pending_address": None}


def _new_wallet(session: Session, *, program: Program, holder: Recipient, unit: Unit, now: datetime) -> Wallet:
    """Return a wallet with an account of its own in the books, not added yet."""
    public_id = new_public_id("wal", now=now)
    role, external_id = (Role.WALLET, holder.member.external_id) if holder.member else (Role.PENDING, None)
    owner = book_reference(external_id=external_id, public_id=public_id)
    return Wallet(
        public_id=public_id,
        organization_id=program.organization_id,
        program_id=program.id,
        unit_id=unit.id,
        account_id=open_bearer(session, program=program, role=role, owner=owner, unit_id=unit.id),
        created_at=now,
        **_columns_of(holder),
    )


def _open_once(session: Session, *, open_wallet: Callable[[], Wallet]) -> Wallet | None:
    """Open a wallet; nothing when another transaction opened it first."""
    try:
        with session.begin_nested():
            wallet = open_wallet()
            session.add(wallet)
            session.flush()
    except IntegrityError:
        return None
    return wallet
