"""What holders must have after any story, kept in dictionaries: an oracle that shares no code with the books.

Value of one holder that ends on one day is one heap; the books may keep it in several lots. Days are integers.
"""

from collections import defaultdict
from dataclasses import dataclass, field

NEVER = 10**6
"""The day on which value without an end would end."""

Share = tuple[int, int]
"""A day of ending, and units that end then."""


@dataclass
class HeldLine:
    """Value set aside for an order line: per holder, in the order of taking."""

    shares: dict[str, list[Share]]
    state: str = "held"
    captured: dict[str, list[Share]] = field(default_factory=dict)

    def units(self, name: str) -> int:
        """What a holder contributes."""
        return sum(units for _, units in self.shares[name])


class Oracle:
    """Holders' heaps, and what has left them."""

    def __init__(self, *, grace_days: int) -> None:
        self.day = 0
        self.grace_days = grace_days
        self.heaps: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self.lines: dict[str, HeldLine] = {}
        self.gone: dict[str, int] = defaultdict(int)

    def balance(self, name: str) -> int:
        """What the books store for a holder: ended value that nobody swept is still there."""
        return sum(self.heaps[name].values())

    def spendable(self, name: str) -> int:
        """What a holder may spend."""
        return sum(units for day, units in self.heaps[name].items() if self.day < day)

    def held(self) -> int:
        """What is set aside in all."""
        return sum(line.units(name) for line in self.lines.values() if line.state == "held" for name in line.shares)

    def add(self, name: str, units: int, day: int) -> None:
        """Give a holder value that ends on a day."""
        self.heaps[name][day] += units

    def take(self, name: str, units: int) -> list[Share]:
        """Take value that a holder may spend, what ends soonest first."""
        shares = []
        for day in sorted(day for day in self.heaps[name] if self.day < day):
            taken = min(units, self.heaps[name][day])
            self.heaps[name][day] -= taken
            units -= taken
            if taken:
                shares.append((day, taken))
        assert units == 0, "asked for before"
        return shares

    def move(self, giver: str, taker: str, units: int) -> None:
        """Let value change hands with its end."""
        for day, share in self.take(giver, units):
            self.add(taker, share, day)

    def hold(self, line_ref: str, wanted: dict[str, int]) -> None:
        """Set value aside."""
        self.lines[line_ref] = HeldLine({name: self.take(name, units) for name, units in wanted.items()})

    def capture(self, line_ref: str, spent: dict[str, int]) -> None:
        """Spend so much of each holder's share, what was taken first first; the rest goes back."""
        line = self.lines[line_ref]
        for name, shares in line.shares.items():
            left = spent[name]
            for day, units in shares:
                used = min(left, units)
                left -= used
                line.captured.setdefault(name, []).append((day, used))
                self._return(name, units - used, day)
        line.state = "captured"
        self.gone["redeemed"] += sum(spent.values())

    def void(self, line_ref: str) -> None:
        """Give everything back."""
        line = self.lines[line_ref]
        for name, shares in line.shares.items():
            for day, units in shares:
                self._return(name, units, day)
        line.state = "voided"

    def refund(self, line_ref: str, back: dict[str, int]) -> None:
        """Give captured value back, last captured first."""
        line = self.lines[line_ref]
        for name, wanted in back.items():
            left, shares = wanted, line.captured[name]
            for index in reversed(range(len(shares))):
                day, units = shares[index]
                returned = min(left, units)
                left -= returned
                shares[index] = (day, units - returned)
                self._return(name, returned, day)
        self.gone["redeemed"] -= sum(back.values())

    def refundable(self, line_ref: str, name: str) -> int:
        """What is left of a holder's captured share."""
        return sum(units for _, units in self.lines[line_ref].captured.get(name, []))

    def expire(self) -> None:
        """Sweep what has ended."""
        for heap in self.heaps.values():
            for day in [day for day in heap if day <= self.day]:
                self.gone["expired"] += heap.pop(day)

    def _return(self, name: str, units: int, day: int) -> None:
        """Give units back: to their heap, or with the program's grace where that has ended."""
        if units:
            self.add(name, units, day if self.day < day else self.day + self.grace_days)
