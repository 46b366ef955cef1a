"""What every kind of item answers."""

from collections.abc import Mapping
from typing import Protocol

Details = Mapping[str, object]
"""What a buyer says about one order line beyond item, face value and quantity; JSON values."""


class ItemKind(Protocol):
    """One kind of item, such as a gift card."""

    @property
    def name(self) -> str:
        """The stable name: lower case, words joined by underscores, at most 32 characters."""

    def read_details(self, details: Details) -> Details:
        """Return the buyer's details, checked and complete, as an order line keeps them.

        Raises:
            DetailsRefused: something is missing, unknown, or has no usable value.
        """
