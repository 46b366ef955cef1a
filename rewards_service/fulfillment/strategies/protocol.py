"""What every strategy answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from rewards_service.kit.crypto import Vault
from rewards_service.ledger.operations import MoneyLine
from rewards_service.orders.models import OrderLine
from rewards_service.programs.models import Program
from rewards_service.stock.operations import Credentials


@dataclass(frozen=True, slots=True)
class LineToFulfil:
    """A line whose order is locked, and whose value is held."""

    program: Program
    line: OrderLine


@dataclass(frozen=True, slots=True)
class Issued:
    """What a line was handed, as the books see it; amounts in the program's currency, positive = debit.

    Attributes:
        settlement: the money side of the capture without the liability; its sum, negated, is the face value.
        recovery: what a refund of the whole line posts in its place.
    """

    settlement: Sequence[MoneyLine]
    recovery: Sequence[MoneyLine]


class Strategy(Protocol):
    """How one kind of item is handed over."""

    @property
    def kind(self) -> str:
        """The name of the kind in ``catalog.KINDS``."""

    def issue(self, session: Session, *, wanted: LineToFulfil, now: datetime) -> Issued:
        """Hand the line what was ordered, in the caller's transaction.

        Raises:
            Refusal: it cannot be had; nothing was written, and the line fails with the refusal's code.
        """

    def reveal(self, session: Session, *, line: OrderLine, vault: Vault) -> Credentials:
        """Return the secrets of what the line was handed; ``session`` need not be able to write.

        Raises:
            Refusal: there is nothing to show.
        """
