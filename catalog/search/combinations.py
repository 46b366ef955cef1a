"""Combinations of facets: the few sets of values that all items share, each known by a number.

Counting thousands of matches by one number, and then the few numbers by what they stand for, takes half the time of
counting them by four texts.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from catalog.items import Item
from catalog.search.tables import item_search_combination


class Combination(NamedTuple):
    """The values that filters ask for; ``countries`` is ``AT DE``, and both texts are empty where an item has none."""

    countries: str
    category_slug: str
    kind: str
    currency: str


def combination_of(item: Item) -> Combination:
    """Return the combination of an item."""
    return Combination(" ".join(item.countries), item.category.slug if item.category else "", item.kind, item.currency)


def number_combinations(connection: Connection, combinations: Iterable[Combination]) -> dict[Combination, int]:
    """Return the numbers of all combinations, with one given to each that had none."""
    columns = item_search_combination.c
    known = select(columns.countries, columns.category_slug, columns.kind, columns.currency, columns.id)
    numbers = {Combination(*values): number for *values, number in connection.execute(known)}
    new = sorted(set(combinations) - numbers.keys())
    first = max(numbers.values(), default=0) + 1
    if new:
        rows = [{"id": number} | combination._asdict() for number, combination in enumerate(new, first)]
        connection.execute(insert(item_search_combination), rows)
    return numbers | {combination: number for number, combination in enumerate(new, first)}
