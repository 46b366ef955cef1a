"""What states and events of orders are called to the person who waits for them."""

from dataclasses import dataclass

from rewards_service.orders.policy import LineState, OrderState
from rewards_service.orders.timeline import Event
from rewards_service.web.i18n import _lazy


@dataclass(frozen=True, slots=True)
class StateWords:
    """How a state looks (one of the five, or neutral), what it is called, and what it means for whoever waits."""

    sign: str
    name: str
    explanation: str = ""


_PREPARING = StateWords(
    "waiting",
    _lazy("Being prepared"),
    _lazy("Usually this takes less than a minute. You can close this page: it will wait for you here."),
)

LINES: dict[LineState, StateWords] = {
    LineState.HELD: _PREPARING,
    LineState.ISSUING: _PREPARING,
    LineState.ISSUED: StateWords("success", _lazy("Here")),
    LineState.UNCERTAIN: StateWords(
        "uncertain",
        _lazy("Uncertain"),
        _lazy(
            "The supplier did not answer clearly. Your value stays set aside, nothing is lost and nothing is ordered "
            "twice. We ask again by ourselves."
        ),
    ),
    LineState.REFUNDED: StateWords(
        "neutral", _lazy("Given back"), _lazy("Every part is back where it came from. The number is no longer valid.")
    ),
    LineState.FAILED: StateWords(
        "failed",
        _lazy("Could not be issued"),
        _lazy("Nothing was spent: every part is back where it came from. You can choose something else."),
    ),
    LineState.CANCELLED: StateWords(
        "neutral", _lazy("Cancelled"), _lazy("Nothing was spent: every part is back where it came from.")
    ),
}

ORDERS: dict[OrderState, StateWords] = {
    OrderState.PENDING_APPROVAL: StateWords("waiting", _lazy("Waiting for approval")),
    OrderState.PROCESSING: StateWords("waiting", _lazy("Being prepared")),
    OrderState.COMPLETE: StateWords("success", _lazy("Complete")),
    OrderState.PARTIAL: StateWords("remark", _lazy("Partly delivered")),
    OrderState.FAILED: StateWords("failed", _lazy("Could not be issued")),
    OrderState.CANCELLED: StateWords("neutral", _lazy("Cancelled")),
}

EVENTS: dict[str, StateWords] = {
    Event.PLACED: StateWords("success", _lazy("Ordered")),
    Event.CANCELLED: StateWords("neutral", _lazy("Cancelled")),
    Event.LINE_ISSUED: StateWords("success", _lazy("Delivered")),
    Event.LINE_FAILED: StateWords("failed", _lazy("Could not be issued")),
    Event.LINE_REFUNDED: StateWords("neutral", _lazy("Given back")),
    Event.LINE_REVEALED: StateWords("success", _lazy("Number shown")),
    Event.MESSAGE_QUEUED: StateWords("success", _lazy("Message sent")),
}

ACTORS = {
    "member": _lazy("by the member"),
    "guest": _lazy("by the holder of the codes"),
    "staff": _lazy("by staff"),
    "api_key": _lazy("by another system"),
    "system": "",
    "job": "",
}
"""Who did something, told without a name."""
