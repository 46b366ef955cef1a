"""Reads of codes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from rewards_service.codes.errors import BatchNotFound
from rewards_service.codes.models import Code, CodeBatch
from rewards_service.codes.policy import NOTHING, CodeState, CodeValue, state_of
from rewards_service.kit.database import UtcDateTime
from rewards_service.kit.errors import NotFound
from rewards_service.kit.jobs import Progress, progress_of
from rewards_service.ledger.models import Lot
from rewards_service.wallets.queries import merged_accounts

FOUND_MAX = 50
"""Codes that a search by their last four symbols shows."""

MOVES_FOLLOWED_MAX = 1_000
"""How often value may have moved on; longer chains are a defect."""

_NOW = bindparam("now", type_=UtcDateTime)
_IS_USABLE = or_(Lot.expires_at.is_(None), Lot.expires_at > _NOW)
_VALUES = (
    select(
        Lot.account_id,
        func.sum(case((_IS_USABLE, Lot.units_available), else_=0)),
        func.sum(Lot.units_held),
        func.sum(case((_IS_USABLE, 0), else_=Lot.units_available)),
        func.min(case((_IS_USABLE & (Lot.units_available > 0), Lot.expires_at), else_=None)),
    )
    .where(
        Lot.account_id.in_(bindparam("account_ids", expanding=True)), or_(Lot.units_available > 0, Lot.units_held > 0)
    )
    .group_by(Lot.account_id)
)
_MOVED = (
    select(Code.account_id, Code.moved_to_account_id)
    .where(Code.account_id.in_(bindparam("account_ids", expanding=True)))
    .order_by(Code.id)
    .with_for_update(read=True)
)


@dataclass(frozen=True, slots=True)
class CodeView:
    """A code as its issuer sees it at a moment."""

    code: Code
    state: CodeState
    value: CodeValue


def code_by_public_id(session: Session, *, organization_id: int, public_id: str) -> Code:
    """Return the organization's code of that public id.

    Raises:
        NotFound: there is none.
    """
    found = session.scalar(select(Code).where(Code.organization_id == organization_id, Code.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def codes_by_last4(session: Session, *, organization_id: int, last4: str) -> list[Code]:
    """Return the organization's codes that end in these four symbols, newest first, at most ``FOUND_MAX``."""
    ending = last4.strip().upper()
    return list(
        session.scalars(
            select(Code)
            .where(Code.organization_id == organization_id, Code.last4 == ending)
            .order_by(Code.id.desc())
            .limit(FOUND_MAX)
        )
    )


def code_views(session: Session, *, codes: Collection[Code], now: datetime) -> list[CodeView]:
    """Return each code with its state and value at ``now``, in the order given."""
    values = values_of(session, account_ids=[code.account_id for code in codes], now=now)
    worth = [values.get(code.account_id, NOTHING) for code in codes]
    return [
        CodeView(code, shown_state(code, value=value, now=now), value) for code, value in zip(codes, worth, strict=True)
    ]


def shown_state(code: Code, *, value: CodeValue, now: datetime) -> CodeState:
    """Return the state that a code of this value shows at ``now``."""
    return state_of(stored=CodeState(code.state), value=value, expires_at=code.expires_at, now=now)


def values_of(session: Session, *, account_ids: Iterable[int], now: datetime) -> dict[int, CodeValue]:
    """Return what each of these accounts holds at ``now``; those that hold nothing are left out."""
    rows = session.connection().execute(_VALUES, {"account_ids": list(account_ids), "now": now})
    return {
        account_id: CodeValue(int(usable), int(held), int(stale), end) for account_id, usable, held, stale, end in rows
    }


def family_of(session: Session, *, code: Code) -> list[Code]:
    """Return the codes that ``code`` came from and those that came from it, one step each way, oldest first."""
    relatives = or_(
        Code.replaced_by_id == code.id,
        Code.made_from_id == code.id,
        Code.id.in_([relative for relative in (code.replaced_by_id, code.made_from_id) if relative is not None]),
    )
    return list(session.scalars(select(Code).where(relatives).order_by(Code.id)))


def living_accounts(session: Session, *, account_ids: Iterable[int]) -> dict[int, int]:
    """Return, for accounts of codes and wallets that were emptied into another, the account their value is in now.

    Codes are claimed or replaced, wallets are merged; value that comes back (a refund) goes where they lead. All stay
    locked against moving on until the transaction ends; accounts that still hold their own are left out.
    """
    leads = {account_id: account_id for account_id in account_ids}
    for _ in range(MOVES_FOLLOWED_MAX):
        ends = sorted(set(leads.values()))
        rows = session.execute(_MOVED, {"account_ids": ends})
        moved = {account_id: moved_to for account_id, moved_to in rows if moved_to is not None}
        moved |= merged_accounts(session, account_ids=ends)
        onward = {start: moved[at] for start, at in leads.items() if at in moved}
        if not onward:
            return {start: at for start, at in leads.items() if start != at}
        leads |= onward
    raise AssertionError("value does not move in a circle")


def batch_by_public_id(session: Session, *, organization_id: int, public_id: str) -> CodeBatch:
    """Return the organization's batch of that public id.

    Raises:
        BatchNotFound: there is none.
    """
    found = session.scalar(
        select(CodeBatch).where(CodeBatch.organization_id == organization_id, CodeBatch.public_id == public_id)
    )
    if found is None:
        raise BatchNotFound
    return found


def batch_exists(session: Session, *, program_id: int, external_id: str) -> bool:
    """Tell whether the program has a batch of that external id."""
    found = select(CodeBatch.id).where(CodeBatch.program_id == program_id, CodeBatch.external_id == external_id)
    return session.scalar(found) is not None


def batch_progress(session: Session, *, batch: CodeBatch) -> Progress:
    """Return the state of the batch's job, how many codes are issued, and how many there will be."""
    assert batch.job_id is not None, "a batch is issued by a job"
    return progress_of(session, job_id=batch.job_id)
