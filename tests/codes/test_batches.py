"""Batches: asked for once, issued chunk by chunk by a job, exported by their issuer."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from rewards_service.codes import operations
from rewards_service.codes.entering import check_code
from rewards_service.codes.errors import BatchConflicts, BatchNotFound, ExpiryNotAhead, TooManyCodes
from rewards_service.codes.jobs import JOB_KINDS
from rewards_service.codes.models import Code, CodeBatch
from rewards_service.codes.operations import CodeTerms, create_batch, export_batch, issuing, record_export
from rewards_service.codes.policy import BATCH_CODES_MAX, CHUNK_CODES_MAX
from rewards_service.codes.queries import batch_by_public_id, batch_exists, batch_progress
from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import audit_of_object
from rewards_service.kit.jobs import Continue, Done, JobState, Progress, job_by_id
from rewards_service.kit.jobs.kinds import JobRun, run_of
from rewards_service.ledger.errors import UnitsNotPositive
from rewards_service.ledger.models import Account, Entry, Lot
from rewards_service.programs.models import Program
from tests.codes.conftest import Desk
from tests.conftest import NOW

STAFF = Actor("staff", "stf_1")
SOON = NOW + timedelta(days=1)
ISSUE_BATCH = JOB_KINDS[0]


class TestCreateBatch:
    def test_files_a_job_that_will_issue_the_codes(self, desk: Desk):
        batch = ask(desk, count=1000)
        progress = batch_progress(desk.session, batch=batch)
        assert progress == Progress(state=JobState.PENDING, done=0, total=1000)
        assert desk.session.scalar(select(func.count()).select_from(Code)) == 0

    def test_is_the_same_batch_when_it_is_asked_for_again(self, desk: Desk):
        first, again = ask(desk), ask(desk)
        assert again.id == first.id
        assert desk.session.scalar(select(func.count()).select_from(CodeBatch)) == 1

    def test_is_known_from_then_on(self, desk: Desk):
        known = [batch_exists(desk.session, program_id=desk.program.id, external_id="B1")]
        ask(desk)
        known.append(batch_exists(desk.session, program_id=desk.program.id, external_id="B1"))
        assert known == [False, True]

    @pytest.mark.parametrize("change", [{"count": 6}, {"units": 101}, {"expires_at": SOON}])
    def test_refuses_the_same_external_id_with_other_content(self, desk: Desk, change: dict[str, object]):
        ask(desk)
        with pytest.raises(BatchConflicts):
            ask(desk, **change)

    @pytest.mark.parametrize("count", [0, -1, BATCH_CODES_MAX + 1])
    def test_refuses_none_and_too_many(self, desk: Desk, count: int):
        with pytest.raises(TooManyCodes):
            ask(desk, count=count)

    @pytest.mark.parametrize(("count", "units"), [(5, 0), (5, -1), (1000, 10**13)])
    def test_refuses_a_value_that_the_books_cannot_keep(self, desk: Desk, count: int, units: int):
        with pytest.raises(UnitsNotPositive):
            ask(desk, count=count, units=units)

    def test_refuses_codes_that_have_ended_already(self, desk: Desk):
        with pytest.raises(ExpiryNotAhead):
            ask(desk, expires_at=NOW)

    def test_is_found_by_its_own_organization_alone(self, desk: Desk, other_program: Program):
        batch = ask(desk)
        own = desk.program.organization_id
        assert batch_by_public_id(desk.session, organization_id=own, public_id=batch.public_id).id == batch.id
        with pytest.raises(BatchNotFound):
            batch_by_public_id(desk.session, organization_id=other_program.organization_id, public_id=batch.public_id)


class TestIssueBatch:
    def test_issues_every_code_once_with_one_entry_for_each_chunk(self, desk: Desk, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(issuing, "CHUNK_CODES_MAX", 40)
        batch = ask(desk, count=100, units=25, expires_at=SOON)
        outcomes = run(desk, batch)
        assert outcomes == [Continue(1, 40), Continue(2, 80), Done("100 codes issued")]
        codes = desk.session.scalars(select(Code).where(Code.batch_id == batch.id)).all()
        assert len({code.public_id for code in codes}) == len({code.account_id for code in codes}) == 100
        assert all(desk.value(code).usable_units == 25 for code in codes[:3])
        references = desk.session.scalars(
            select(Entry.source_ref).where(Entry.source_type == "code_batch").order_by(Entry.id)
        ).all()
        assert references == [f"{batch.public_id}/{chunk}" for chunk in (1, 2, 3)]

    def test_names_the_accounts_by_the_batch_and_a_serial(self, desk: Desk):
        batch = ask(desk, count=12)
        run(desk, batch)
        names = desk.session.scalars(select(Account.book_name).where(Account.role == "code").order_by(Account.id))
        assert names.all() == [f"Liabilities:Value:Demo:Code:B1-{serial:04}" for serial in range(1, 13)]

    def test_makes_codes_that_can_be_entered(self, desk: Desk):
        batch = ask(desk, count=3, expires_at=SOON)
        run(desk, batch)
        for exported in export_batch(desk.session, batch=batch, vault=desk.vault, now=NOW):
            entered = check_code(desk.session, text=exported.text.reveal(), vault=desk.vault, now=NOW)
            assert (entered.value.usable_units, entered.value.expires_at) == (100, SOON)
            assert entered.code.last4 == exported.text.reveal()[-4:]

    def test_gives_every_code_a_lot_of_its_own(self, desk: Desk):
        batch = ask(desk, count=5)
        run(desk, batch)
        lots = desk.session.execute(select(Lot.account_id, Lot.units_available, Lot.base_minor)).all()
        assert len({lot.account_id for lot in lots}) == 5
        assert {(lot.units_available, lot.base_minor) for lot in lots} == {(100, 100)}

    def test_takes_no_more_than_ten_thousand_at_once(self, desk: Desk):
        assert issuing._chunk_codes(desk.session) <= CHUNK_CODES_MAX == 10_000


class TestExportBatch:
    def test_yields_all_codes_page_by_page(self, desk: Desk, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(operations.keeping, "EXPORT_PAGE", 4)
        batch = ask(desk, count=10)
        run(desk, batch)
        exported = list(export_batch(desk.session, batch=batch, vault=desk.vault, now=NOW))
        assert len({each.text.reveal() for each in exported}) == 10
        assert {each.view.value.usable_units for each in exported} == {100}

    def test_leaves_out_what_is_kept_in_no_readable_form(self, desk: Desk):
        batch = ask(desk, count=1)
        run(desk, batch)
        desk.session.scalars(select(Code)).one().sealed_code = None
        desk.session.flush()
        (exported,) = export_batch(desk.session, batch=batch, vault=desk.vault, now=NOW)
        assert exported.text is None

    def test_is_recorded_with_its_reason(self, desk: Desk):
        batch = ask(desk)
        record_export(desk.session, batch=batch, actor=STAFF, reason="printing", now=NOW)
        desk.session.flush()
        trail = audit_of_object(
            desk.session,
            organization_id=desk.program.organization_id,
            object_type="code_batch",
            object_id=batch.public_id,
        )
        assert [(event.action, event.reason) for event in trail] == [
            ("code_batch.created", None),
            ("code_batch.exported", "printing"),
        ]


def ask(desk: Desk, *, count: int = 5, units: int = 100, expires_at=None) -> CodeBatch:
    """Ask for the batch B1."""
    terms = CodeTerms(units, desk.program.points_unit, expires_at)
    return create_batch(
        desk.session, program=desk.program, external_id="B1", count=count, terms=terms, actor=STAFF, now=NOW
    )


def run(desk: Desk, batch: CodeBatch) -> list[object]:
    """Run the batch's job to its end, chunk by chunk, and return the outcome of each."""
    job = run_of(
        job_by_id(desk.session, job_id=batch.job_id), kind=ISSUE_BATCH, gateways=SimpleNamespace(vault=desk.vault)
    )
    outcomes: list[object] = []
    while not outcomes or isinstance(outcomes[-1], Continue):
        outcomes.append(ISSUE_BATCH.settle(desk.session, job, None, NOW))
        job = advanced(job, outcomes[-1])
    return outcomes


def advanced(job: JobRun, outcome: object) -> JobRun:
    """Return the job as it stands after a chunk."""
    return replace(job, cursor=outcome.cursor, done=outcome.done) if isinstance(outcome, Continue) else job
