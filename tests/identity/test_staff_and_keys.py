"""Staff with roles, and keys with scopes."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from rewards_service.identity.errors import AddressTaken, KeyUnknown, ScopeUnknown, SessionOver
from rewards_service.identity.models import Staff
from rewards_service.identity.operations import (
    change_password,
    create_api_key,
    disable_staff,
    grant_role,
    note_key_use,
    open_session,
    register_staff,
    revoke_api_key,
    withdraw_role,
)
from rewards_service.identity.policy import Role, SessionKind
from rewards_service.identity.queries import (
    authenticate_api_key,
    live_session,
    staff_by_email,
    staff_by_id,
    staff_grant,
)
from rewards_service.kit.errors import NotFound
from rewards_service.programs.models import Program


def hire(session: Session, program: Program, now: datetime, email: str = "ingrid@demo.example") -> Staff:
    return register_staff(
        session,
        organization_id=program.organization_id,
        email=email,
        name="Ingrid Oyelaran",
        password_hash="$argon2id$",
        locale="en",
        now=now,
    )


class TestStaff:
    def test_work_under_one_address_in_the_installation(self, program: Program, session: Session, now: datetime):
        hire(session, program, now)
        with pytest.raises(AddressTaken):
            hire(session, program, now)

    def test_may_do_nothing_without_a_role(self, program: Program, session: Session, now: datetime):
        staff = hire(session, program, now)
        assert not staff_grant(session, staff_id=staff.id).may("console.enter")

    def test_hold_a_role_everywhere_or_in_one_program(
        self, program: Program, other_program: Program, session: Session, now: datetime
    ):
        staff = hire(session, program, now)
        grant_role(session, staff=staff, role=Role.AUDITOR)
        grant_role(session, staff=staff, role=Role.PROGRAM_MANAGER, program_id=program.id)
        grant_role(session, staff=staff, role=Role.PROGRAM_MANAGER, program_id=program.id)
        grant = staff_grant(session, staff_id=staff.id)
        assert grant.programs_for("members.read") is None
        assert grant.programs_for("codes.write") == {program.id}
        assert grant.may_in(program.id, "codes.write")
        assert not grant.may_in(other_program.id, "codes.write")

    def test_lose_a_role_that_is_withdrawn(self, program: Program, session: Session, now: datetime):
        staff = hire(session, program, now)
        grant_role(session, staff=staff, role=Role.OWNER)
        withdraw_role(session, staff=staff, role=Role.OWNER)
        assert not staff_grant(session, staff_id=staff.id).may("jobs.read")

    @pytest.mark.parametrize("ends", ["password", "disabled"])
    def test_are_signed_out_at_once(self, program: Program, session: Session, now: datetime, ends: str):
        staff = hire(session, program, now)
        opened = open_session(
            session,
            kind=SessionKind.STAFF,
            organization_id=program.organization_id,
            staff_id=staff.id,
            user_agent="",
            now=now,
        )
        if ends == "password":
            change_password(session, staff=staff, password_hash="$argon2id$new", now=now)
        else:
            disable_staff(session, staff=staff, now=now)
        session.refresh(opened.sign_in)
        with pytest.raises(SessionOver):
            live_session(session, token=opened.token, now=now)

    def test_that_left_are_nobody(self, program: Program, session: Session, now: datetime):
        staff = hire(session, program, now)
        assert staff_by_email(session, email=staff.email) is staff
        disable_staff(session, staff=staff, now=now)
        assert staff_by_email(session, email=staff.email) is None
        with pytest.raises(NotFound):
            staff_by_id(session, staff_id=staff.id)


class TestApiKeys:
    def test_are_known_by_what_was_shown_once(self, program: Program, session: Session, now: datetime):
        created = create_api_key(
            session,
            organization_id=program.organization_id,
            program_id=program.id,
            name="till",
            scopes=["codes.read", "orders.write"],
            now=now,
        )
        identity = authenticate_api_key(session.connection(), key=created.key, now=now)
        assert (identity.organization_id, identity.program_id) == (program.organization_id, program.id)
        assert identity.scopes == {"codes.read", "orders.write"}
        assert created.key not in repr(created)
        assert created.row.last4 == created.key[-4:]

    def test_refuse_a_scope_that_no_key_can_hold(self, program: Program, session: Session, now: datetime):
        with pytest.raises(ScopeUnknown) as refused:
            create_api_key(session, organization_id=program.organization_id, name="x", scopes=["staff.manage"], now=now)
        assert "staff.manage" in refused.value.problems[0].message

    @pytest.mark.parametrize("key", ["", "rw_live_short", "rw_live_" + "a" * 49])
    def test_mistyped_are_refused_without_a_query(self, key: str, session: Session, now: datetime):
        with pytest.raises(KeyUnknown):
            authenticate_api_key(session.connection(), key=key, now=now)

    def test_end_when_revoked_or_expired(self, program: Program, session: Session, now: datetime):
        day = timedelta(days=1)
        organization_id = program.organization_id
        dated = create_api_key(session, organization_id=organization_id, name="a", expires_at=now + day, now=now)
        assert authenticate_api_key(session.connection(), key=dated.key, now=now)
        with pytest.raises(KeyUnknown):
            authenticate_api_key(session.connection(), key=dated.key, now=now + day)
        revoke_api_key(session, key=dated.row, now=now)
        with pytest.raises(KeyUnknown):
            authenticate_api_key(session.connection(), key=dated.key, now=now)

    def test_note_their_use_once_an_hour(self, program: Program, session: Session, now: datetime):
        created = create_api_key(session, organization_id=program.organization_id, name="a", now=now)
        for minutes in (0, 30, 61):
            note_key_use(session, key_public_id=created.row.public_id, now=now + timedelta(minutes=minutes))
        session.refresh(created.row)
        assert created.row.used_at == now + timedelta(minutes=61)
