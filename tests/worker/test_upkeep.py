"""What keeps the kit's own tables small."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from rewards_service.app import JOB_KINDS as ALL_KINDS
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.idempotency.models import StoredAnswer
from rewards_service.kit.jobs.models import ScheduleSlot
from rewards_service.kit.jobs.operations import take_slot
from rewards_service.kit.throttle import Caller, record_failure
from rewards_service.kit.throttle.models import ThrottleFailure
from rewards_service.worker.timetable import TIMETABLE
from rewards_service.worker.upkeep import JOB_KINDS


def count(table):
    with read_session() as reader:
        return reader.scalar(select(func.count()).select_from(table))


@pytest.fixture
def run(bench):
    """Run one kind of upkeep so much later."""
    worker = bench.worker(*JOB_KINDS)

    def running(kind, after):
        bench.clock.advance(after)
        bench.file(kind)
        worker.drain()

    return running


class TestPurgeAnswers:
    def test_forgets_all_old_ones_chunk_by_chunk(self, run, clock, monkeypatch):
        monkeypatch.setattr("rewards_service.kit.idempotency.answers.PURGE_MAX", 2)
        monkeypatch.setattr("rewards_service.worker.upkeep.PURGE_MAX", 2)
        rows = [
            {"organization_id": 1, "key_digest": bytes([number]), "fingerprint": b"", "created_at": clock.now()}
            for number in range(5)
        ]
        transact(lambda session: session.execute(insert(StoredAnswer), rows))
        run("upkeep.purge_answers", timedelta(days=29))
        assert count(StoredAnswer) == 5
        run("upkeep.purge_answers", timedelta(days=1))
        assert count(StoredAnswer) == 0


class TestPurgeFailures:
    def test_forgets_what_no_throttle_counts(self, run, clock):
        transact(lambda session: record_failure(session, purpose="code", caller=Caller(), now=clock.now()))
        run("upkeep.purge_failures", timedelta(days=1))
        assert count(ThrottleFailure) == 0


class TestPurgeSlots:
    def test_forgets_moments_long_past(self, run, clock):
        transact(lambda session: take_slot(session, name="a.b", slot=clock.now(), now=clock.now()))
        run("upkeep.purge_slots", timedelta(days=59))
        assert count(ScheduleSlot) == 1
        run("upkeep.purge_slots", timedelta(days=1))
        assert count(ScheduleSlot) == 0


class TestTimetable:
    def test_files_only_kinds_that_there_are(self):
        known = {kind.name for kind in ALL_KINDS}
        assert {entry.kind for entry in TIMETABLE} <= known
