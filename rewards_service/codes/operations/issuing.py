"""Codes come into being: one at once, or many as a job."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.codes.auditing import audit_code
from rewards_service.codes.errors import BatchConflicts, ExpiryNotAhead, TooManyCodes
from rewards_service.codes.handles import HandleTerms, NewCode, draft_codes, open_handle, store_drafts
from rewards_service.codes.models import CodeBatch
from rewards_service.codes.policy import BATCH_CODES_MAX, CHUNK_CODES_MAX, ROWS_PER_CODE, serial_reference
from rewards_service.codes.shortness import require_worth_little, symbols_for
from rewards_service.kit.actor import Actor
from rewards_service.kit.bulk import rows_per_transaction
from rewards_service.kit.clock import has_expired
from rewards_service.kit.crypto import Vault
from rewards_service.kit.errors import FieldProblem
from rewards_service.kit.ids import new_public_id
from rewards_service.kit.jobs import enqueue
from rewards_service.ledger.balances import require_units
from rewards_service.ledger.operations import IssueTerms, Source, issue_to_new_bearers, issue_value
from rewards_service.ledger.policy import IncentiveType
from rewards_service.programs.models import Budget, Program, Unit
from rewards_service.programs.policy import end_of_day, local_day, require_end_in_reach
from rewards_service.programs.queries import program_by_id
from rewards_service.wallets.policy import book_reference

CODE_SOURCE = "code"
BATCH_SOURCE = "code_batch"
BATCH_JOB = "codes.issue_batch"


@dataclass(frozen=True, slots=True)
class CodeTerms:
    """What each code is worth, in which unit, until when, and who pays."""

    value_units: int
    unit: Unit
    expires_at: datetime | None = None
    incentive_type: IncentiveType = IncentiveType.POINTS
    budget: Budget | None = None


def issue_code(
    session: Session,
    *,
    program: Program,
    terms: CodeTerms,
    vault: Vault,
    actor: Actor,
    now: datetime,
    reference: str | None = None,
    is_recoverable: bool = True,
) -> NewCode:
    """Issue one code. ``reference`` is the caller's name for it in the books; unrecoverable codes can only be reissued.

    Raises:
        UnitsNotPositive: the value is not a whole number above zero.
        ExpiryNotAhead: it would end before ``now``.
        ExpiryTooFar: it would end beyond the last year there is.
        ShortCodeWorthTooMuch: the program's codes are too short for it.
        BudgetExhausted: the budget does not cover it.
    """
    _require_ahead(terms.expires_at, now=now)
    require_units(terms.value_units)
    _require_worth_little(session, program=program, terms=terms, now=now)
    terms = _with_end(program, terms, now=now)
    handle = HandleTerms(
        unit_id=terms.unit.id,
        value_units=terms.value_units,
        expires_at=terms.expires_at,
        reference=reference,
        is_recoverable=is_recoverable,
    )
    new = open_handle(session, program=program, terms=handle, vault=vault, now=now)
    issue_value(
        session,
        program=program,
        account_id=new.code.account_id,
        units=terms.value_units,
        terms=_issue_terms(terms, now=now),
        source=Source(CODE_SOURCE, new.code.public_id, actor),
        now=now,
    )
    audit_code(session, code=new.code, action="issued", actor=actor, now=now, detail=_worth(terms))
    return new


def create_batch(
    session: Session, *, program: Program, external_id: str, count: int, terms: CodeTerms, actor: Actor, now: datetime
) -> CodeBatch:
    """Ask for ``count`` codes of one value; a job issues them, chunk by chunk.

    The same external id with the same content is the same batch: it is returned and nothing changes.

    Raises:
        BatchConflicts: the external id names a batch of other content.
        TooManyCodes: more than ``BATCH_CODES_MAX``, or none.
        UnitsNotPositive: the value, each or in all, is not a whole number above zero within the books' range.
        ExpiryNotAhead: the codes would end before ``now``.
        ExpiryTooFar: they would end beyond the last year there is.
        ShortCodeWorthTooMuch: the program's codes are too short for the value.
    """
    found = session.scalar(
        select(CodeBatch).where(CodeBatch.program_id == program.id, CodeBatch.external_id == external_id)
    )
    if found is not None:
        _require_same(found, count=count, terms=terms)
        return found
    _require_possible(count=count, terms=terms, now=now)
    _require_worth_little(session, program=program, terms=terms, now=now)
    batch = _new_batch(program, external_id=external_id, count=count, terms=terms, now=now)
    session.add(batch)
    session.flush()
    batch.job_id = enqueue(
        session,
        kind=BATCH_JOB,
        payload={"batch_id": batch.id, "actor": [actor.kind, actor.reference]},
        now=now,
        organization_id=program.organization_id,
        dedupe_key=batch.public_id,
        total=count,
    )
    session.flush()
    detail = {"count": count, **_worth(terms)}
    audit_code(session, code=batch, action="created", actor=actor, now=now, detail=detail)
    return batch


def issue_chunk(
    session: Session, *, batch: CodeBatch, chunk: int, issued: int, vault: Vault, actor: Actor, now: datetime
) -> int:
    """Issue the next codes of a batch, ``issued`` of which exist, in one entry, and return how many.

    ``chunk`` counts from 1; the books refuse the same chunk a second time.

    Raises:
        BudgetExhausted: the budget does not cover the chunk.
    """
    program = program_by_id(session, program_id=batch.program_id)
    count = min(_chunk_codes(session), batch.count - issued)
    symbols = symbols_for(session, program=program, unit_id=batch.unit_id, units=batch.value_units, now=now)
    drafts = draft_codes(count, program=program, symbols=symbols, vault=vault, now=now)
    serials = range(issued + 1, issued + count + 1)
    value = issue_to_new_bearers(
        session,
        program=program,
        owners=[serial_reference(batch.book_prefix, serial=serial, count=batch.count) for serial in serials],
        units=batch.value_units,
        terms=_issue_terms(_terms_of(session, batch), now=now),
        source=Source(BATCH_SOURCE, f"{batch.public_id}/{chunk}", actor),
        now=now,
    )
    store_drafts(session, batch=batch, drafts=drafts, account_ids=value.account_ids, vault=vault, now=now)
    return count


def _new_batch(program: Program, *, external_id: str, count: int, terms: CodeTerms, now: datetime) -> CodeBatch:
    """Return the row of a batch that was never asked for before."""
    public_id = new_public_id("bat", now=now)
    return CodeBatch(
        public_id=public_id,
        organization_id=program.organization_id,
        program_id=program.id,
        external_id=external_id,
        book_prefix=book_reference(external_id=external_id, public_id=public_id),
        unit_id=terms.unit.id,
        count=count,
        value_units=terms.value_units,
        expires_at=_with_end(program, terms, now=now).expires_at,
        incentive_type=terms.incentive_type.value,
        budget_id=terms.budget.id if terms.budget else None,
        created_at=now,
        is_end_asked=terms.expires_at is not None,
    )


def _terms_of(session: Session, batch: CodeBatch) -> CodeTerms:
    """Return what a batch was asked for with."""
    return CodeTerms(
        value_units=batch.value_units,
        unit=session.get_one(Unit, batch.unit_id),
        expires_at=batch.expires_at,
        incentive_type=IncentiveType(batch.incentive_type),
        budget=session.get_one(Budget, batch.budget_id) if batch.budget_id else None,
    )


def _issue_terms(terms: CodeTerms, *, now: datetime) -> IssueTerms:
    """Return the same terms as the books put them."""
    return IssueTerms(
        unit=terms.unit,
        incentive_type=terms.incentive_type,
        expires_at=terms.expires_at,
        earned_on=now,
        budget=terms.budget,
    )


def _worth(terms: CodeTerms) -> dict[str, object]:
    """Return the value of a code as the audit trail keeps it."""
    return {"value_units": terms.value_units, "unit": terms.unit.symbol}


def _chunk_codes(session: Session) -> int:
    """Return how many codes one transaction issues."""
    return min(CHUNK_CODES_MAX, rows_per_transaction(session) // ROWS_PER_CODE)


def _require_possible(*, count: int, terms: CodeTerms, now: datetime) -> None:
    """Refuse a batch that could not be issued."""
    if not 0 < count <= BATCH_CODES_MAX:
        raise TooManyCodes("A batch has 1 to {limit} codes.", limit=BATCH_CODES_MAX)
    require_units(terms.value_units)
    require_units(terms.value_units * count)
    _require_ahead(terms.expires_at, now=now)


def _require_worth_little(session: Session, *, program: Program, terms: CodeTerms, now: datetime) -> None:
    """Refuse a value that is too much for the program's codes."""
    require_worth_little(session, program=program, unit_id=terms.unit.id, units=terms.value_units, now=now)


def _require_same(batch: CodeBatch, *, count: int, terms: CodeTerms) -> None:
    """Refuse a batch that was asked for before with other content; an end that the program gave need not be named."""
    is_end_same = terms.expires_at == batch.expires_at or (terms.expires_at is None and not batch.is_end_asked)
    content = (count, terms.value_units, terms.unit.id)
    if not is_end_same or content != (batch.count, batch.value_units, batch.unit_id):
        raise BatchConflicts


def _with_end(program: Program, terms: CodeTerms, *, now: datetime) -> CodeTerms:
    """Return terms without an end with that of the program: the end of the day so many days after ``now``."""
    if terms.expires_at is not None or program.code_days is None:
        return terms
    final_day = local_day(now, program.time_zone) + timedelta(days=program.code_days)
    return replace(terms, expires_at=end_of_day(final_day, program.time_zone))


def _require_ahead(expires_at: datetime | None, *, now: datetime) -> None:
    """Refuse value that would end before it begins, or beyond the last year there is."""
    require_end_in_reach(expires_at)
    if has_expired(expires_at=expires_at, now=now):
        message = "This lies in the past."
        raise ExpiryNotAhead(problems=(FieldProblem("/expires_at", "expiry_not_ahead", message),))
