"""What every way of sending short messages promises."""

from dataclasses import dataclass
from typing import Protocol

from rewards_service.gateways.answers import VendorAnswer


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """One text for one number.

    Attributes:
        recipient: E.164, e.g. ``+4915112345678``.
        reference: our name for it, the same at every repeat, by which a vendor can find it again.
        segments: how many messages a network makes of it.
    """

    recipient: str
    body: str
    reference: str
    segments: int


class SmsGateway(Protocol):
    """A way of sending short messages. It never raises for what the other side says or does not say."""

    def send(self, message: ShortMessage) -> VendorAnswer:
        """Hand ``message`` over and return what was answered."""
        ...

    def rest(self) -> None:
        """Let go of a connection kept for the next message."""
        ...
