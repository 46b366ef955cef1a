"""Which items a reader may know of. Every read asks for it; none looks past it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, or_

from catalog.tables import item

ITEM_LIST_MAX = 10_000
"""The longest list of item keys a caller may give as values; a longer one is given as a ``select`` of its keys."""

ItemList = Collection[int] | Select[int]
"""Keys of items: as values, or as a statement on the same database that yields them."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """What a reader may know of: everybody's items, those of some owners, fewer by two lists.

    Attributes:
        owner_keys: whose own items are shown beside everybody's.
        only: nothing but these, unless ``None``.
        hidden: none of these, unless ``None``.
    """

    owner_keys: frozenset[str] = frozenset()
    only: ItemList | None = None
    hidden: ItemList | None = None

    def __post_init__(self) -> None:
        for listed in (self.only, self.hidden):
            assert listed is None or isinstance(listed, Select) or len(listed) <= ITEM_LIST_MAX, (
                "give a long list as a select"
            )

    @property
    def has_lists(self) -> bool:
        """Whether more than ownership decides."""
        return self.only is not None or self.hidden is not None

    def item_conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on a statement that reads ``item``."""
        owned = or_(item.c.owner_key.is_(None), item.c.owner_key.in_(sorted(self.owner_keys)))
        return [owned, *self.list_conditions(item.c.id)]

    def list_conditions(self, item_id: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """Return the conditions that the two lists put on the column ``item_id``."""
        conditions: list[ColumnElement[bool]] = []
        if self.only is not None:
            conditions.append(item_id.in_(self.only))
        if self.hidden is not None:
            conditions.append(item_id.not_in(self.hidden))
        return conditions


EVERYBODYS = Visibility()
"""What a reader sees who owns nothing: the items that belong to everybody."""
