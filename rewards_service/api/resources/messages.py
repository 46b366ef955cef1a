"""Messages over HTTP."""

from typing import Any

from rewards_service.api.calls import Call
from rewards_service.api.routing import Effect, Resource, Route
from rewards_service.api.schemas.messages import MessageOut, ResendIn
from rewards_service.delivery import operations
from rewards_service.delivery.models import Message
from rewards_service.delivery.queries import attempts_of_message, message_by_public_id, receipts_of_message
from rewards_service.kit.access import TenantScope


def read_message(call: Call, message_id: str) -> dict[str, Any]:
    """Read what became of a message.

    *Sent* is what the next server took, *delivered* what a receipt says.
    """
    return _shown(call, _message(call, message_id))


def resend_message(call: Call, body: dict[str, Any], message_id: str) -> dict[str, Any]:
    """Send a message again.

    To the same recipient it is the same message; to another one it becomes a message of its own.
    """
    message = _message(call, message_id)
    again = operations.resend_message(call.session, message=message, actor=call.actor, now=call.now, **body)
    return _shown(call, again)


def _message(call: Call, message_id: str) -> Message:
    """Return the message with that id. Raises ``NotFound`` for one that is out of reach."""
    return call.own(message_by_public_id(call.session, organization_id=call.organization_id, public_id=message_id))


def _shown(call: Call, message: Message) -> dict[str, Any]:
    """Return a message with its attempts and receipts."""
    return {
        "message": message,
        "attempts": attempts_of_message(call.session, message=message),
        "receipts": receipts_of_message(call.session, message=message),
    }


RESOURCE = Resource(
    "messages",
    "What people were told, and the evidence that it went out.",
    (
        Route("GET", "/messages/<id:message_id>", read_message, "messages.read", TenantScope.PROGRAM, MessageOut),
        Route(
            "POST",
            "/messages/<id:message_id>/resend",
            resend_message,
            "messages.resend",
            TenantScope.PROGRAM,
            MessageOut,
            effect=Effect.WRITES,
            body=ResendIn,
            status=202,
        ),
    ),
)
