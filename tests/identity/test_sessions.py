"""Sessions of browsers."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from rewards_service.identity.errors import SessionOver
from rewards_service.identity.models import Member, SignInSession
from rewards_service.identity.operations import (
    OpenedSession,
    close_session,
    forget_code,
    open_session,
    prove_code,
    register_member,
    see_session,
)
from rewards_service.identity.policy import PROVED_CODES_MAX, SessionKind
from rewards_service.identity.queries import live_session, proved_codes
from rewards_service.programs.models import Program

MINUTE = timedelta(minutes=1)


def open_guest(
    session: Session, program: Program, now: datetime, instead_of: SignInSession | None = None
) -> OpenedSession:
    return open_session(
        session,
        kind=SessionKind.GUEST,
        organization_id=program.organization_id,
        program_id=program.id,
        user_agent="Mozilla/5.0 " + "x" * 400,
        instead_of=instead_of,
        now=now,
    )


def make_member(session: Session, program: Program, now: datetime, *, name: str) -> Member:
    return register_member(
        session,
        organization_id=program.organization_id,
        program_id=program.id,
        name=name,
        email=f"{name}@example.com",
        locale="en",
        now=now,
    )


def open_for(
    session: Session, program: Program, member: Member, now: datetime, instead_of: SignInSession | None = None
) -> OpenedSession:
    return open_session(
        session,
        kind=SessionKind.MEMBER,
        organization_id=program.organization_id,
        program_id=program.id,
        member_id=member.id,
        user_agent="test",
        instead_of=instead_of,
        now=now,
    )


class TestLiveSession:
    def test_knows_the_token_and_not_what_is_stored(self, program: Program, session: Session, now: datetime):
        opened = open_guest(session, program, now)
        assert live_session(session, token=opened.token, now=now) is opened.sign_in
        assert opened.token.encode() not in opened.sign_in.token_sha256
        assert opened.token not in repr(opened)
        with pytest.raises(SessionOver):
            live_session(session, token=opened.sign_in.token_sha256.hex(), now=now)

    def test_ends_after_thirty_idle_minutes(self, program: Program, session: Session, now: datetime):
        opened = open_guest(session, program, now)
        assert live_session(session, token=opened.token, now=now + 29 * MINUTE)
        with pytest.raises(SessionOver):
            live_session(session, token=opened.token, now=now + 30 * MINUTE)

    def test_lives_on_while_it_is_seen_but_no_longer_than_a_day(
        self, program: Program, session: Session, now: datetime
    ):
        opened = open_guest(session, program, now)
        moment = now
        for _ in range(71):
            moment += 20 * MINUTE
            assert live_session(session, token=opened.token, now=moment)
            see_session(session, session_id=opened.sign_in.id, now=moment)
            session.refresh(opened.sign_in)
        with pytest.raises(SessionOver):
            live_session(session, token=opened.token, now=now + timedelta(hours=24))

    def test_is_over_once_it_is_closed(self, program: Program, session: Session, now: datetime):
        opened = open_guest(session, program, now)
        close_session(session, session_id=opened.sign_in.id, now=now)
        session.refresh(opened.sign_in)
        with pytest.raises(SessionOver):
            live_session(session, token=opened.token, now=now)


class TestSeeSession:
    def test_writes_at_most_once_a_minute(self, program: Program, session: Session, now: datetime):
        opened = open_guest(session, program, now)
        see_session(session, session_id=opened.sign_in.id, now=now + timedelta(seconds=59))
        session.refresh(opened.sign_in)
        assert opened.sign_in.seen_at == now
        see_session(session, session_id=opened.sign_in.id, now=now + MINUTE)
        session.refresh(opened.sign_in)
        assert opened.sign_in.seen_at == now + MINUTE


class TestProveCode:
    def test_keeps_each_code_once_in_order(self, program: Program, session: Session, now: datetime):
        opened = open_guest(session, program, now)
        for code in ("cod_b", "cod_a", "cod_b"):
            prove_code(session, session_id=opened.sign_in.id, code_public_id=code, now=now)
        assert proved_codes(session, session_id=opened.sign_in.id) == ["cod_b", "cod_a"]

    def test_forgets_the_oldest_beyond_what_one_order_takes(self, program: Program, session: Session, now: datetime):
        opened = open_guest(session, program, now)
        for number in range(PROVED_CODES_MAX + 1):
            prove_code(session, session_id=opened.sign_in.id, code_public_id=f"cod_{number}", now=now)
        held = proved_codes(session, session_id=opened.sign_in.id)
        assert (len(held), held[0]) == (PROVED_CODES_MAX, "cod_1")

    def test_can_be_taken_back(self, program: Program, session: Session, now: datetime):
        opened = open_guest(session, program, now)
        prove_code(session, session_id=opened.sign_in.id, code_public_id="cod_a", now=now)
        forget_code(session, session_id=opened.sign_in.id, code_public_id="cod_a")
        forget_code(session, session_id=opened.sign_in.id, code_public_id="cod_a")
        assert proved_codes(session, session_id=opened.sign_in.id) == []


class TestOpenSession:
    def test_instead_of_another_takes_its_codes_and_ends_it(self, program: Program, session: Session, now: datetime):
        guest = open_guest(session, program, now)
        prove_code(session, session_id=guest.sign_in.id, code_public_id="cod_a", now=now)
        later = open_guest(session, program, now, instead_of=guest.sign_in)
        session.refresh(guest.sign_in)
        assert guest.sign_in.closed_at == now
        assert later.token != guest.token
        assert proved_codes(session, session_id=later.sign_in.id) == ["cod_a"]

    def test_takes_no_codes_from_another_program(
        self, program: Program, other_program: Program, session: Session, now: datetime
    ):
        guest = open_guest(session, program, now)
        prove_code(session, session_id=guest.sign_in.id, code_public_id="cod_a", now=now)
        later = open_guest(session, other_program, now, instead_of=guest.sign_in)
        assert proved_codes(session, session_id=later.sign_in.id) == []

    def test_takes_no_codes_from_another_member(self, program: Program, session: Session, now: datetime):
        ana, bob = (make_member(session, program, now, name=name) for name in ("ana", "bob"))
        of_ana = open_for(session, program, ana, now)
        prove_code(session, session_id=of_ana.sign_in.id, code_public_id="cod_a", now=now)
        of_bob = open_for(session, program, bob, now, instead_of=of_ana.sign_in)
        session.refresh(of_ana.sign_in)
        assert of_ana.sign_in.closed_at == now
        assert proved_codes(session, session_id=of_bob.sign_in.id) == []

    def test_of_the_same_member_again_keeps_his_codes(self, program: Program, session: Session, now: datetime):
        ana = make_member(session, program, now, name="ana")
        before = open_for(session, program, ana, now)
        prove_code(session, session_id=before.sign_in.id, code_public_id="cod_a", now=now)
        after = open_for(session, program, ana, now, instead_of=before.sign_in)
        assert proved_codes(session, session_id=after.sign_in.id) == ["cod_a"]

    def test_keeps_no_more_of_the_browsers_name_than_fits(self, program: Program, session: Session, now: datetime):
        assert len(open_guest(session, program, now).sign_in.user_agent) == 200
