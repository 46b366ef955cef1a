"""Readable copies are wiped some time after a code was first used; the code itself goes on."""

from datetime import datetime, timedelta

import pytest

from rewards_service.codes.entering import check_code
from rewards_service.codes.errors import CodeNotRecoverable
from rewards_service.codes.jobs import JOB_KINDS
from rewards_service.codes.models import Code
from rewards_service.codes.operations import open_code, reissue_code, wiping
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.idempotency.models import StoredAnswer, StoredAnswerSecret
from rewards_service.kit.jobs import Continue, Done, enqueue, job_by_id
from rewards_service.kit.jobs.kinds import run_of
from rewards_service.ledger.operations import HoldPart, LineHold, open_holds
from rewards_service.programs.policy import CODE_COPY_DAYS_DEFAULT
from tests.codes.conftest import Desk
from tests.codes.test_batches import advanced
from tests.conftest import NOW

COPY_KEPT_FOR = timedelta(days=CODE_COPY_DAYS_DEFAULT)
WIPE_COPIES = JOB_KINDS[1]


class TestWipeCopies:
    def test_leaves_codes_that_were_never_used(self, desk: Desk):
        new = desk.issue()
        run(desk, at=NOW + 9 * COPY_KEPT_FOR)
        assert open_code(desk.session, code=new.code, vault=desk.vault) == new.text

    def test_takes_the_copy_of_a_used_code_when_its_time_has_come(self, desk: Desk):
        new = desk.issue()
        spend(desk, new.code)
        run(desk, at=NOW + COPY_KEPT_FOR - timedelta(seconds=1))
        assert open_code(desk.session, code=new.code, vault=desk.vault) == new.text
        run(desk, at=NOW + COPY_KEPT_FOR)
        with pytest.raises(CodeNotRecoverable):
            open_code(desk.session, code=new.code, vault=desk.vault)

    def test_leaves_the_code_itself_usable(self, desk: Desk):
        new = desk.issue()
        spend(desk, new.code)
        run(desk, at=NOW + COPY_KEPT_FOR)
        assert check_code(desk.session, text=new.text.reveal(), vault=desk.vault, now=NOW).value.usable_units == 90

    def test_takes_the_copies_in_stored_answers_too(self, desk: Desk):
        new = desk.issue()
        spend(desk, new.code)
        row = {"organization_id": desk.program.organization_id, "fingerprint": b"f", "created_at": NOW, "status": 201}
        answer = StoredAnswer(key_digest=b"k", headers="[]", body=b"{}", sealed_body=b"sealed", **row)
        desk.session.add(answer)
        desk.session.flush()
        desk.session.add(StoredAnswerSecret(answer_id=answer.id, reference=new.code.public_id))
        desk.session.flush()
        run(desk, at=NOW + COPY_KEPT_FOR)
        assert answer.sealed_body is None

    def test_works_chunk_by_chunk(self, desk: Desk, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(wiping, "EXAMINED_MAX", 2)
        codes = [desk.issue().code for _ in range(4)]
        reissue_code(desk.session, code=codes[3], vault=desk.vault, actor=SYSTEM, reason="lost", now=NOW)
        outcomes = run(desk, at=NOW + COPY_KEPT_FOR)
        assert [type(outcome) for outcome in outcomes] == [Continue, Continue, Continue, Done]
        assert outcomes[-1] == Done("1 copies wiped")


def run(desk: Desk, *, at: datetime) -> list[object]:
    """Run the job to its end and return the outcome of each chunk."""
    job_id = enqueue(desk.session, kind=WIPE_COPIES.name, payload={}, now=at)
    job = run_of(job_by_id(desk.session, job_id=job_id), kind=WIPE_COPIES)
    outcomes: list[object] = []
    while not outcomes or isinstance(outcomes[-1], Continue):
        outcomes.append(WIPE_COPIES.settle(desk.session, job, None, at))
        job = advanced(job, outcomes[-1])
    desk.session.expire_all()
    return outcomes


def spend(desk: Desk, code: Code) -> None:
    """Set a part of a code aside for an order."""
    line = LineHold("ord:1", [HoldPart(code.account_id, code.unit_id, 10)])
    open_holds(desk.session, program=desk.program, lines=[line], actor=SYSTEM, now=NOW)
