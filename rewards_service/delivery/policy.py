"""States of a message and what may follow what."""

from datetime import timedelta
from enum import StrEnum


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    SMS = "sms"


class MessageState(StrEnum):
    """Where a message is. *Sent* is what the next server took; *delivered* is what its receipt says."""

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"


ALLOWED_MOVES: dict[MessageState, frozenset[MessageState]] = {
    MessageState.SCHEDULED: frozenset({MessageState.SENDING, MessageState.FAILED}),
    MessageState.QUEUED: frozenset({MessageState.SENDING, MessageState.FAILED}),
    MessageState.SENDING: frozenset({MessageState.QUEUED, MessageState.SENT, MessageState.FAILED}),
    MessageState.SENT: frozenset(
        {MessageState.QUEUED, MessageState.DELIVERED, MessageState.BOUNCED, MessageState.COMPLAINED}
    ),
    MessageState.DELIVERED: frozenset({MessageState.QUEUED, MessageState.BOUNCED, MessageState.COMPLAINED}),
    MessageState.BOUNCED: frozenset({MessageState.QUEUED, MessageState.COMPLAINED}),
    MessageState.COMPLAINED: frozenset(),
    MessageState.FAILED: frozenset({MessageState.QUEUED, MessageState.SENDING}),
}
"""Back to *queued* is a resend; *failed* goes straight to *sending* when a person retries the job that died."""

UNDER_WAY = frozenset({MessageState.SCHEDULED, MessageState.QUEUED, MessageState.SENDING})


class ReceiptKind(StrEnum):
    """What the other side reports later."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


CONTEXT_KEPT_FOR = timedelta(days=180)
"""After this the words of a message are wiped; that it was sent, and when, remains."""


def may_move(source: MessageState, target: MessageState) -> bool:
    """Tell whether a message may go from ``source`` to ``target``."""
    return target in ALLOWED_MOVES[source]
