"""Messages and what became of them."""

from rewards_service.api.fields import Flag, Moment, Text, Whole
from rewards_service.api.schemas.base import Input, Output, part, parts


class ResendIn(Input):
    """To whom; without it, to the same recipient again."""

    to = Text("Another address or number, for the same channel.", length_max=254, example="ana@example.com")


class About(Output):
    """What a message is about."""

    type = Text(attribute="about_type", example="code")
    id = Text(attribute="about_id", example="cod_01kahx8s3e5r7t9v1w3x5z7b9d")


class AttemptOut(Output):
    """One attempt to send it, and what was answered."""

    outcome = Text("accepted, deferred, refused or unknown.", example="accepted")
    status = Whole("The reply code.", minimum=0, allow_none=True, example=250)
    answer = Text("The reply in its own words, addresses and codes masked.", example="250 2.0.0 Ok: queued as 4D2F")
    segments = Whole("How many messages a network made of an SMS.", minimum=0, allow_none=True, example=1)
    started_at = Moment()
    duration_ms = Whole(minimum=0, example=84)


class ReceiptOut(Output):
    """What was reported after it was sent."""

    kind = Text("delivered, bounced or complained.", example="delivered")
    detail = Text(example="2.0.0 delivered to mailbox")
    occurred_at = Moment()


class MessageOut(Output):
    """A message."""

    id = Text(attribute="message.public_id", example="msg_01kahx8s3e5r7t9v1w3x5z7b9d")
    kind = Text("What it says.", attribute="message.kind", example="code_delivered")
    channel = Text("email or sms.", attribute="message.channel", example="email")
    to = Text(attribute="message.recipient", example="ana@example.com")
    about = part(About, attribute="message")
    state = Text(
        "scheduled, queued, sending, sent, delivered, bounced, complained or failed.",
        attribute="message.state",
        example="sent",
    )
    reason = Text("Why it failed or came back.", attribute="message.reason", allow_none=True, example="550 unknown")
    retryable = Flag("Whether sending it again may help.", attribute="message.is_retryable", example=False)
    attempts = parts(AttemptOut, attribute="attempts")
    receipts = parts(ReceiptOut, attribute="receipts")
    created_at = Moment(attribute="message.created_at")
    sent_at = Moment(attribute="message.sent_at", allow_none=True)
