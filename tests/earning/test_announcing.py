"""Whom the message about an award goes to, and what it says."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.delivery.models import Message
from rewards_service.earning.announcing import announce_award
from rewards_service.identity.models import Member
from rewards_service.identity.operations import register_member
from rewards_service.kit.actor import SYSTEM
from rewards_service.programs.models import Program
from rewards_service.wallets.operations import AwardTerms, Recipient, award_value, merge_members


@pytest.fixture
def member(session: Session, program: Program, now: datetime):
    """Registers somebody."""

    def register(name: str, **known: str) -> Member:
        return register_member(
            session,
            organization_id=program.organization_id,
            program_id=program.id,
            name=name,
            locale="de",
            now=now,
            **{"email": None, "phone": None, **known},
        )

    return register


@pytest.fixture
def announce(session: Session, program: Program, now: datetime):
    """Awards something, tells of it twice, and returns the messages there are then."""

    def award(recipient: Recipient) -> list[Message]:
        terms = AwardTerms(value_units=500, unit=program.points_unit, reason="Five\nmodules")
        given = {"program": program, "recipient": recipient, "now": now}
        made = award_value(session, terms=terms, external_id="A-1", actor=SYSTEM, **given)
        told = [announce_award(session, award=made.award, **given) for _ in range(2)]
        found = list(session.scalars(select(Message)))
        assert told == [bool(found)] * 2
        return found

    return award


class TestAnnounceAward:
    def test_greets_a_member_by_name_in_his_language(self, announce, member):
        (message,) = announce(Recipient(member=member("Ana Soto", email="ana@example.com", phone="+4915112345678")))
        assert (message.channel, message.recipient, message.locale) == ("email", "ana@example.com", "de")
        assert (message.context["name"], message.context["reason"]) == ("Ana Soto", "Five modules")

    @pytest.mark.parametrize("sign", "\u202a\u202e\u2066\u2069\n")
    def test_greets_nobody_by_a_name_that_cannot_stand_in_a_message(self, announce, member, sign):
        (message,) = announce(Recipient(member=member(f"Ana{sign} Soto", email="ana@example.com")))
        assert "name" not in message.context
        assert message.locale == "de"

    def test_goes_to_the_telephone_of_whoever_has_no_mail(self, announce, member):
        (message,) = announce(Recipient(member=member("Ben Ode", phone="+4915112345678")))
        assert (message.channel, message.recipient) == ("sms", "+4915112345678")

    def test_reaches_whoever_has_an_address_through_a_merge_alone(self, announce, member, session, program, now):
        kept, merged = member("Ana Soto", external_id="4711"), member("Ana", email="ana@example.com")
        merge_members(session, program=program, kept=kept, merged=merged, reason="one person", actor=SYSTEM, now=now)
        (message,) = announce(Recipient(member=kept))
        assert (message.recipient, message.context["name"]) == ("ana@example.com", "Ana Soto")

    def test_is_not_possible_without_an_address(self, announce, member):
        assert announce(Recipient(member=member("Ben Ode", external_id="4711"))) == []

    def test_knows_no_name_for_an_address(self, announce, program):
        (message,) = announce(Recipient(address="new@example.com"))
        assert "name" not in message.context
        assert message.locale == program.locale
