"""Wrong guesses are counted and throttled; slips are not, and no code is ever locked."""

import pytest
from flask import Flask

from rewards_service.codes.entering import check_code
from rewards_service.codes.errors import ClaimLinkNotUsable, CodeMistyped, CodeNotUsable, CodeReplaced
from rewards_service.codes.generation import generate_codes
from rewards_service.codes.guessing import GUESS_PURPOSE, record_guess, require_guesses_left
from rewards_service.kit.crypto import Vault
from rewards_service.kit.database import read_session, transact, unit_of_work
from rewards_service.kit.errors import RateLimited, Refusal
from rewards_service.kit.throttle import Caller, Scope, count_failures
from rewards_service.programs.models import Program
from tests.codes.conftest import Desk
from tests.conftest import NOW

CALLER = Caller(session="browser", address="192.0.2.7")
GUESSES_LEFT = 5


class TestRequireGuessesLeft:
    def test_closes_the_door_after_five_wrong_codes(self, app: Flask, vault: Vault):
        for _ in range(GUESSES_LEFT):
            with pytest.raises(CodeNotUsable):
                enter(generate_codes(1)[0], vault)
        with pytest.raises(RateLimited) as refused:
            enter(generate_codes(1)[0], vault)
        assert 0 < refused.value.retry_after <= 60

    def test_lets_everybody_else_use_any_code_meanwhile(self, program: Program, vault: Vault):
        with unit_of_work() as session:
            session.add(program)
            text = Desk(session, program, vault).issue().text.reveal()
        for _ in range(GUESSES_LEFT):
            with pytest.raises(CodeNotUsable):
                enter(generate_codes(1)[0], vault)
        other = Caller(session="another browser", address="192.0.2.8")
        assert enter(text, vault, caller=other) == 100

    def test_does_not_count_slips(self, app: Flask, vault: Vault):
        for _ in range(GUESSES_LEFT + 1):
            with pytest.raises(CodeMistyped):
                enter("7K3Q-H2M9-XW4T-RBN4", vault)


class TestRecordGuess:
    @pytest.mark.parametrize(
        ("refusal", "counted"),
        [(CodeNotUsable(), 1), (ClaimLinkNotUsable(), 1), (CodeMistyped(), 0), (CodeReplaced(last4="RBN3"), 0)],
    )
    def test_counts_what_was_a_guess(self, app: Flask, refusal: Refusal, counted: int):
        with unit_of_work() as session:
            record_guess(session, refusal, caller=CALLER, now=NOW)
            failures = count_failures(
                session, purpose=GUESS_PURPOSE, scope=Scope.SESSION, caller=CALLER, since=NOW.replace(hour=0)
            )
        assert failures == counted


def enter(text: str, vault: Vault, *, caller: Caller = CALLER) -> int:
    """Enter a code as an edge does and return what it holds."""
    with read_session() as session:
        require_guesses_left(session, caller=caller, now=NOW)
    return transact(
        lambda session: check_code(session, text=text, vault=vault, now=NOW).value.usable_units,
        refused=lambda session, refusal: record_guess(session, refusal, caller=caller, now=NOW),
    )
