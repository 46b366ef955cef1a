"""Value is awarded: once per external id, to a member or to whoever proves an address."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from rewards_service.kit.actor import Actor
from rewards_service.kit.clock import has_expired
from rewards_service.kit.database import UtcDateTime
from rewards_service.kit.errors import Conflict, FieldProblem, ValidationFailed
from rewards_service.kit.ids import new_public_id
from rewards_service.ledger.balances import require_units
from rewards_service.ledger.operations import IssueTerms, Source, issue_value
from rewards_service.ledger.policy import IncentiveType
from rewards_service.programs.models import Budget, Program, Unit
from rewards_service.programs.policy import require_end_in_reach
from rewards_service.wallets.models import Award, Wallet
from rewards_service.wallets.operations.opening import Recipient, wallet_for
from rewards_service.wallets.queries import keep_living_wallet, living_wallet

AWARD_SOURCE = "award"

_INSERT_AWARD = text(
    "INSERT INTO award (public_id, organization_id, program_id, external_id, wallet_id, unit_id, value_units, reason, "
    "source_row, earned_on, expires_at, created_at) VALUES (:public_id, :organization_id, :program_id, :external_id, "
    ":wallet_id, :unit_id, :value_units, :reason, :source_row, :earned_on, :expires_at, :created_at) "
    "ON CONFLICT (program_id, external_id) DO NOTHING"
).bindparams(*(bindparam(name, type_=UtcDateTime) for name in ("earned_on", "expires_at", "created_at")))

_TOLD = (
    select(Award, Wallet.merged_into_id)
    .join(Wallet, Wallet.id == Award.wallet_id)
    .where(Award.program_id == bindparam("of_program"), Award.external_id == bindparam("told"))
)
"""The wallet as it is now: it may have been merged while the award was on its way."""


class AwardConflict(Conflict):
    """The external id names another award of the program: other value, recipient, reason or expiry."""

    code = "external_id_conflict"
    title = "This external id is already used for another award"


class AlreadyExpired(ValidationFailed):
    """Value cannot end before it begins."""

    code = "already_expired"
    title = "The expiry lies in the past"


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
        AlreadyExpired: it is new, and the value would have ended before ``now``.
        ExpiryTooFar: it would end beyond the last year there is.
        UnitsNotPositive: the value is not a whole number above zero.
        BudgetExhausted: the budget does not cover it.
    """
    require_units(terms.value_units)
    require_end_in_reach(terms.expires_at)
    wallet = wallet_for(session, program=program, recipient=recipient, unit=terms.unit, now=now)
    row = _award_row(program, wallet=wallet, terms=terms, external_id=external_id, now=now)
    is_new = session.connection().execute(_INSERT_AWARD, row).rowcount == 1
    award, merged_into_id = session.execute(_TOLD, {"of_program": program.id, "told": external_id}).one()
    if is_new:
        if merged_into_id is not None:
            wallet = keep_living_wallet(session, wallet=wallet)
        _issue(session, program=program, wallet=wallet, award=award, terms=terms, actor=actor, now=now)
    else:
        _require_same(session, award=award, wallet=wallet, terms=terms)
    return Awarded(award, wallet, is_new=is_new)


def _award_row(
    program: Program, *, wallet: Wallet, terms: AwardTerms, external_id: str, now: datetime
) -> dict[str, object]:
    """Return the columns of an award that is told now."""
    return {
        "public_id": new_public_id("awd", now=now),
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


def _issue(
    session: Session,
    *,
    program: Program,
    wallet: Wallet,
    award: Award,
    terms: AwardTerms,
    actor: Actor,
    now: datetime,
) -> None:
    """Put the value of a new award into its wallet, with its entry in the books.

    Raises:
        AlreadyExpired: it would have ended by now.
    """
    if has_expired(expires_at=terms.expires_at, now=now):
        raise AlreadyExpired(problems=(FieldProblem("/expires_at", "already_expired", "This lies in the past."),))
    issue_value(
        session,
        program=program,
        account_id=wallet.account_id,
        units=terms.value_units,
        terms=IssueTerms(
            terms.unit, terms.incentive_type, terms.expires_at, award.earned_on, terms.budget, kind="award"
        ),
        source=Source(AWARD_SOURCE, award.public_id, actor, effective_at=award.earned_on),
        now=now,
    )


def _require_same(session: Session, *, award: Award, wallet: Wallet, terms: AwardTerms) -> None:
    """Refuse an award that was told before with other content."""
    first = living_wallet(session, wallet=session.get_one(Wallet, award.wallet_id))
    told = (award.value_units, award.unit_id, award.reason, award.expires_at, first.id)
    if told != (terms.value_units, terms.unit.id, terms.reason, terms.expires_at, wallet.id):
        raise AwardConflict
