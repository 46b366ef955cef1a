"""What every way of sending mail promises."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Protocol

from rewards_service.gateways.answers import VendorAnswer


@dataclass(frozen=True, slots=True)
class Letter:
    """One message for one recipient, with the addresses of its envelope."""

    sender: str
    recipient: str
    message: EmailMessage

    def as_bytes(self) -> bytes:
        """Return the message as it goes over the wire: lines ended by CR and LF, every body in ASCII.

        A body of eight bits needs a server that offers 8BITMIME (RFC 6152); quoted-printable and base64 need none.
        """
        return self.message.as_bytes(policy=SMTP.clone(utf8=self.needs_utf8, cte_type="7bit"))

    @property
    def needs_utf8(self) -> bool:
        """Tell whether an address is beyond ASCII, which takes a server with SMTPUTF8 (RFC 6531)."""
        return not (self.sender + self.recipient).isascii()


class MailGateway(Protocol):
    """A way of sending mail. It never raises for what the other side says or does not say: that is the answer."""

    def send(self, letter: Letter) -> VendorAnswer:
        """Hand ``letter`` over and return what was answered."""
        ...

    def rest(self) -> None:
        """Let go of a connection kept for the next letter."""
        ...
