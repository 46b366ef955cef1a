from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from rewards_service.identity.models import Member
from rewards_service.identity.operations import prove_address, register_member
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.errors import ValidationFailed
from rewards_service.kit.jobs import Done
from rewards_service.ledger.errors import AlreadyPosted, InsufficientValue, MirrorOverdraws
from rewards_service.ledger.lots import LotRow
from rewards_service.programs.models import Program
from rewards_service.wallets import jobs
from rewards_service.wallets.jobs import expire_chunk
from rewards_service.wallets.models import Wallet
from rewards_service.wallets.operations import (
    AlreadyExpired,
    AwardConflict,
    Awarded,
    AwardTerms,
    Recipient,
    adjust_wallet,
    award_value,
    cancel_award,
    reverse_award,
    wallet_for,
    welcome_member,
)
from rewards_service.wallets.queries import stored_balance, wallet_view
from tests.ledger.stage import run_of_job

EMAIL, PHONE = "ana@example.test", "+4915112345678"


class TestAwardValue:
    def test_opens_the_wallet_of_a_member_and_fills_it(self, session, program, now) -> None:
        ana = member(session, program, now)
        awarded = award(session, program, now, Recipient(member=ana), units=6000)
        assert awarded.is_new
        assert awarded.wallet.member_id == ana.id
        assert balance(session, awarded.wallet, now) == 6000

    def test_knows_a_member_who_is_called_like_the_wallet_of_another(self, session, program, now) -> None:
        ana = member(session, program, now)
        wallet = award(session, program, now, Recipient(member=ana)).wallet
        name_in_the_books = wallet.public_id.upper().replace("_", "-")
        ben = member(session, program, now, external_id=name_in_the_books, email="ben@example.test", phone=None)
        awarded = award(session, program, now, Recipient(member=ben), external_id="E2")
        assert awarded.wallet.id != wallet.id
        assert balance(session, awarded.wallet, now) == balance(session, wallet, now) == 100

    def test_tells_the_same_award_once(self, session, program, now) -> None:
        first = award(session, program, now, Recipient(address=EMAIL))
        again = award(session, program, now, Recipient(address=EMAIL))
        assert (again.is_new, again.award.id) == (False, first.award.id)
        assert balance(session, first.wallet, now) == 100

    def test_tells_the_same_award_once_also_when_it_has_ended(self, session, program, now) -> None:
        first = award(session, program, now, Recipient(address=EMAIL), days=2)
        again = award(session, program, now + timedelta(days=3), Recipient(address=EMAIL), days=-1)
        assert (again.is_new, again.award.id) == (False, first.award.id)

    @pytest.mark.parametrize("change", [{"units": 101}, {"reason": "other"}, {"days": 9}])
    def test_refuses_another_award_of_the_same_external_id(self, session, program, now, change) -> None:
        award(session, program, now, Recipient(address=EMAIL))
        with pytest.raises(AwardConflict):
            award(session, program, now, Recipient(address=EMAIL), **change)

    def test_refuses_the_same_external_id_for_somebody_else(self, session, program, now) -> None:
        award(session, program, now, Recipient(address=EMAIL))
        with pytest.raises(AwardConflict):
            award(session, program, now, Recipient(address=PHONE))

    @pytest.mark.parametrize("units", [0, -1, 10**15 + 1])
    def test_refuses_a_value_that_is_none(self, session, program, now, units) -> None:
        with pytest.raises(ValidationFailed):
            award(session, program, now, Recipient(address=EMAIL), units=units)

    def test_refuses_an_end_in_the_past(self, session, program, now) -> None:
        with pytest.raises(AlreadyExpired):
            award(session, program, now, Recipient(address=EMAIL), days=0)

    def test_goes_to_the_member_who_is_registered_with_the_address(self, session, program, now) -> None:
        ana = member(session, program, now)
        assert award(session, program, now, Recipient(address=EMAIL)).wallet.member_id == ana.id


class TestWelcomeMember:
    def test_makes_one_balance_of_what_waited_for_email_and_phone(self, session, program, now) -> None:
        award(session, program, now, Recipient(address=EMAIL), units=10, external_id="E1")
        award(session, program, now, Recipient(address=PHONE), units=20, external_id="E2")
        award(session, program, now, Recipient(address=PHONE), units=30, external_id="E3")
        ana = member(session, program, now)
        prove_address(session, member=ana, now=now, email=True)
        welcome_member(session, program=program, member=ana, actor=SYSTEM, now=now)
        assert balance(session, own_wallet(session, program, ana, now), now) == 10
        prove_address(session, member=ana, now=now, phone=True)
        welcome_member(session, program=program, member=ana, actor=SYSTEM, now=now)
        assert balance(session, own_wallet(session, program, ana, now), now) == 60

    def test_leaves_what_waits_for_an_address_that_is_not_proved(self, session, program, now) -> None:
        award(session, program, now, Recipient(address=PHONE), units=20)
        ana = member(session, program, now)
        assert welcome_member(session, program=program, member=ana, actor=SYSTEM, now=now) == []

    def test_knows_an_award_again_that_was_told_before_the_merge(self, session, program, now) -> None:
        award(session, program, now, Recipient(address=EMAIL))
        ana = member(session, program, now)
        prove_address(session, member=ana, now=now, email=True)
        welcome_member(session, program=program, member=ana, actor=SYSTEM, now=now)
        assert not award(session, program, now, Recipient(address=EMAIL)).is_new


