"""Short messages as text files in a directory: the default, until somebody names a gateway."""

from pathlib import Path

from rewards_service.gateways.answers import Acceptance, VendorAnswer
from rewards_service.gateways.directory import write_whole
from rewards_service.gateways.sms.protocol import ShortMessage

SUFFIX = ".sms.txt"


class OutboxSms:
    """Writes each message to a file named after its reference; a repeat gets a file of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def send(self, message: ShortMessage) -> VendorAnswer:
        """Write the message below its number; a full disk is an answer like a gateway's that is too busy."""
        content = f"To: {message.recipient}\nSegments: {message.segments}\n\n{message.body}\n"
        try:
            written = write_whole(self.directory, name=message.reference, suffix=SUFFIX, content=content.encode())
        except OSError as error:
            return VendorAnswer(Acceptance.TEMPORARY, f"the outbox cannot be written: {error.strerror}")
        return VendorAnswer(Acceptance.ACCEPTED, f"written to {written.name}", reference=written.name)

    def rest(self) -> None:
        """Do nothing: there is no connection."""
