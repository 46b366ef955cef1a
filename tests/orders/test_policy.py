"""States of lines and orders, and the arithmetic of parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards_service.kit.errors import Refusal
from rewards_service.orders.policy import (
    DELIVERED,
    LINE_MOVES,
    LINE_REFUSALS,
    ORDER_MOVES,
    LineState,
    OrderState,
    order_state,
    require_line_move,
    share,
)

HELD, ISSUING, ISSUED, UNCERTAIN, REFUNDED, FAILED, CANCELLED = LineState
MOVES = [(source, target) for source in LineState for target in LineState]


class TestRequireLineMove:
    @pytest.mark.parametrize(("source", "target"), MOVES)
    def test_allows_what_the_table_has_and_names_what_stands_in_the_way(self, source, target) -> None:
        if target in LINE_MOVES[source]:
            require_line_move(source, target)
            return
        with pytest.raises(Refusal) as refusal:
            require_line_move(source, target)
        assert type(refusal.value) is LINE_REFUSALS[source]

    def test_has_an_answer_in_every_state(self) -> None:
        assert set(LINE_MOVES) == set(LINE_REFUSALS) == set(LineState)

    def test_lets_nothing_out_of_the_last_states(self) -> None:
        assert [state for state in LineState if not LINE_MOVES[state]] == [REFUNDED, FAILED, CANCELLED]


class TestOrderState:
    @pytest.mark.parametrize(
        ("lines", "state"),
        [
            ([HELD], OrderState.PROCESSING),
            ([ISSUED, ISSUING], OrderState.PROCESSING),
            ([FAILED, UNCERTAIN], OrderState.PROCESSING),
            ([ISSUED, ISSUED], OrderState.COMPLETE),
            ([ISSUED, REFUNDED], OrderState.COMPLETE),
            ([REFUNDED], OrderState.COMPLETE),
            ([ISSUED, FAILED], OrderState.PARTIAL),
            ([REFUNDED, CANCELLED], OrderState.PARTIAL),
            ([FAILED, CANCELLED], OrderState.FAILED),
            ([CANCELLED, CANCELLED], OrderState.CANCELLED),
        ],
    )
    def test_follows_from_the_lines(self, lines, state) -> None:
        assert order_state(lines) == state

    def test_waits_for_approval_while_nothing_has_moved(self) -> None:
        assert order_state([HELD, HELD], awaits_approval=True) == OrderState.PENDING_APPROVAL
        assert order_state([HELD, FAILED], awaits_approval=True) == OrderState.PROCESSING

    @given(st.lists(st.sampled_from(LineState), min_size=1, max_size=6), st.data())
    def test_moves_only_as_its_own_table_says(self, lines, data) -> None:
        index = data.draw(st.integers(0, len(lines) - 1))
        before = order_state(lines)
        for target in sorted(LINE_MOVES[lines[index]]):
            after = order_state([*lines[:index], target, *lines[index + 1 :]])
            assert after == before or after in ORDER_MOVES[before]

    @given(st.lists(st.sampled_from(LineState), min_size=1, max_size=6))
    def test_is_complete_only_when_everything_was_delivered(self, lines) -> None:
        assert (order_state(lines) == OrderState.COMPLETE) == all(state in DELIVERED for state in lines)


class TestShare:
    @given(st.integers(-(10**12), 10**12), st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
    def test_adds_up_to_the_total_whatever_the_steps(self, total, parts) -> None:
        whole, before, shared = sum(parts), 0, 0
        for part in parts:
            shared += share(total, part=part, whole=whole, before=before)
            before += part
        assert shared == total

    @given(st.integers(0, 10**12), st.integers(1, 10**6), st.data())
    def test_never_gives_more_than_its_part(self, total, whole, data) -> None:
        before = data.draw(st.integers(0, whole - 1))
        part = data.draw(st.integers(1, whole - before))
        given_so_far = share(total, part=before, whole=whole, before=0) + share(
            total, part=part, whole=whole, before=before
        )
        assert given_so_far * whole <= total * (before + part)
