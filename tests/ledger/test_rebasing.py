from datetime import timedelta

import pytest
from sqlalchemy import select

from rewards_service.kit.errors import ValidationFailed
from rewards_service.kit.jobs import Continue, Done, JobState
from rewards_service.kit.jobs.models import Job
from rewards_service.ledger.jobs import JOB_KINDS
from rewards_service.ledger.operations import (
    Move,
    change_rate,
    expire_lot,
    move_value,
    rebase_chunk,
    rebasing,
    reverse_entry,
)
from rewards_service.ledger.operations.rating import REBASE_LOTS
from rewards_service.ledger.operations.rebasing import CHUNK
from rewards_service.ledger.queries import lots_of
from rewards_service.programs.operations import set_rate
from tests.ledger.stage import Stage, run_of_job


def rebase_all(stage: Stage) -> list[int]:
    """Run the job's chunks to their end and return where each ended."""
    last, ends = 0, []
    while (found := rebase_chunk(stage.session, program=stage.program, after_lot_id=last, now=stage.now)) is not None:
        last = found
        ends.append(last)
    return ends


def worth(stage: Stage, name: str) -> list[tuple[int, int]]:
    """What a holder's lots are based on: units, cents."""
    return [(lot.base_units, lot.base_minor) for lot in lots_of(stage.session, account_id=stage.holder(name))]


