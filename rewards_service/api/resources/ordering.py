"""Requests for orders as the feature takes them, and its orders as the API shows them."""

from collections.abc import Sequence
from typing import Any

from rewards_service.api.calls import Call
from rewards_service.api.guessing import admit_guess
from rewards_service.orders.models import Order
from rewards_service.orders.queries import order_by_reference, order_view
from rewards_service.orders.requests import PayByCode, PayByWallet, Tender, WantedLine
from rewards_service.orders.views import OrderView
from rewards_service.stock.operations import Credentials


def admit_codes(call: Call, parsed: Sequence[Any]) -> None:
    """Turn away who has sent too many wrong codes, when this order is to be paid with one. Raises ``RateLimited``."""
    if any("code" in tender for tender in parsed[0].get("tenders", ())):
        admit_guess(call, parsed)


def wanted_lines(body: dict[str, Any]) -> list[WantedLine]:
    """Return the lines of a request."""
    return [WantedLine(**line) for line in body["lines"]]


def tenders_of(body: dict[str, Any]) -> list[Tender]:
    """Return what pays for a request."""
    return [PayByCode(**tender) if "code" in tender else PayByWallet(**tender) for tender in body.get("tenders", ())]


def own_order(call: Call, order_id: str) -> Order:
    """Return the order with that id, or, for a key of one program, that external id.

    Raises:
        OrderNotFound, NotFound: there is none within reach.
    """
    return call.own(
        order_by_reference(
            call.session, organization_id=call.organization_id, reference=order_id, program_id=call.key.program_id
        )
    )


def shown_order(call: Call, order: Order) -> OrderView:
    """Return an order as it stands now."""
    call.session.flush()
    return order_view(call.session, order=order)


def shown_credentials(credentials: Credentials) -> dict[str, Any]:
    """Return what opens a gift card, in clear."""
    return {
        "number": credentials.number.reveal(),
        "pin": None if credentials.pin is None else credentials.pin.reveal(),
        "face_value_minor": credentials.face_value_minor,
        "currency": credentials.currency,
        "expires_on": credentials.expires_on,
        "barcode_type": credentials.barcode_type,
    }
