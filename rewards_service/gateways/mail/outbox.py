"""Mail as ``.eml`` files in a directory: the default, until somebody names a server."""

import email
import re
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from rewards_service.gateways.answers import Acceptance, VendorAnswer
from rewards_service.gateways.directory import write_whole
from rewards_service.gateways.mail.protocol import Letter

SUFFIX = ".eml"

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


class OutboxMail:
    """Writes each letter to a file named after its Message-ID; a repeat gets a file of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def send(self, letter: Letter) -> VendorAnswer:
        """Write the letter; a full disk is an answer like a server's that is too busy."""
        name = _file_name(str(letter.message["Message-ID"]))
        try:
            written = write_whole(self.directory, name=name, suffix=SUFFIX, content=letter.as_bytes())
        except OSError as error:
            return VendorAnswer(Acceptance.TEMPORARY, f"the outbox cannot be written: {error.strerror}")
        return VendorAnswer(Acceptance.ACCEPTED, f"written to {written.name}", status=250, reference=written.name)

    def rest(self) -> None:
        """Do nothing: there is no connection."""


def find_letters(directory: Path, *, message_id: str) -> list[EmailMessage]:
    """Return every copy of the letter with that Message-ID, the first one first."""
    name = _file_name(message_id)
    numbered = {path: re.fullmatch(rf"{name}(?:-(\d+))?", path.stem) for path in directory.glob(f"{name}*{SUFFIX}")}
    found = sorted((int(match[1] or 1), path) for path, match in numbered.items() if match)
    return [_read(path) for _, path in found]


def _read(path: Path) -> EmailMessage:
    """Return the letter in a file."""
    with path.open("rb") as file:
        return email.message_from_binary_file(file, policy=default)


def _file_name(message_id: str) -> str:
    """Return the part of a Message-ID before the at sign, fit for a file name."""
    return _UNSAFE.sub("_", message_id.strip("<> ").partition("@")[0]) or "letter"
