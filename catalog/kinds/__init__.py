"""Kinds of items: what each needs from its buyer. Another kind is another file here, listed in ``KINDS``.

How a kind is fulfilled is the application's business; it keeps one strategy for each name in ``KINDS``.
"""

from catalog.errors import KindNotKnown
from catalog.kinds.gift_card import GIFT_CARD
from catalog.kinds.protocol import Details, ItemKind

__all__ = ["KINDS", "Details", "ItemKind", "get_kind"]

KINDS: dict[str, ItemKind] = {kind.name: kind for kind in (GIFT_CARD,)}
"""Every kind by its name, which is also the value of ``item.kind`` and of the search parameter ``kind``."""


def get_kind(name: str) -> ItemKind:
    """Return the kind called ``name``.

    Raises:
        KindNotKnown: there is none.
    """
    if name not in KINDS:
        raise KindNotKnown(f"{name[:40]!r} is not a kind of item; there is {', '.join(KINDS)}")
    return KINDS[name]
