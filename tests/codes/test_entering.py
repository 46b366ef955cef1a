"""Somebody enters a code: what is found, what is said, and to whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from rewards_service.codes.entering import check_code
from rewards_service.codes.errors import (
    CodeAlreadySpent,
    CodeMistyped,
    CodeNotUsable,
    CodeReplaced,
)
from rewards_service.codes.generation import generate_codes
from rewards_service.codes.operations import block_code, reissue_code
from rewards_service.codes.policy import Asker
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.crypto import Vault
from rewards_service.kit.crypto.keys import with_new_key
from rewards_service.kit.database import db, read_session, unit_of_work
from rewards_service.ledger.operations import HoldPart, LineHold, capture_hold, open_holds, void_hold
from rewards_service.programs.models import Program
from tests.codes.conftest import Desk
from tests.conftest import NOW

SOON, LATE = NOW + timedelta(days=1), NOW + timedelta(days=9)


class TestCheckCode:
    def test_says_what_a_code_holds(self, desk: Desk):
        new = desk.issue(250, expires_at=SOON)
        entered = check_code(desk.session, text=new.text.reveal().lower(), vault=desk.vault, now=NOW)
        assert entered.code.id == new.code.id
        assert (entered.value.usable_units, entered.value.expires_at) == (250, SOON)

    def test_needs_no_session_that_can_write(self, program: Program, vault: Vault):
        with unit_of_work() as session:
            session.add(program)
            text = Desk(session, program, vault).issue().text.reveal()
        with read_session() as reader:
            assert check_code(reader, text=text, vault=vault, now=NOW).value.usable_units == 100

    def test_takes_a_slip_for_a_slip(self, desk: Desk):
        with pytest.raises(CodeMistyped):
            check_code(desk.session, text="7K3Q-H2M9-XW4T-RBN4", vault=desk.vault, now=NOW)

    def test_ends_at_the_instant_of_expiry(self, desk: Desk):
        text = desk.issue(expires_at=SOON).text.reveal()
        just_before = SOON - timedelta(microseconds=1)
        assert check_code(desk.session, text=text, vault=desk.vault, now=just_before).value.usable_units == 100
        with pytest.raises(CodeNotUsable):
            check_code(desk.session, text=text, vault=desk.vault, now=SOON)

    def test_finds_codes_by_older_look_up_keys(self, desk: Desk):
        text = desk.issue().text.reveal()
        rotated = Vault(with_new_key(desk.vault._keys, "lookup"))
        fresh = Desk(desk.session, desk.program, rotated).issue().text.reveal()
        for entered in (text, fresh):
            assert check_code(desk.session, text=entered, vault=rotated, now=NOW).value.usable_units == 100

    def test_tells_only_the_holder_that_it_is_spent(self, desk: Desk):
        new = desk.issue(100)
        spend(desk, new.code.account_id, 100)
        with pytest.raises(CodeNotUsable):
            check_code(desk.session, text=new.text.reveal(), vault=desk.vault, now=NOW)
        void_hold(desk.session, program=desk.program, line_ref="ord:1", actor=SYSTEM, now=NOW)
        spend(desk, new.code.account_id, 100, line_ref="ord:2", keep=False)
        holder = Asker(code_ids={new.code.id})
        with pytest.raises(CodeAlreadySpent):
            check_code(desk.session, text=new.text.reveal(), vault=desk.vault, now=NOW, asker=holder)
        with pytest.raises(CodeNotUsable):
            check_code(desk.session, text=new.text.reveal(), vault=desk.vault, now=NOW)

    def test_says_where_a_replaced_code_went_without_the_new_code(self, desk: Desk):
        old = desk.issue()
        new = reissue_code(desk.session, code=old.code, vault=desk.vault, actor=SYSTEM, reason="leaked", now=NOW)
        with pytest.raises(CodeReplaced) as refused:
            check_code(desk.session, text=old.text.reveal(), vault=desk.vault, now=NOW)
        assert str(refused.value) == f"This code was exchanged for the code ending in {new.code.last4}."
        assert new.text.reveal() not in repr(vars(refused.value))


class TestAStranger:
    """R13: unknown, expired, blocked and foreign codes are one and the same to somebody who has shown nothing."""

    CLASSES = ("unknown", "expired", "blocked", "foreign program", "foreign organization")

    def test_gets_the_same_answer_by_the_same_statements(self, desk: Desk, other_program: Program, program: Program):
        texts = self.entered(desk, other_program)
        seen = {name: self.answer(desk, text) for name, text in texts.items()}
        assert set(texts) == set(self.CLASSES)
        assert all(answer == seen["unknown"] for answer in seen.values())

    def entered(self, desk: Desk, other_program: Program) -> dict[str, str]:
        """Return one code of each class."""
        blocked = desk.issue()
        block_code(desk.session, code=blocked.code, actor=SYSTEM, reason="lost", now=NOW)
        return {
            "unknown": generate_codes(1)[0],
            "expired": desk.issue(expires_at=NOW + timedelta(seconds=1)).text.reveal(),
            "blocked": blocked.text.reveal(),
            "foreign program": desk.of(other_program).issue().text.reveal(),
            "foreign organization": desk.of(other_program).issue(7).text.reveal(),
        }

    def answer(self, desk: Desk, text: str) -> tuple[object, ...]:
        """Return the refusal of a code and the statements that led to it."""
        desk.session.expire_all()
        desk.session.get_one(Program, desk.program.id)
        with recorded_statements() as statements, pytest.raises(CodeNotUsable) as refused:
            check_code(
                desk.session,
                text=text,
                vault=desk.vault,
                now=NOW + timedelta(seconds=1),
                program_id=desk.program.id,
            )
        refusal = refused.value
        return (type(refusal), refusal.code, refusal.detail, refusal.params, refusal.problems, tuple(statements))


def spend(desk: Desk, account_id: int, units: int, *, line_ref: str = "ord:1", keep: bool = True) -> None:
    """Set value of an account aside for an order line; without ``keep`` it is taken for good."""
    line = LineHold(line_ref, [HoldPart(account_id, desk.program.points_unit_id, units)])
    open_holds(desk.session, program=desk.program, lines=[line], actor=SYSTEM, now=NOW)
    if not keep:
        capture(desk, line_ref)


def capture(desk: Desk, line_ref: str) -> None:
    """Take what is held for a line, as if it cost nothing."""
    capture_hold(desk.session, program=desk.program, line_ref=line_ref, settlement=[], actor=SYSTEM, now=NOW)


@contextmanager
def recorded_statements() -> Iterator[list[str]]:
    """Yield the list of the statements that are sent to the database meanwhile."""
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
