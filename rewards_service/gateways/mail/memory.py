"""Mail that stays in memory, answered as a test says."""

from collections.abc import Iterable

from rewards_service.gateways.answers import Acceptance, VendorAnswer
from rewards_service.gateways.mail.protocol import Letter

ACCEPTED = VendorAnswer(Acceptance.ACCEPTED, "kept in memory", status=250)


class MemoryMail:
    """Keeps letters in a list; ``answers`` are given one by one, and after the last one every letter is accepted."""

    def __init__(self, answers: Iterable[VendorAnswer] = ()) -> None:
        self.letters: list[Letter] = []
        self._answers = iter(answers)

    def send(self, letter: Letter) -> VendorAnswer:
        """Keep the letter, unless the next answer says that it never arrived."""
        answer = next(self._answers, ACCEPTED)
        if answer.acceptance in {Acceptance.ACCEPTED, Acceptance.UNKNOWN}:
            self.letters.append(letter)
        return answer

    def rest(self) -> None:
        """Do nothing: there is no connection."""
