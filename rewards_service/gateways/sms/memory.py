"""Short messages that stay in memory, answered as a test says."""

from collections.abc import Iterable

from rewards_service.gateways.answers import Acceptance, VendorAnswer
from rewards_service.gateways.sms.protocol import ShortMessage

ACCEPTED = VendorAnswer(Acceptance.ACCEPTED, "kept in memory")


class MemorySms:
    """Keeps messages in a list; ``answers`` are given one by one, and after the last one all are accepted."""

    def __init__(self, answers: Iterable[VendorAnswer] = ()) -> None:
        self.messages: list[ShortMessage] = []
        self._answers = iter(answers)

    def send(self, message: ShortMessage) -> VendorAnswer:
        """Keep the message, unless the next answer says that it never arrived."""
        answer = next(self._answers, ACCEPTED)
        if answer.acceptance in {Acceptance.ACCEPTED, Acceptance.UNKNOWN}:
            self.messages.append(message)
        return answer

    def rest(self) -> None:
        """Do nothing: there is no connection."""
