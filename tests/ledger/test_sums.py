import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from rewards_service.kit.database import db, read_session, unit_of_work
from rewards_service.kit.jobs.outcomes import Continue, Done
from rewards_service.ledger.chart import BEARERS, Role
from rewards_service.ledger.jobs import JOB_KINDS, PASSES_MAX, ROLL_DAYS
from rewards_service.ledger.models import Account, AccountDay, Entry, RollMark
from rewards_service.ledger.operations import reverse_entry, rolling
from rewards_service.ledger.operations.rolling import roll_days
from rewards_service.ledger.queries import balances_by_role, bearer_balance, house_balance, trial_balance
from rewards_service.ledger.queries.signed import sides
from rewards_service.programs.models import Program
from tests.ledger.stage import Stage, run_of_job


def raw_sum(session: Session, account_id: int, as_of: date | None) -> int:
    """What all postings of an account add up to, without any help."""
    side = sides(*([Entry.booked_on <= as_of] if as_of else []))
    return int(session.scalar(select(func.sum(side.c.amount_units)).where(side.c.account_id == account_id)) or 0)


def differences(session: Session, as_of: date | None) -> list[tuple[str, int, int]]:
    """Return the accounts whose balance is not the sum of their postings."""
    found = []
    for account_id, name, role in session.execute(select(Account.id, Account.book_name, Account.role)).all():
        if role in BEARERS:
            told = -bearer_balance(session, account_id=account_id, as_of=as_of)
        else:
            told = house_balance(session, account_id=account_id, as_of=as_of)
        if told != raw_sum(session, account_id, as_of):
            found.append((name, told, raw_sum(session, account_id, as_of)))
    return found


def play(stage: Stage, chance: random.Random) -> None:
    """Let something happen."""
    entry = stage.award(f"M{chance.randrange(3)}", chance.randrange(1, 500))
    line_ref = f"L{entry}"
    stage.hold(line_ref, **{f"M{chance.randrange(3)}": 1})
    match chance.randrange(3):
        case 0:
            stage.capture(line_ref, 1)
        case 1:
            stage.void(line_ref)
        case _:
            stage.pass_time(hours=chance.randrange(30))


@contextmanager
def stage_of(program: Program, now: datetime) -> Iterator[Stage]:
    """A stage in a unit of work of its own."""
    with unit_of_work() as session:
        session.add(program)
        yield Stage(session, program, now)


