"""Registering and finding members."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from rewards_service.identity.errors import AddressTaken, ExternalIdConflict
from rewards_service.identity.models import Member
from rewards_service.identity.operations import prove_address, register_member
from rewards_service.identity.queries import find_member, member_by_public_id, members_of_email, search_members
from rewards_service.kit.errors import NotFound
from rewards_service.programs.models import Program


def register(session: Session, program: Program, now: datetime, **facts: str | None) -> Member:
    given = {"name": "Amara Okonkwo", "locale": "en", **facts}
    return register_member(session, organization_id=program.organization_id, program_id=program.id, now=now, **given)


class TestRegisterMember:
    def test_registers_once_for_one_external_id(self, program: Program, session: Session, now: datetime):
        first = register(session, program, now, external_id="H1", email="a@b.example")
        assert register(session, program, now, external_id="H1", email="a@b.example") is first

    def test_refuses_the_external_id_for_other_content(self, program: Program, session: Session, now: datetime):
        register(session, program, now, external_id="H1", email="a@b.example")
        with pytest.raises(ExternalIdConflict):
            register(session, program, now, external_id="H1", email="c@b.example")

    def test_refuses_an_address_of_another_member(self, program: Program, session: Session, now: datetime):
        register(session, program, now, email="a@b.example")
        with pytest.raises(AddressTaken):
            register(session, program, now, email="a@b.example")
        assert len(members_of_email(session, email="a@b.example")) == 1

    def test_lets_two_programs_know_one_address(
        self, program: Program, other_program: Program, session: Session, now: datetime
    ):
        register(session, program, now, email="a@b.example")
        register(session, other_program, now, email="a@b.example")
        assert len(members_of_email(session, email="a@b.example")) == 2


class TestProveAddress:
    def test_keeps_the_first_proof(self, program: Program, session: Session, now: datetime):
        member = register(session, program, now, email="a@b.example", phone="+4915111111111")
        prove_address(session, member=member, email=True, now=now)
        prove_address(session, member=member, email=True, phone=True, now=now.replace(year=2027))
        assert member.email_verified_at == now
        assert member.phone_verified_at == now.replace(year=2027)


class TestFindMember:
    def test_finds_by_each_fact(self, program: Program, session: Session, now: datetime):
        facts = {"external_id": "H1", "email": "a@b.example", "phone": "+4915111111111"}
        member = register(session, program, now, **facts)
        for name, value in facts.items():
            assert find_member(session, program_id=program.id, **{name: value}) is member
        assert find_member(session, program_id=program.id, public_id=member.public_id) is member

    def test_knows_nobody_of_another_program(
        self, program: Program, other_program: Program, session: Session, now: datetime
    ):
        member = register(session, program, now, email="a@b.example")
        with pytest.raises(NotFound):
            find_member(session, program_id=other_program.id, email="a@b.example")
        with pytest.raises(NotFound):
            member_by_public_id(session, organization_id=other_program.organization_id, public_id=member.public_id)


class TestSearchMembers:
    @pytest.mark.parametrize("text", ["amara", "OKON", "b.example", "+49 151", "h1"])
    def test_finds_what_holds_the_text(self, program: Program, session: Session, now: datetime, text: str):
        member = register(session, program, now, external_id="H1", email="a@b.example", phone="+4915111111111")
        found = search_members(session, organization_id=program.organization_id, program_ids=None, text=text)
        assert found == [member]

    def test_takes_wildcards_literally(self, program: Program, session: Session, now: datetime):
        register(session, program, now, email="a@b.example")
        assert search_members(session, organization_id=program.organization_id, program_ids=None, text="%") == []

    def test_stays_within_the_programs_given(
        self, program: Program, other_program: Program, session: Session, now: datetime
    ):
        register(session, program, now, email="a@b.example")
        organization_id = program.organization_id
        assert search_members(session, organization_id=organization_id, program_ids=frozenset(), text="amara") == []
        assert (
            search_members(session, organization_id=other_program.organization_id, program_ids=None, text="amara") == []
        )
