"""Writes of wallets: awards in, corrections, and value that finds its member."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rewards_service.identity.models import Member
from rewards_service.kit.actor import Actor
from rewards_service.kit.database import UtcDateTime
from rewards_service.kit.errors import Conflict, FieldProblem, ValidationFailed
from rewards_service.kit.ids import new_public_id
from rewards_service.ledger.accounts import open_bearer
from rewards_service.ledger.balances import require_units
from rewards_service.ledger.chart import Role
from rewards_service.ledger.models import Entry
from rewards_service.ledger.operations import (
    IssueTerms,
    Move,
    Source,
    adjust_value,
    cancel_value,
    issue_value,
    move_value,
    reverse_entry,
)
from rewards_service.ledger.policy import IncentiveType
from rewards_service.programs.models import Budget, Program, Unit
from rewards_service.wallets.models import Award, Wallet
from rewards_service.wallets.policy import book_reference
from rewards_service.wallets.queries import award_by_external_id, living_wallet, pending_wallets, wallet_view

AWARD_SOURCE = "award"
WALLET_SOURCE = "wallet"

_INSERT_AWARD = text(
    "INSERT INTO award (public_id, organization_id, program_id, external_id, wallet_id, unit_id, value_units, reason, "
    "source_row, earned_on, expires_at, created_at) VALUES (:public_id, :organization_id, :program_id, :external_id, "
    ":wallet_id, :unit_id, :value_units, :reason, :source_row, :earned_on, :expires_at, :created_at) "
    "ON CONFLICT (program_id, external_id) DO NOTHING"
).bindparams(*(bindparam(name, type_=UtcDateTime) for name in ("earned_on", "expires_at", "created_at")))

_MEMBER_OF_ADDRESS = select(Member).where(
    Member.program_id == bindparam("of_program"),
    (Member.email == bindparam("address")) | (Member.phone == bindparam("address")),
)


class AwardConflict(Conflict):
    """The external id names another award of the program: other value, recipient, reason or expiry."""

    code = "external_id_conflict"
    title = "This external id is already used for another award"


class AlreadyExpired(ValidationFailed):
    """Value cannot end before it begins."""

    code = "already_expired"
    title = "The expiry lies in the past"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who earned it: a member, or an address (email in lower case, phone in E.164) that may be anybody's."""

    member: Member | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class AwardTerms:
    """What was earned, and until when it may be spent."""

    value_units: int
    unit: Unit
    reason: str
    expires_at: datetime | None = None
    earned_on: datetime | None = None
    incentive_type: IncentiveType = IncentiveType.POINTS
    budget: Budget | None = None
    source_row: str | None = None


@dataclass(frozen=True, slots=True)
class Awarded:
    """The award, and whether this call made it."""

    award: Award
    wallet: Wallet
    is_new: bool


def award_value(
    session: Session,
    *,
    program: Program,
    recipient: Recipient,
    terms: AwardTerms,
    external_id: str,
    actor: Actor,
    now: datetime,
) -> Awarded:
    """Give a member, or whoever proves an address, value that may be spent at once.

    The same external id with the same content is the same award told again: it is returned and nothing changes.

    Raises:
        AwardConflict: the external id is in use for an award with other content.
        AlreadyExpired: the value would have ended before ``now``.
        UnitsNotPositive: the value is not a whole number above zero.
        BudgetExhausted: the budget does not cover it.
    """
    require_units(terms.value_units)
    if terms.expires_at is not None and terms.expires_at <= now:
        raise AlreadyExpired(problems=(FieldProblem("/expires_at", "already_expired", "This lies in the past."),))
    wallet = wallet_for(session, program=program, recipient=recipient, unit=terms.unit, now=now)
    public_id = new_public_id("awd", now=now)
    row = {
        "public_id": public_id,
        "organization_id": program.organization_id,
        "program_id": program.id,
        "external_id": external_id,
        "wallet_id": wallet.id,
        "unit_id": terms.unit.id,
        "value_units": terms.value_units,
        "reason": terms.reason,
        "source_row": terms.source_row,
        "earned_on": terms.earned_on or now,
        "expires_at": terms.expires_at,
        "created_at": now,
    }
    is_new = _insert_award(session, row=row)
    award = award_by_external_id(session, program_id=program.id, external_id=external_id)
    assert award is not None, "the row is there, made now or before"
    if not is_new:
        _require_same(session, award=award, wallet=wallet, terms=terms)
        return Awarded(award, wallet, is_new=False)
    issue_value(
        session,
        program=program,
        account_id=wallet.account_id,
        units=terms.value_units,
        terms=IssueTerms(
            terms.unit, terms.incentive_type, terms.expires_at, award.earned_on, terms.budget, kind="award"
        ),
        source=Source(AWARD_SOURCE, public_id, actor, effective_at=award.earned_on),
        now=now,
    )
    return Awarded(award, wallet, is_new=True)


