"""Who pays: tenders as they were named become payers, and payers purses with what they can contribute."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from rewards_service.codes.entering import check_code, require_usable
from rewards_service.codes.errors import CodeNotUsable, CodeRepeated
from rewards_service.codes.models import Code
from rewards_service.codes.policy import NOTHING, STRANGER, CodeState
from rewards_service.codes.queries import values_of
from rewards_service.identity.models import Member
from rewards_service.kit.crypto import Vault
from rewards_service.kit.errors import FieldProblem
from rewards_service.kit.money import MINOR_MAX
from rewards_service.kit.statements import Statement
from rewards_service.ledger.balances import lock_balances
from rewards_service.ledger.lots import open_lots
from rewards_service.ledger.policy import is_spendable, taking_order
from rewards_service.orders.errors import OrderInvalid
from rewards_service.orders.pricing import Purse
from rewards_service.orders.requests import PayByCode, PayByProvedCode, PayByWallet, Tender
from rewards_service.programs.models import Program
from rewards_service.programs.policy import Rate
from rewards_service.programs.queries import PAR
from rewards_service.wallets.models import Wallet


@dataclass(frozen=True, slots=True)
class Payer:
    """A wallet or a code that pays.

    Attributes:
        reference: the public id of the wallet or code.
        last4: all that is shown of a code; empty for a wallet.
        units_max: no more than this is taken; none: whatever it takes.
        member_id, member_reference: whose wallet it is, by key and public id; none for codes.
    """

    account_id: int
    unit_id: int
    reference: str
    last4: str = ""
    wallet_id: int | None = None
    code_id: int | None = None
    member_id: int | None = None
    member_reference: str | None = None
    units_max: int | None = None


class WalletRow(NamedTuple):
    """A member's wallet, and whose it is."""

    public_id: str
    id: int
    account_id: int
    unit_id: int
    member_id: int
    member_reference: str


_WALLETS = Statement(
    select(
        Wallet.public_id,
        Wallet.id,
        Wallet.account_id,
        Wallet.unit_id,
        Wallet.member_id,
        Member.public_id,
    )
    .join(Member, Member.id == Wallet.member_id)
    .where(Wallet.program_id == bindparam("program_id"), Wallet.public_id.in_(bindparam("references", expanding=True)))
)
"""Members' wallets alone: what waits for its owner pays for nothing."""
_CODES = (
    select(Code)
    .where(Code.id.in_(bindparam("code_ids", expanding=True)), Code.program_id == bindparam("of_program"))
    .order_by(Code.id)
)
_KEEP_CODES = (
    select(Code.id)
    .where(Code.id.in_(bindparam("code_ids", expanding=True)), Code.state == CodeState.ACTIVE.value)
    .order_by(Code.id)
    .with_for_update(read=True)
)


def wallets_that_pay(
    session: Session, *, program: Program, tenders: Sequence[Tender], member: Member | None
) -> list[Payer]:
    """Return the wallets among ``tenders``; with a ``member`` only his own.

    Raises:
        OrderInvalid: names each wallet that the program, or the member, does not have, or that waits for its owner.
    """
    wanted = {tender.wallet_id: index for index, tender in enumerate(tenders) if isinstance(tender, PayByWallet)}
    if not wanted:
        return []
    found = _wallets(session, program=program, references=list(wanted), member=member)
    problems = [
        FieldProblem(f"/tenders/{index}/wallet_id", "wallet_not_found", "There is no such wallet to pay from.")
        for reference, index in wanted.items()
        if reference not in found
    ]
    if problems:
        raise OrderInvalid(problems=tuple(problems))
    return [_wallet_payer(row, units_max=tenders[wanted[reference]].units) for reference, row in found.items()]


def codes_that_pay(
    session: Session, *, program: Program, tenders: Sequence[Tender], vault: Vault, now: datetime
) -> list[Payer]:
    """Return the codes among ``tenders``; each is usable at ``now``.

    Raises:
        CodeNotUsable: one is unknown, expired, blocked, empty or of another program: all alike.
        CodeReplaced: one was merged, split or exchanged.
        CodeRepeated: one stands there twice.
    """
    entered = [tender for tender in tenders if isinstance(tender, PayByCode)]
    payers = [
        _code_payer(
            check_code(session, text=tender.code, vault=vault, now=now, program_id=program.id).code, tender.units
        )
        for tender in entered
    ]
    payers += _proved_codes(session, program=program, tenders=tenders, now=now)
    if len({payer.account_id for payer in payers}) != len(payers):
        raise CodeRepeated
    return payers


