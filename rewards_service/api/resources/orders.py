"""Quotes and orders over HTTP."""

from typing import Any

from rewards_service.api.calls import Call, Reply
from rewards_service.api.guessing import count_guess
from rewards_service.api.resources import ordering
from rewards_service.api.routing import Effect, Resource, Route
from rewards_service.api.schemas import orders as schemas
from rewards_service.api.schemas.codes import ReasonIn
from rewards_service.fulfillment.operations import reveal_line
from rewards_service.kit.access import TenantScope
from rewards_service.orders import operations
from rewards_service.orders.queries import line_by_number
from rewards_service.orders.quoting import Quote
from rewards_service.orders.quoting import quote_order as quote
from rewards_service.orders.recipients import OrderRecipient
from rewards_service.orders.views import OrderView
from rewards_service.programs.queries import program_by_id


def quote_order(call: Call, body: dict[str, Any]) -> Quote:
    """Say what an order would cost.

    With tenders also what each would pay and have left; nothing is set aside.
    """
    return quote(
        call.session,
        program=call.program(body.get("program_id")),
        lines=ordering.wanted_lines(body),
        tenders=ordering.tenders_of(body),
        vault=call.services.vault,
        now=call.now,
    )


def place_order(call: Call, body: dict[str, Any]) -> Reply:
    """Place an order.

    Value is set aside for every line, or for none. Lines from stock are there within a second; read the order to see.
    The same external id with the same content is the same order: 200 and nothing new.
    """
    placed = operations.place_order(
        call.session,
        program=call.program(body.get("program_id")),
        external_id=body["external_id"],
        lines=ordering.wanted_lines(body),
        tenders=ordering.tenders_of(body),
        recipient=OrderRecipient(**body.get("recipient", {})),
        actor=call.actor,
        vault=call.services.vault,
        now=call.now,
    )
    return Reply(placed.order, status=201 if placed.is_new else 200)


def read_order(call: Call, order_id: str) -> OrderView:
    """Read an order.

    By its id or, with a key of one program, by the external id.
    """
    return ordering.shown_order(call, ordering.own_order(call, order_id))


def cancel_order(call: Call, body: dict[str, Any], order_id: str) -> OrderView:
    """Cancel an order of which nothing was issued.

    Exactly what came from each wallet and code goes back to it.
    """
    order = ordering.own_order(call, order_id)
    program = program_by_id(call.session, program_id=order.program_id)
    operations.cancel_order(call.session, program=program, order=order, actor=call.actor, now=call.now, **body)
    return ordering.shown_order(call, order)


def refund_line(call: Call, body: dict[str, Any], order_id: str, number: int) -> OrderView:
    """Refund a line that was issued, in whole or in part.

    Value returns to the wallets and codes it came from, each its part. A line refunded whole can no longer be shown.
    """
    order = ordering.own_order(call, order_id)
    program = program_by_id(call.session, program_id=order.program_id)
    operations.refund_line(
        call.session, program=program, order=order, number=number, actor=call.actor, now=call.now, **body
    )
    return ordering.shown_order(call, order)


def reveal_credentials(call: Call, body: dict[str, Any], order_id: str, number: int) -> dict[str, Any]:
    """Show the secrets of a line.

    Who asked, and why, is kept in the audit trail.
    """
    order = ordering.own_order(call, order_id)
    line = line_by_number(call.session, order=order, number=number)
    shown = reveal_line(
        call.session, order=order, line=line, actor=call.actor, vault=call.services.vault, now=call.now, **body
    )
    return ordering.shown_credentials(shown)


RESOURCE = Resource(
    "orders",
    "What was asked for at once, paid for at once, and what became of each line.",
    (
        Route(
            "POST",
            "/quotes",
            quote_order,
            "orders.read",
            TenantScope.PROGRAM,
            schemas.QuoteOut,
            body=schemas.QuoteIn,
            admit=ordering.admit_codes,
            refused=count_guess,
        ),
        Route(
            "POST",
            "/orders",
            place_order,
            "orders.write",
            TenantScope.PROGRAM,
            schemas.OrderOut,
            effect=Effect.MOVES_VALUE,
            body=schemas.NewOrder,
            status=201,
            repeat_status=200,
            admit=ordering.admit_codes,
            refused=count_guess,
        ),
        Route("GET", "/orders/<id:order_id>", read_order, "orders.read", TenantScope.PROGRAM, schemas.OrderOut),
        Route(
            "POST",
            "/orders/<id:order_id>/cancel",
            cancel_order,
            "orders.write",
            TenantScope.PROGRAM,
            schemas.OrderOut,
            effect=Effect.MOVES_VALUE,
            body=schemas.CancelIn,
        ),
        Route(
            "POST",
            "/orders/<id:order_id>/lines/<line:number>/refund",
            refund_line,
            "orders.write",
            TenantScope.PROGRAM,
            schemas.OrderOut,
            effect=Effect.MOVES_VALUE,
            body=schemas.RefundIn,
        ),
        Route(
            "POST",
            "/orders/<id:order_id>/lines/<line:number>/credentials",
            reveal_credentials,
            "orders.reveal",
            TenantScope.PROGRAM,
            schemas.CredentialsOut,
            effect=Effect.WRITES,
            body=ReasonIn,
        ),
    ),
)
