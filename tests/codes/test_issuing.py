"""One code is issued: what it is worth, how it is kept, and what is refused."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from rewards_service.codes.errors import CodeNotRecoverable, ExpiryNotAhead
from rewards_service.codes.format import normal_form
from rewards_service.codes.models import Code
from rewards_service.codes.operations import open_code, reveal_code
from rewards_service.codes.policy import CodeState
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.audit import audit_of_object
from rewards_service.kit.crypto import SecretText
from rewards_service.ledger.errors import UnitsNotPositive
from rewards_service.ledger.models import Account
from tests.codes.conftest import Desk
from tests.conftest import NOW


class TestIssueCode:
    def test_makes_a_code_that_is_worth_what_was_asked_for(self, desk: Desk):
        new = desk.issue(5000)
        assert desk.value(new.code).usable_units == new.code.value_units == 5000
        assert desk.state(new.code) == CodeState.ACTIVE

    def test_gives_the_text_once_and_masked(self, desk: Desk):
        new = desk.issue()
        assert str(new.text) == f"****{new.code.last4}"
        assert normal_form(new.text.reveal())[-4:] == new.code.last4

    def test_keeps_a_sealed_copy_for_its_own_row(self, desk: Desk):
        new, other = desk.issue(), desk.issue()
        assert open_code(desk.session, code=new.code, vault=desk.vault) == new.text
        assert normal_form(new.text.reveal()).encode() not in new.code.sealed_code
        assert new.code.sealed_code != other.code.sealed_code

    def test_keeps_no_copy_where_none_is_wanted(self, desk: Desk):
        new = desk.issue(is_recoverable=False)
        with pytest.raises(CodeNotRecoverable):
            open_code(desk.session, code=new.code, vault=desk.vault)

    def test_is_called_by_its_reference_in_the_books(self, desk: Desk):
        named, unnamed = desk.issue(reference="C-0001"), desk.issue()
        names = [desk.session.get_one(Account, new.code.account_id).book_name for new in (named, unnamed)]
        assert names[0] == "Liabilities:Value:Demo:Code:C-0001"
        assert names[1] == f"Liabilities:Value:Demo:Code:{unnamed.code.public_id.upper().replace('_', '-')}"

    @pytest.mark.parametrize("units", [0, -5, 10**15 + 1])
    def test_refuses_a_value_that_is_none(self, desk: Desk, units: int):
        with pytest.raises(UnitsNotPositive):
            desk.issue(units)
        assert desk.session.scalars(select(Code)).all() == []

    @pytest.mark.parametrize("delta", [timedelta(0), timedelta(days=-1)])
    def test_refuses_a_value_that_has_ended_already(self, desk: Desk, delta: timedelta):
        with pytest.raises(ExpiryNotAhead):
            desk.issue(expires_at=NOW + delta)


class TestRevealCode:
    def test_shows_the_code_and_keeps_who_asked_and_why(self, desk: Desk):
        new = desk.issue()
        shown = reveal_code(desk.session, code=new.code, vault=desk.vault, actor=SYSTEM, reason="mail lost", now=NOW)
        desk.session.flush()
        trail = audit_of_object(
            desk.session,
            organization_id=desk.program.organization_id,
            object_type="code",
            object_id=new.code.public_id,
        )
        assert isinstance(shown, SecretText)
        assert shown == new.text
        assert [(event.action, event.reason) for event in trail] == [
            ("code.issued", None),
            ("code.revealed", "mail lost"),
        ]
