"""What every step of a random story uses: the moment, the numbers, and how a refusal is expected."""

from datetime import timedelta

import pytest
from hypothesis.stateful import RuleBasedStateMachine

from rewards_service.kit.database import db
from rewards_service.ledger.errors import InsufficientValue
from rewards_service.ledger.operations import Move, Source, move_value, rebase_chunk
from rewards_service.programs.models import Program
from tests.conftest import NOW
from tests.properties.oracle import NEVER, Oracle


class Telling(RuleBasedStateMachine):
    """A story in one open transaction, with the oracle beside it."""

    program_id: int

    def __init__(self) -> None:
        super().__init__()
        self.session = db.session()
        self.program = self.session.get_one(Program, self.program_id)
        self.oracle = Oracle(grace_days=self.program.grace_days)
        self.now = NOW
        self.count = 0
        self.holds: dict[str, dict[str, int]] = {}
        self.accounts: dict[str, int] = {}

    def rebase_all(self) -> None:
        """Bring the rate in force to all lots, as the job does."""
        last: int | None = 0
        while last is not None:
            last = rebase_chunk(self.session, program=self.program, after_lot_id=last, now=self.now)

    def move(self, moves: list[Move]) -> None:
        """Let value change hands."""
        arguments = {"program": self.program, "unit_id": self.unit_id, "moves": moves}
        move_value(self.session, source=self.source(), now=self.now, **arguments)

    def does(self, operation, *, possible: bool, refusal: type[Exception] = InsufficientValue) -> bool:
        """Run what must succeed if it is possible, and be refused without a trace if not."""
        if possible:
            operation()
            return True
        with pytest.raises(refusal), self.session.begin_nested():
            operation()
        return False

    def lines(self, state: str) -> list[str]:
        """The order lines in a state."""
        return [line_ref for line_ref, line in self.oracle.lines.items() if line.state == state]

    def moment(self, days: int | None) -> object:
        """The moment so many days from now."""
        return None if days is None else self.now + timedelta(days=days)

    def ending(self, days: int | None) -> int:
        """The oracle's day of that moment."""
        return NEVER if days is None else self.oracle.day + days

    def source(self) -> Source:
        """A source that no entry has."""
        return Source("story", f"S{self.number()}", reason="story")

    def number(self) -> int:
        """A number not used before."""
        self.count += 1
        return self.count

    @property
    def unit_id(self) -> int:
        """The points."""
        return self.program.points_unit_id


def fit(units: int, most: int, *, is_bold: bool) -> int:
    """Return what was drawn, or, unless the step is bold, that many units of what there is."""
    return units if is_bold or not most else 1 + units % most
