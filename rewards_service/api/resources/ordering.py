"""Requests for orders as the feature takes them, and its orders as the API shows them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rewards_service.api.calls import Call
from rewards_service.api.guessing import admit_guess
from rewards_service.identity.models import Member
from rewards_service.orders.models import Order
from rewards_service.orders.queries import order_by_reference, order_view
from rewards_service.orders.quoting import Quote, QuotedTender
from rewards_service.orders.requests import PayByCode, PayByWallet, Tender, WantedLine
from rewards_service.orders.views import LineView, OrderView, TenderView
from rewards_service.programs.models import Program
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


def shown_order(call: Call, order: Order) -> dict[str, Any]:
    """Return an order as the API shows it, as it stands now."""
    call.session.flush()
    return shown_view(call, order_view(call.session, order=order))


def shown_view(call: Call, view: OrderView) -> dict[str, Any]:
    """Return a view of an order as the API shows it."""
    member = None if view.member_id is None else call.session.get_one(Member, view.member_id)
    return {
        "order": view,
        "program_id": call.session.get_one(Program, view.program_id).public_id,
        "member_id": None if member is None else member.public_id,
        "lines": [_line(line) for line in view.lines],
        "tenders": [_tender(tender) for tender in view.tenders],
    }


def shown_quote(quote: Quote) -> dict[str, Any]:
    """Return a quote as the API shows it."""
    tenders = [{**asdict(tender), **_payer(tender), "units": tender.used_units} for tender in quote.tenders]
    return {**asdict(quote), "is_covered": quote.is_covered, "tenders": tenders}


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


def _line(line: LineView) -> dict[str, Any]:
    """Return a line as the API shows it."""
    return {**asdict(line), "tenders": [_tender(tender) for tender in line.tenders]}


def _tender(tender: TenderView) -> dict[str, Any]:
    """Return what a wallet or code paid as the API shows it."""
    return {**asdict(tender), **_payer(tender)}


def _payer(payer: TenderView | QuotedTender) -> dict[str, Any]:
    """Return who pays, named as a wallet or as a code."""
    is_code = bool(payer.last4)
    return {
        "wallet_id": None if is_code else payer.reference,
        "code_id": payer.reference if is_code else None,
        "last4": payer.last4 or None,
    }