class TestRebaseChunk:
    def test_rebases_open_lots_and_posts_what_that_frees(self, stage: Stage):
        stage.award("ANA", 201)
        entry = stage.award("BEN", 60)
        stage.rate(125, 100)
        rebase_all(stage)
        assert worth(stage, "ANA") == [(201, 161)]
        assert stage.lines(entry + 1) == {"Liabilities:Rewards:PTS": 52, "Expenses:Rewards:RateChange": -52}

    def test_leaves_held_value_at_its_price(self, stage: Stage):
        stage.award("ANA", 100)
        stage.hold("L1", ANA=40)
        stage.rate(125, 100)
        rebase_all(stage)
        assert stage.lots("ANA") == [(0, 40), (60, 0)]
        assert worth(stage, "ANA") == [(100, 100), (60, 48)]
        assert stage.lines(stage.capture("L1", 40))["Liabilities:Rewards:PTS"] == 40

    def test_the_job_comes_back_while_there_is_more(self, stage: Stage):
        settle = next(kind.settle for kind in JOB_KINDS if kind.name == REBASE_LOTS)
        stage.award("ANA", 100)
        stage.rate(125, 100)
        payload = {"program_id": stage.program.id}
        first = settle(stage.session, run_of_job(REBASE_LOTS, payload=payload), None, stage.now)
        assert first == Continue(cursor=1, done=CHUNK)
        again = run_of_job(REBASE_LOTS, payload=payload, cursor=first.cursor, done=first.done)
        assert settle(stage.session, again, None, stage.now) == Done()

    def test_leaves_promises_in_a_currency_alone(self, stage: Stage):
        stage.promise("ANA", 5000)
        stage.rate(125, 100)
        assert rebase_all(stage) == []

    def test_goes_on_where_it_left_off_and_is_done_once(self, stage: Stage, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(rebasing, "_STALE", rebasing._STALE.limit(2))
        for number in range(5):
            stage.award(f"M{number}", 100)
        stage.rate(125, 100)
        assert rebase_all(stage) == [2, 4, 5]
        assert rebase_all(stage) == []
        assert stage.kinds().count("rate") == 3

    def test_leaves_alone_what_was_spent_while_it_waited(self, stage: Stage, monkeypatch: pytest.MonkeyPatch):
        lock = rebasing.lock_balances

        def wait(session, account_ids):
            stage.hold("L1", ANA=100)
            lock(session, account_ids)

        stage.award("ANA", 100)
        stage.rate(125, 100)
        monkeypatch.setattr(rebasing, "lock_balances", wait)
        assert rebase_chunk(stage.session, program=stage.program, after_lot_id=0, now=stage.now) == 1
        assert stage.kinds().count("rate") == 1

    def test_needs_no_posting_where_rounding_swallows_the_change(self, stage: Stage):
        entry = stage.award("ANA", 1)
        stage.rate(125, 100)
        rebase_all(stage)
        assert stage.lines(entry + 1) == {}
        assert worth(stage, "ANA") == [(1, 1)]

    def test_does_not_go_back_when_the_clock_does(self, stage: Stage):
        stage.award("ANA", 100)
        stage.rate(125, 100)
        rebase_all(stage)
        stage.pass_time(seconds=-30)
        assert rebase_all(stage) == []
        stage.hold("L1", ANA=50)
        assert stage.lines(stage.void("L1")).keys() == {"Liabilities:Value:Held", "Liabilities:Value:Wallet:ANA"}
        stage.pass_time(seconds=30)

    def test_rebases_again_what_came_back_to_a_split_lot_at_its_old_rate(self, stage: Stage):
        """A void whose moment was read before the rate, but that is written after the lot was split."""
        stage.pass_time(hours=1)
        stage.award("ANA", 100)
        stage.hold("L1", ANA=60)
        stage.rate(125, 100)
        stage.hold("L2", ANA=10)
        stage.pass_time(seconds=-1)
        stage.void("L1")
        stage.pass_time(seconds=1)
        assert worth(stage, "ANA") == [(100, 100), (40, 32)]
        rebase_all(stage)
        stage.hold("L3", ANA=90)
        assert worth(stage, "ANA") == [(60, 48), (40, 32)]

    def test_spends_what_a_mirror_brought_back_to_a_split_lot(self, stage: Stage):
        stage.award("ANA", 300)
        mirrored = stage.adjust("ANA", -100)
        stage.hold("L1", ANA=60)
        stage.rate(125, 100)
        stage.hold("L2", ANA=10)
        source = stage.source("adjustment", reason="error")
        reverse_entry(stage.session, program=stage.program, entry_id=mirrored, source=source, now=stage.now)
        stage.hold("L3", ANA=230)
        assert stage.balance("ANA") == 0


class TestTouching:
    def test_a_hold_never_uses_a_stale_base(self, stage: Stage):
        stage.award("ANA", 100)
        stage.rate(125, 100)
        stage.hold("L1", ANA=50)
        assert stage.kinds() == ["award", "rate", "hold"]
        assert worth(stage, "ANA") == [(100, 80)]

    def test_a_move_a_cancellation_and_a_deduction_rebase_first(self, stage: Stage):
        for name in ("ANA", "BEN", "CHEN"):
            stage.award(name, 100)
        stage.rate(125, 100)
        move = Move(stage.holder("ANA"), stage.holder("DORA"), 100)
        unit = stage.program.points_unit_id
        move_value(
            stage.session, program=stage.program, unit_id=unit, moves=[move], source=stage.source("move"), now=stage.now
        )
        assert stage.lines(stage.cancel("BEN", 100))["Liabilities:Rewards:PTS"] == 80
        assert stage.lines(stage.adjust("CHEN", -100))["Liabilities:Rewards:PTS"] == 80
        assert worth(stage, "DORA") == [(100, 80)]

    def test_an_end_rebases_first(self, stage: Stage):
        stage.award("ANA", 100, days=1)
        stage.rate(125, 100)
        stage.pass_time(days=1)
        (lot,) = lots_of(stage.session, account_id=stage.holder("ANA"))
        entry = expire_lot(stage.session, program=stage.program, lot=lot, now=stage.now)
        assert stage.lines(entry)["Expenses:Rewards:Breakage"] == -80

    def test_an_end_leaves_what_was_split_off_to_the_next_pass(self, stage: Stage):
        stage.award("ANA", 100, days=1)
        stage.hold("L1", ANA=40)
        stage.rate(125, 100)
        stage.pass_time(days=1)
        (lot,) = lots_of(stage.session, account_id=stage.holder("ANA"))
        assert expire_lot(stage.session, program=stage.program, lot=lot, now=stage.now) is None
        _, child = lots_of(stage.session, account_id=stage.holder("ANA"))
        assert expire_lot(stage.session, program=stage.program, lot=child, now=stage.now)
        assert stage.lots("ANA") == [(0, 40)]


class TestReturning:
    def test_a_void_brings_value_back_at_the_rate_in_force(self, stage: Stage):
        stage.award("ANA", 100)
        stage.hold("L1", ANA=100)
        stage.rate(125, 100)
        assert stage.lines(stage.void("L1")) == {
            "Liabilities:Value:Held": 100,
            "Liabilities:Value:Wallet:ANA": -100,
            "Liabilities:Rewards:PTS": 20,
            "Expenses:Rewards:RateChange": -20,
        }
        assert worth(stage, "ANA") == [(100, 80)]

    def test_a_refund_posts_the_difference_as_a_rate_change(self, stage: Stage):
        stage.award("ANA", 2500, days=1)
        stage.hold("L1", ANA=2500)
        stage.capture("L1", 2500)
        stage.rate(125, 100)
        stage.pass_time(days=2)
        lines = stage.lines(stage.refund("L1", 2500))
        assert (lines["Liabilities:Rewards:PTS"], lines["Expenses:Rewards:RateChange"]) == (-2000, -500)

    def test_a_refund_does_not_swell_a_lot_that_was_rebased_to_little(self, stage: Stage):
        stage.award("ANA", 1000)
        stage.hold("L1", ANA=999)
        stage.capture("L1", 999)
        stage.rate(125, 100)
        rebase_all(stage)
        stage.refund("L1", 999)
        assert worth(stage, "ANA") == [(1, 1), (999, 799)]

    def test_a_partial_capture_tells_rounding_from_a_rate_change(self, stage: Stage):
        stage.award("ANA", 200)
        (hold_id,) = stage.hold("L1", ANA=200)
        stage.rate(125, 100)
        lines = stage.lines(stage.capture("L1", 99, captured={hold_id: 100}))
        assert lines["Liabilities:Rewards:PTS"] == 120
        assert lines["Expenses:Rewards:RateChange"] == -20
        assert lines["Expenses:Rounding"] == -1


class TestChangeRate:
    def test_files_the_job_for_when_nobody_is_left_under_the_old_rate(self, stage: Stage):
        stage.award("ANA", 100)
        begin = stage.now + timedelta(days=1)
        change_rate(
            stage.session, program=stage.program, rate_units=125, rate_minor=100, valid_from=begin, now=stage.now
        )
        job = stage.session.scalars(select(Job)).one()
        assert (job.kind, job.state) == (REBASE_LOTS, JobState.PENDING)
        assert job.run_at > begin
        stage.now = begin
        assert stage.broken() == []
        stage.now -= timedelta(days=1)

    def test_refuses_a_rate_that_begins_before_the_last_one(self, stage: Stage):
        with pytest.raises(ValidationFailed):
            set_rate(stage.session, program=stage.program, rate_units=1, rate_minor=1, valid_from=stage.now)
