"""The states of a code."""

from datetime import datetime, timedelta

import pytest

from rewards_service.codes.policy import (
    ALLOWED_MOVES,
    CodeState,
    CodeValue,
    serial_reference,
    state_of,
)
from tests.conftest import NOW

LATER, EARLIER = NOW + timedelta(days=1), NOW - timedelta(days=1)


class TestStateOf:
    @pytest.mark.parametrize(
        ("stored", "value", "expires_at", "shown"),
        [
            (CodeState.ACTIVE, CodeValue(usable_units=1), None, CodeState.ACTIVE),
            (CodeState.ACTIVE, CodeValue(usable_units=1), EARLIER, CodeState.ACTIVE),
            (CodeState.ACTIVE, CodeValue(held_units=1), EARLIER, CodeState.ACTIVE),
            (CodeState.ACTIVE, CodeValue(), None, CodeState.EXHAUSTED),
            (CodeState.ACTIVE, CodeValue(), LATER, CodeState.EXHAUSTED),
            (CodeState.ACTIVE, CodeValue(), NOW, CodeState.EXPIRED),
            (CodeState.ACTIVE, CodeValue(stale_units=1), None, CodeState.EXPIRED),
            (CodeState.BLOCKED, CodeValue(usable_units=1), None, CodeState.BLOCKED),
            (CodeState.CLAIMED, CodeValue(), None, CodeState.CLAIMED),
            (CodeState.REPLACED, CodeValue(), EARLIER, CodeState.REPLACED),
        ],
    )
    def test_follows_from_what_is_stored_what_it_holds_and_when(
        self, stored: CodeState, value: CodeValue, expires_at: datetime | None, shown: CodeState
    ):
        assert state_of(stored=stored, value=value, expires_at=expires_at, now=NOW) == shown


class TestAllowedMoves:
    def test_never_lead_back_from_an_end(self):
        assert ALLOWED_MOVES[CodeState.CLAIMED] == ALLOWED_MOVES[CodeState.REPLACED] == frozenset()


class TestSerialReference:
    def test_makes_all_of_a_batch_equally_long(self):
        assert serial_reference("B1", serial=1, count=1000) == "B1-0001"
        assert serial_reference("B1", serial=7, count=1_000_000) == "B1-0000007"
