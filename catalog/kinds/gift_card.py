"""Gift cards: a number, perhaps a PIN, for one brand. The buyer chooses a face value and nothing else."""

from dataclasses import dataclass

from catalog.errors import DetailsRefused
from catalog.kinds.protocol import Details


@dataclass(frozen=True, slots=True)
class GiftCard:
    """The kind of everything whose value is handed over as credentials to type in or to show."""

    name: str = "gift_card"

    def read_details(self, details: Details) -> Details:
        """Return no details: where a card goes is a fact of the order, not of the card.

        Raises:
            DetailsRefused: there are any.
        """
        for field in details:
            raise DetailsRefused(field, f"a gift card asks nothing about {field[:40]!r}")
        return {}


GIFT_CARD = GiftCard()
