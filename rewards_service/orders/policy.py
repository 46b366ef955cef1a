"""Pure rules of orders: states and the moves between them, and the limits of one order."""

from collections.abc import Collection
from enum import StrEnum

from rewards_service.kit.errors import Refusal
from rewards_service.orders.errors import (
    LineAlreadyCancelled,
    LineAlreadyIssued,
    LineAlreadyRefunded,
    LineHasFailed,
    LineNotIssued,
    LineUncertain,
)

UNITS_MAX = 100
"""How many units (each a line of its own) one order has at most."""

WANTED_LINES_MAX = 100
TENDERS_CODES_MAX = 15
TENDERS_WALLETS_MAX = 4
EXTERNAL_ID_LENGTH_MAX = 100
REASON_LENGTH_MAX = 200
DETAILS_LENGTH_MAX = 4_000
"""Characters of a line's details, as JSON."""


class OrderState(StrEnum):
    """Where an order stands, over all of its lines."""

    PENDING_APPROVAL = "pending_approval"
    PROCESSING = "processing"
    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


class LineState(StrEnum):
    """Where one unit of an order stands."""

    HELD = "held"
    ISSUING = "issuing"
    ISSUED = "issued"
    UNCERTAIN = "uncertain"
    REFUNDED = "refunded"
    FAILED = "failed"
    CANCELLED = "cancelled"


LINE_MOVES: dict[LineState, frozenset[LineState]] = {
    LineState.HELD: frozenset({LineState.ISSUING, LineState.ISSUED, LineState.FAILED, LineState.CANCELLED}),
    LineState.ISSUING: frozenset({LineState.ISSUED, LineState.UNCERTAIN, LineState.FAILED}),
    LineState.UNCERTAIN: frozenset({LineState.ISSUED, LineState.FAILED}),
    LineState.ISSUED: frozenset({LineState.REFUNDED}),
    LineState.REFUNDED: frozenset(),
    LineState.FAILED: frozenset(),
    LineState.CANCELLED: frozenset(),
}
"""A line that a supplier may have heard of (*issuing*) can no longer be cancelled; nothing leaves the last three."""

LINE_REFUSALS: dict[LineState, type[Refusal]] = {
    LineState.HELD: LineNotIssued,
    LineState.ISSUING: LineNotIssued,
    LineState.UNCERTAIN: LineUncertain,
    LineState.ISSUED: LineAlreadyIssued,
    LineState.REFUNDED: LineAlreadyRefunded,
    LineState.FAILED: LineHasFailed,
    LineState.CANCELLED: LineAlreadyCancelled,
}
"""What is said to a move that the table does not have: the fact that stands in its way."""

ORDER_MOVES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.PENDING_APPROVAL: frozenset({OrderState.PROCESSING, OrderState.CANCELLED}),
    OrderState.PROCESSING: frozenset(
        {OrderState.COMPLETE, OrderState.PARTIAL, OrderState.FAILED, OrderState.CANCELLED}
    ),
    OrderState.COMPLETE: frozenset(),
    OrderState.PARTIAL: frozenset(),
    OrderState.FAILED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}
"""A refund moves a line, not its order: what was delivered stays delivered."""

OPEN = frozenset({LineState.HELD, LineState.ISSUING, LineState.UNCERTAIN})
"""States in which value is set aside for a line."""

DELIVERED = frozenset({LineState.ISSUED, LineState.REFUNDED})


def require_line_move(source: LineState, target: LineState) -> None:
    """Refuse a move that the table does not have.

    Raises:
        Refusal: the one of ``LINE_REFUSALS`` that names the state in the way.
    """
    if target not in LINE_MOVES[source]:
        raise LINE_REFUSALS[source]


def order_state(lines: Collection[LineState], *, awaits_approval: bool = False) -> OrderState:
    """Return the state of an order with lines in these states; the only place that says so."""
    assert lines, "an order has lines"
    states = frozenset(lines)
    if awaits_approval and states == {LineState.HELD}:
        return OrderState.PENDING_APPROVAL
    if states & OPEN:
        return OrderState.PROCESSING
    if states & DELIVERED:
        return OrderState.COMPLETE if states <= DELIVERED else OrderState.PARTIAL
    return OrderState.FAILED if LineState.FAILED in states else OrderState.CANCELLED


def share(total: int, *, part: int, whole: int, before: int) -> int:
    """Return what ``part`` more of ``whole`` is of ``total``, when ``before`` of it has been shared out.

    It depends on how much is shared out in all, not on the steps, so the last share clears the total exactly. The sign
    of ``total`` is kept.
    """
    sign = -1 if total < 0 else 1
    return sign * (abs(total) * (before + part) // whole - abs(total) * before // whole)


def line_reference(order_public_id: str, number: int) -> str:
    """Return what the books call a line: ``ord_…/1``."""
    return f"{order_public_id}/{number}"


def member_basket_key(member_public_id: str) -> str:
    """Return how a member's basket is found, wherever he signs in."""
    return f"member:{member_public_id}"