class TestRollDays:
    def test_balances_equal_raw_sums_at_random_moments(
        self, stage: Stage, chance: random.Random, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(rolling, "ENTRIES_AT_ONCE", 7)
        for name in ("M0", "M1", "M2"):
            stage.award(name, 100)
        first = stage.now.date()
        for _ in range(12):
            play(stage, chance)
            if chance.random() < 0.5:
                roll_days(stage.session)
            day = first + timedelta(days=chance.randrange((stage.now.date() - first).days + 1))
            assert differences(stage.session, None) == []
            assert differences(stage.session, day) == []

    def test_does_nothing_twice(self, app: Flask, program: Program, now: datetime):
        with stage_of(program, now) as stage:
            stage.award("ANA", 100)
        for _ in range(3):
            with unit_of_work() as session:
                roll_days(session)
        with read_session() as session:
            assert session.scalar(select(func.sum(AccountDay.postings))) == 4
            assert session.scalar(select(func.max(AccountDay.debit_units))) == 100

    def test_takes_many_entries_in_several_passes(
        self, app: Flask, program: Program, now: datetime, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(rolling, "ENTRIES_AT_ONCE", 2)
        for number in range(5):
            with stage_of(program, now) as stage:
                stage.award(f"M{number}", 100)
        passes = 0
        with unit_of_work() as session:
            while roll_days(session):
                passes += 1
        assert passes >= 2
        with read_session() as session:
            assert session.scalar(select(func.sum(AccountDay.postings))) == 20
            assert differences(session, None) == []

    @pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
    def test_leaves_what_another_transaction_may_still_add(self, app: Flask, program: Program, now: datetime):
        """The smaller key is committed last: a roller that goes by the largest key would never see it."""
        with stage_of(program, now) as stage:
            stage.award("FIRST", 100)
        with db.engine.connect() as late:
            begun = late.begin()
            first = Session(bind=late)
            first.add(program)
            Stage(first, program, now).award("LATE", 100)
            first.expunge_all()
            with stage_of(program, now) as stage:
                stage.award("EARLY", 50)
            with unit_of_work() as session:
                roll_days(session)
            begun.commit()
        with read_session() as session:
            assert session.scalar(select(func.sum(AccountDay.postings))) == 4
            assert differences(session, None) == []
        with unit_of_work() as session:
            roll_days(session)
            assert session.scalar(select(func.sum(AccountDay.postings))) == 12
            assert differences(session, None) == []

    def test_adds_everything_up_anew_on_another_server(self, app: Flask, program: Program, now: datetime):
        with stage_of(program, now) as stage:
            stage.award("ANA", 100)
        with unit_of_work() as session:
            roll_days(session)
            session.execute(update(RollMark).values(cluster="elsewhere", below=10**12))
        with stage_of(program, now) as stage:
            stage.award("BEN", 100)
        for _ in range(2):
            with unit_of_work() as session:
                assert not roll_days(session)
        with read_session() as session:
            assert session.scalar(select(func.sum(AccountDay.postings))) == 8
            assert differences(session, None) == []

    def test_counts_a_mirror_under_the_kind_it_mirrors(self, app: Flask, program: Program, now: datetime):
        with stage_of(program, now) as stage:
            entry = stage.adjust("ANA", 100)
            source = stage.source("correction", reason="twice")
            reverse_entry(stage.session, program=program, entry_id=entry, source=source, now=now)
        with unit_of_work() as session:
            roll_days(session)
            assert set(session.scalars(select(AccountDay.kind))) == {"adjust"}

    def test_the_job_comes_back_while_there_is_more(self, stage: Stage, monkeypatch: pytest.MonkeyPatch):
        settle = next(kind.settle for kind in JOB_KINDS if kind.name == ROLL_DAYS)
        monkeypatch.setattr("rewards_service.ledger.jobs.roll_days", lambda _: True)
        assert settle(stage.session, run_of_job(ROLL_DAYS), None, stage.now) == Continue(cursor=None, done=1)
        assert settle(stage.session, run_of_job(ROLL_DAYS, done=PASSES_MAX), None, stage.now) == Done()


class TestBalances:
    def test_of_a_holder_at_the_end_of_a_day(self, stage: Stage):
        first = stage.now.date()
        stage.award("ANA", 100)
        stage.pass_time(days=1)
        stage.hold("L1", ANA=30)
        account_id = stage.holder("ANA")
        assert bearer_balance(stage.session, account_id=account_id, as_of=first) == 100
        assert bearer_balance(stage.session, account_id=account_id) == 70
        assert bearer_balance(stage.session, account_id=account_id, as_of=first - timedelta(days=1)) == 0

    def test_of_the_house_are_not_stored(self, stage: Stage):
        stage.award("ANA", 100)
        issued = stage.session.scalars(select(Account.id).where(Account.role == Role.ISSUED.value)).one()
        with pytest.raises(AssertionError):
            bearer_balance(stage.session, account_id=issued)

    def test_of_all_accounts_of_a_role_together(self, stage: Stage):
        stage.award("ANA", 100)
        stage.award("BEN", 50)
        unit = stage.program.points_unit_id
        found = balances_by_role(stage.session, unit_ids=[unit])
        assert found == {(Role.WALLET, unit): 150, (Role.ISSUED, unit): -150}
        yesterday = stage.now.date() - timedelta(days=1)
        assert balances_by_role(stage.session, unit_ids=[unit], as_of=yesterday) == {}


class TestTrialBalance:
    def test_adds_up_to_nothing_in_every_unit(self, stage: Stage):
        stage.award("ANA", 100)
        stage.promise("NORD", 400)
        stage.pass_time(days=1)
        stage.hold("L1", ANA=30)
        stage.capture("L1", 30)
        for day in (None, stage.now.date(), stage.now.date() - timedelta(days=1)):
            totals: dict[str, int] = {}
            for row in trial_balance(stage.session, organization_id=stage.program.organization_id, as_of=day):
                totals[row.symbol] = totals.get(row.symbol, 0) + row.amount_units
            assert set(totals.values()) == {0}

    def test_leaves_test_programs_out_on_shared_accounts_too(self, stage: Stage):
        stage.award("ANA", 100)
        stage.hold("L1", ANA=100)
        stage.capture("L1", 100)
        stage.program.is_test = True
        stage.session.flush()
        rows = list(trial_balance(stage.session, organization_id=stage.program.organization_id))
        assert {row.book_name for row in rows} == {"Assets:Stock:Books"}
        assert {row.amount_units for row in rows} == {0}
