"""What a vendor said to a letter, a text or an order."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

TEXT_LENGTH_MAX = 500


class Acceptance(StrEnum):
    """What the answer means for the next step; *unknown* is what a vendor did who did not answer."""

    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class VendorAnswer:
    """One answer, kept as evidence.

    Attributes:
        text: the vendor's own words, or ours where it had none; one line.
        status: the vendor's own number, e.g. an SMTP reply code.
        reference: the vendor's name for what it accepted.
        retry_after: how long it asks us to wait.
    """

    acceptance: Acceptance
    text: str
    status: int | None = None
    reference: str | None = None
    retry_after: timedelta | None = None

    def __post_init__(self) -> None:
        """Keep the text on one line and short enough to be stored."""
        object.__setattr__(self, "text", " ".join(self.text.split())[:TEXT_LENGTH_MAX])
