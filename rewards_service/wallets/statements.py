"""Wallets with what surrounds them: units, programs, holders."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.identity.models import Member
from rewards_service.programs.models import Program, Unit
from rewards_service.wallets.models import Wallet


@dataclass(frozen=True, slots=True)
class OwnWallet:
    """One of a member's wallets, with its unit."""

    public_id: str
    unit: Unit


class Surroundings(TypedDict):
    """What a wallet belongs to, by public ids where it names somebody."""

    program: Program
    unit: Unit
    member_id: str | None
    merged_into: str | None


def wallets_of_members(session: Session, *, member_ids: Collection[int]) -> dict[int, list[OwnWallet]]:
    """Return the wallets of several members by the member's key, oldest first; who has none is left out."""
    rows = session.execute(
        select(Wallet.member_id, Wallet.public_id, Unit)
        .join(Unit, Unit.id == Wallet.unit_id)
        .where(Wallet.member_id.in_(member_ids))
        .order_by(Wallet.id)
    )
    found: dict[int, list[OwnWallet]] = {}
    for member_id, public_id, unit in rows:
        assert member_id is not None, "wallets of members were asked for"
        found.setdefault(member_id, []).append(OwnWallet(public_id, unit))
    return found


def wallet_surroundings(session: Session, *, wallet: Wallet) -> Surroundings:
    """Return the program, unit and holder of a wallet, and the wallet that took its value over."""
    member = None if wallet.member_id is None else session.get_one(Member, wallet.member_id)
    merged = None if wallet.merged_into_id is None else session.get_one(Wallet, wallet.merged_into_id)
    return Surroundings(
        program=session.get_one(Program, wallet.program_id),
        unit=session.get_one(Unit, wallet.unit_id),
        member_id=None if member is None else member.public_id,
        merged_into=None if merged is None else merged.public_id,
    )
