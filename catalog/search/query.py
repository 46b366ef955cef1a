"""What a search asks and what it answers; the parameters are those of the public catalog search."""

import re
from dataclasses import dataclass

from catalog.errors import SearchRefused
from catalog.items import Item

LIMIT_DEFAULT = 24
LIMIT_MAX = 100
MINOR_MAX = 2**63 - 1
"""Bounds beyond a bigint are as good as its end."""

SORTS = ("relevance", "popularity", "price", "price_desc", "title", "newest")
"""``relevance`` puts items first that carry the text in brand or title, most popular first; it is the default beside a
text, and the same as ``popularity``, the other default, without one. ``price`` goes by the lowest face value."""

_SHAPES = {
    "country": re.compile(r"[A-Z]{2}"),
    "category": re.compile(r"[\w-]{1,80}"),
    "kind": re.compile(r"[a-z_]{1,32}"),
    "currency": re.compile(r"[A-Z]{3}"),
}


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search of the catalog; everything narrows it, nothing is required.

    Attributes:
        q: words that brand, title, category or description must contain; the last may be unfinished.
        country: ISO 3166-1; items redeemable everywhere are found too.
        category: a category's slug.
        kind: a name of ``catalog.kinds``.
        currency: ISO 4217.
        min_minor, max_minor: some face value of the item lies between them, in smallest units of the item's currency.
        sort: one of ``SORTS``.
        cursor: the ``next_cursor`` of the page before; the other parameters must be those of that page.
        limit: how many items, 1 to ``LIMIT_MAX``.
    """

    q: str = ""
    country: str | None = None
    category: str | None = None
    kind: str | None = None
    currency: str | None = None
    min_minor: int | None = None
    max_minor: int | None = None
    sort: str | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT

    def filters(self) -> dict[str, str]:
        """Return the value of each filter that is set, codes in upper case."""
        given = {
            "country": self.country and self.country.upper(),
            "category": self.category,
            "kind": self.kind,
            "currency": self.currency and self.currency.upper(),
        }
        return {dimension: value for dimension, value in given.items() if value}

    def can_match(self) -> bool:
        """Tell whether every filter has a value that an item could have, and the price bounds hold anything."""
        lowest, highest = self.price_bounds() or (0, 0)
        return lowest <= highest and all(
            _SHAPES[dimension].fullmatch(value) for dimension, value in self.filters().items()
        )

    def price_bounds(self) -> tuple[int, int] | None:
        """Return the lowest and highest face value asked for, or nothing when any will do."""
        if self.min_minor is None and self.max_minor is None:
            return None
        lowest = 0 if self.min_minor is None else max(self.min_minor, 0)
        highest = MINOR_MAX if self.max_minor is None else max(self.max_minor, 0)
        return min(lowest, MINOR_MAX), min(highest, MINOR_MAX)

    def chosen_sort(self) -> str:
        """Return the order asked for, or the default.

        Raises:
            SearchRefused: there is no such order.
        """
        sort = self.sort or ("relevance" if self.q.strip() else "popularity")
        if sort not in SORTS:
            raise SearchRefused("sort", f"{sort[:40]!r} is none of {', '.join(SORTS)}")
        return sort

    def require_usable_limit(self) -> None:
        """Refuse a page of no items or of more than ``LIMIT_MAX``.

        Raises:
            SearchRefused: it is.
        """
        if not 1 <= self.limit <= LIMIT_MAX:
            raise SearchRefused("limit", f"{self.limit} is not a number of items from 1 to {LIMIT_MAX}")


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a filter, and how many items there would be with it; ``title`` is for people, if it has one."""

    value: str
    count: int
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Facets:
    """What each filter could be set to, the most frequent first, all other filters left as they are.

    Attributes:
        total: how many items the search finds.
        is_capped: only the most popular items were counted, so every figure is "at least".
    """

    country: tuple[FacetValue, ...] = ()
    category: tuple[FacetValue, ...] = ()
    kind: tuple[FacetValue, ...] = ()
    currency: tuple[FacetValue, ...] = ()
    total: int = 0
    is_capped: bool = False


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of a search.

    Attributes:
        next_cursor: leads to the next page; ``None`` on the last one.
        corrected_q: what was searched instead, when nothing was found for what was typed.
    """

    items: tuple[Item, ...]
    facets: Facets
    next_cursor: str | None = None
    corrected_q: str | None = None