def wallet_for(session: Session, *, program: Program, recipient: Recipient, unit: Unit, now: datetime) -> Wallet:
    """Return the wallet of a member or of an address in ``unit``, opened if it is the first value there."""
    member = recipient.member or _member_of(session, program=program, address=recipient.address)
    holder = (
        {"member_id": member.id, "pending_address": None}
        if member is not None
        else {"member_id": None, "pending_address": recipient.address}
    )
    role = Role.PENDING if member is None else Role.WALLET
    found = select(Wallet).filter_by(program_id=program.id, unit_id=unit.id, **holder)

    def open_wallet() -> Wallet:
        public_id = new_public_id("wal", now=now)
        owner = book_reference(external_id=member.external_id if member else None, public_id=public_id)
        return Wallet(
            public_id=public_id,
            organization_id=program.organization_id,
            program_id=program.id,
            unit_id=unit.id,
            account_id=open_bearer(session, program=program, role=role, owner=owner, unit_id=unit.id),
            created_at=now,
            **holder,
        )

    return session.scalar(found) or _open_once(session, open_wallet=open_wallet) or session.scalars(found).one()


def welcome_member(session: Session, *, program: Program, member: Member, actor: Actor, now: datetime) -> list[Wallet]:
    """Move what waits for the addresses that a member has proved into the member's own wallets; return those merged.

    Called at every sign-in and whenever another address is proved, so email and phone end up as one balance.
    """
    proved = [(member.email, member.email_verified_at), (member.phone, member.phone_verified_at)]
    addresses = [address for address, verified_at in proved if address and verified_at]
    merged = pending_wallets(session, program_id=program.id, addresses=addresses)
    for pending in merged:
        unit = session.get_one(Unit, pending.unit_id)
        own = wallet_for(session, program=program, recipient=Recipient(member=member), unit=unit, now=now)
        units = wallet_view(session, wallet=pending, now=now).balance_units
        if units:
            move_value(
                session,
                program=program,
                unit_id=unit.id,
                moves=[Move(pending.account_id, own.account_id, units)],
                source=Source(WALLET_SOURCE, pending.public_id, actor),
                now=now,
            )
        pending.merged_into_id = own.id
    session.flush()
    return merged


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
    """
    source = Source(WALLET_SOURCE, reference, actor, reason)
    return adjust_value(
        session,
        program=program,
        account_id=wallet.account_id,
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
    wallet = living_wallet(session, wallet=session.get_one(Wallet, award.wallet_id))
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


def _insert_award(session: Session, *, row: dict[str, object]) -> bool:
    """Add the award unless its external id is taken, and tell whether it was added; a twin under way is waited for."""
    return session.connection().execute(_INSERT_AWARD, row).rowcount == 1


def _require_same(session: Session, *, award: Award, wallet: Wallet, terms: AwardTerms) -> None:
    """Refuse an award that was told before with other content."""
    first = living_wallet(session, wallet=session.get_one(Wallet, award.wallet_id))
    told = (award.value_units, award.unit_id, award.reason, award.expires_at, first.id)
    if told != (terms.value_units, terms.unit.id, terms.reason, terms.expires_at, wallet.id):
        raise AwardConflict


def _member_of(session: Session, *, program: Program, address: str | None) -> Member | None:
    """Return the member of the program with that email or phone, if somebody is registered with it."""
    assert address, "value goes to somebody"
    return session.scalar(_MEMBER_OF_ADDRESS, {"of_program": program.id, "address": address})


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