class TestCorrections:
    def test_adjusts_up_and_down_with_a_reason(self, session, program, now) -> None:
        wallet = award(session, program, now, Recipient(address=EMAIL)).wallet
        adjust(session, program, wallet, 50, "R-11/1", now)
        adjust(session, program, wallet, -120, "R-11/2", now)
        assert balance(session, wallet, now) == 30
        with pytest.raises(InsufficientValue):
            adjust(session, program, wallet, -31, "R-11/3", now)

    def test_takes_back_the_award_itself_before_other_value(self, session, program, now) -> None:
        kept = award(session, program, now, Recipient(address=EMAIL), external_id="E1", days=5)
        taken = award(session, program, now, Recipient(address=EMAIL), external_id="E2", days=50)
        cancel_award(
            session,
            program=program,
            award=taken.award,
            units=100,
            reason="return",
            reference="C1",
            actor=SYSTEM,
            now=now,
        )
        (left,) = wallet_view(session, wallet=kept.wallet, now=now).lots
        assert left.award_ref == kept.award.public_id

    def test_mirrors_an_award_that_nobody_touched(self, session, program, now) -> None:
        awarded = award(session, program, now, Recipient(address=EMAIL))
        reverse_award(session, program=program, award=awarded.award, reason="typo", actor=SYSTEM, now=now)
        assert stored_balance(session, wallet=awarded.wallet) == 0

    def test_refuses_to_mirror_an_award_that_was_used(self, session, program, now) -> None:
        awarded = award(session, program, now, Recipient(address=EMAIL))
        adjust(session, program, awarded.wallet, -1, "R-11/1", now)
        with pytest.raises(MirrorOverdraws):
            reverse_award(session, program=program, award=awarded.award, reason="typo", actor=SYSTEM, now=now)


class TestExpireChunk:
    def test_ends_value_at_its_last_moment_and_not_before(self, session, program, now) -> None:
        wallet = award(session, program, now, Recipient(address=EMAIL), days=5).wallet
        end = now + timedelta(days=5)
        assert expire_chunk(session, now=end - timedelta(microseconds=1)).found == 0
        assert balance(session, wallet, end - timedelta(microseconds=1)) == 100
        assert balance(session, wallet, end) == 0
        assert expire_chunk(session, now=end).found == 1
        assert stored_balance(session, wallet=wallet) == 0
        assert expire_chunk(session, now=end).found == 0

    def test_lets_no_lot_wait_for_one_that_the_books_refuse(self, session, program, now, monkeypatch) -> None:
        refused = award(session, program, now, Recipient(address=EMAIL), external_id="E1", days=5).wallet
        other = award(session, program, now, Recipient(address=PHONE), external_id="E2", days=5).wallet
        end, expire_lot = now + timedelta(days=5), jobs.expire_lot

        def refuse_one(session: Session, *, lot: LotRow, **arguments: Any) -> int | None:
            entry_id = expire_lot(session, lot=lot, **arguments)
            if lot.account_id == refused.account_id:
                raise AlreadyPosted
            return entry_id

        monkeypatch.setattr(jobs, "expire_lot", refuse_one)
        (kind,) = jobs.JOB_KINDS
        outcome = kind.settle(session, run_of_job(kind.name), None, end)
        assert outcome == Done(note="1 lots ended, 1 refused: see the log")
        assert [stored_balance(session, wallet=wallet) for wallet in (refused, other)] == [100, 0]

    def test_goes_on_after_the_lots_it_has_seen(self, session, program, now, monkeypatch) -> None:
        for number in range(3):
            award(session, program, now, Recipient(address=EMAIL), external_id=f"E{number}", days=5)
        monkeypatch.setattr(jobs, "CHUNK", 2)
        (kind,) = jobs.JOB_KINDS
        first = kind.settle(session, run_of_job(kind.name), None, now + timedelta(days=5))
        again = run_of_job(kind.name, cursor=first.cursor, done=first.done)
        assert kind.settle(session, again, None, now + timedelta(days=5)) == Done(note="3 lots ended")


def member(session: Session, program: Program, now: datetime, **changed: str | None) -> Member:
    facts = {"email": EMAIL, "phone": PHONE, **changed}
    return register_member(
        session,
        organization_id=program.organization_id,
        program_id=program.id,
        name="Ana",
        locale="en",
        now=now,
        **facts,
    )


def award(
    session: Session,
    program: Program,
    now: datetime,
    recipient: Recipient,
    *,
    units: int = 100,
    external_id: str = "E1",
    reason: str = "Sale",
    days: int = 30,
) -> Awarded:
    terms = AwardTerms(units, program.points_unit, reason, expires_at=now + timedelta(days=days))
    return award_value(
        session, program=program, recipient=recipient, terms=terms, external_id=external_id, actor=SYSTEM, now=now
    )


def adjust(session: Session, program: Program, wallet: Wallet, units: int, reference: str, now: datetime) -> int:
    return adjust_wallet(
        session,
        program=program,
        wallet=wallet,
        units=units,
        reason="R-11",
        reference=reference,
        expires_at=None,
        actor=SYSTEM,
        now=now,
    )


def own_wallet(session: Session, program: Program, ana: Member, now: datetime) -> Wallet:
    return wallet_for(session, program=program, recipient=Recipient(member=ana), unit=program.points_unit, now=now)


def balance(session: Session, wallet: Wallet, now: datetime) -> int:
    return wallet_view(session, wallet=wallet, now=now).balance_units
