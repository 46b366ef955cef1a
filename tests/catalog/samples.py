"""Items to fill a catalog with, and where suppliers' files lie."""

from dataclasses import replace
from pathlib import Path

from catalog import FixedDenomination, ItemDraft, OpenDenomination

FILES = Path(__file__).parents[1] / "data" / "catalogs"

BOOK = ItemDraft(
    supplier_reference="BOOK",
    kind="gift_card",
    brand="Bookworld",
    title="Bookworld gift card",
    currency="EUR",
    category="Books & media",
    description="Novels and cookbooks.",
    countries=("AT", "DE"),
    fixed=(FixedDenomination(1000, 920, "EUR"), FixedDenomination(2500, 2300, "USD")),
)
CAFE = ItemDraft(
    supplier_reference="CAFE",
    kind="gift_card",
    brand="Café Zoë",
    title="Café Zoë card",
    currency="USD",
    category="Food",
    description="Coffee, and a book to read.",
    countries=("US",),
    open=OpenDenomination(500, 5000, 9550),
)
WORLD = ItemDraft(
    supplier_reference="WORLD",
    kind="gift_card",
    brand="Worldcard",
    title="Everywhere card",
    currency="JPY",
    open=OpenDenomination(100, 9000),
)


def like(draft: ItemDraft, reference: str, **changes: object) -> ItemDraft:
    """Return a draft that differs from another in its reference and in what is named."""
    return replace(draft, supplier_reference=reference, **changes)