def keep_codes(session: Session, *, payers: Iterable[Payer]) -> None:
    """Keep others from blocking, claiming or moving on the codes that pay, until the transaction ends.

    Raises:
        CodeNotUsable: somebody did so meanwhile.
    """
    code_ids = [payer.code_id for payer in payers if payer.code_id is not None]
    if not code_ids:
        return
    kept = session.connection().execute(_KEEP_CODES, {"code_ids": code_ids}).all()
    if len(kept) != len(code_ids):
        raise CodeNotUsable(is_known=True)


def locked_purses(
    session: Session, *, program: Program, payers: Sequence[Payer], rate: Rate, now: datetime
) -> list[Purse]:
    """Return what each payer can contribute while nobody else can take it.

    A payer alone needs no look: the guard of its account says whether it has enough, in the statement that takes it.
    """
    if len(payers) > 1:
        lock_balances(session, [payer.account_id for payer in payers])
        return seen_purses(session, program=program, payers=payers, rate=rate, now=now)
    return [_purse(payer, parts=[(None, MINOR_MAX)], program=program, rate=rate) for payer in payers]


def seen_purses(
    session: Session, *, program: Program, payers: Sequence[Payer], rate: Rate, now: datetime
) -> list[Purse]:
    """Return what each payer could contribute at ``now``, as far as the session sees it."""
    if not payers:
        return []
    lots, _ = open_lots(session, program_id=program.id, account_ids=[payer.account_id for payer in payers], now=now)
    spendable = sorted((lot for lot in lots if is_spendable(lot, now=now)), key=taking_order)
    parts: dict[int, list[tuple[datetime | None, int]]] = {payer.account_id: [] for payer in payers}
    for lot in spendable:
        parts[lot.account_id].append((lot.expires_at, lot.units_available))
    return [_purse(payer, parts=parts[payer.account_id], program=program, rate=rate) for payer in payers]


def _wallets(
    session: Session, *, program: Program, references: Sequence[str], member: Member | None
) -> dict[str, WalletRow]:
    """Return the program's wallets of these public ids; with a ``member`` only his own."""
    parameters = {"program_id": program.id, "references": references}
    rows = [WalletRow(*row) for row in _WALLETS.rows(session.connection(), parameters)]
    return {row.public_id: row for row in rows if member is None or row.member_id == member.id}


def _wallet_payer(row: WalletRow, *, units_max: int | None) -> Payer:
    """Return a wallet as a payer."""
    return Payer(
        account_id=row.account_id,
        unit_id=row.unit_id,
        reference=row.public_id,
        wallet_id=row.id,
        member_id=row.member_id,
        member_reference=row.member_reference,
        units_max=units_max,
    )


def _purse(payer: Payer, *, parts: Sequence[tuple[datetime | None, int]], program: Program, rate: Rate) -> Purse:
    """Return a payer's purse; promises pay at par, points at ``rate``."""
    units = sum(part for _, part in parts)
    return Purse(
        account_id=payer.account_id,
        unit_id=payer.unit_id,
        units=units if payer.units_max is None else min(units, payer.units_max),
        balance_units=units,
        rate=rate if payer.unit_id == program.points_unit_id else PAR,
        expires_at=parts[0][0] if parts else None,
        parts=parts,
    )


def _proved_codes(session: Session, *, program: Program, tenders: Sequence[Tender], now: datetime) -> list[Payer]:
    """Return the codes that were entered before and are still usable."""
    wanted = {tender.code_id: tender.units for tender in tenders if isinstance(tender, PayByProvedCode)}
    if not wanted:
        return []
    found = session.scalars(_CODES, {"code_ids": list(wanted), "of_program": program.id}).all()
    if len(found) != len(wanted):
        raise CodeNotUsable
    values = values_of(session, account_ids=[code.account_id for code in found], now=now)
    for code in found:
        require_usable(session, code=code, value=values.get(code.account_id, NOTHING), asker=STRANGER, now=now)
    return [_code_payer(code, wanted[code.id]) for code in found]


def _code_payer(code: Code, units_max: int | None) -> Payer:
    """Return a code as a payer."""
    return Payer(
        account_id=code.account_id,
        unit_id=code.unit_id,
        reference=code.public_id,
        last4=code.last4,
        code_id=code.id,
        units_max=units_max,
    )
