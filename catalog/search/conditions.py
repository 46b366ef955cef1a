"""What narrows a search, as conditions on ``item_search``."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, exists

from catalog.search.match import EVERYWHERE, Match, Place, facet_word
from catalog.search.tables import item_search, item_search_price
from catalog.search.words import Term
from catalog.visibility import Visibility


def match_of(terms: tuple[Term, ...], filters: Mapping[str, str], place: Place = Place.ANYWHERE) -> Match:
    """Return what the full-text index is asked: the words of the text, and one for each filter.

    Whoever looks for what a country can redeem also means what every country can.
    """
    facets = []
    for dimension, value in filters.items():
        accepted = (value, EVERYWHERE) if dimension == "country" else (value,)
        facets.append(tuple(facet_word(dimension, each) for each in accepted))
    return Match(terms, place, tuple(facets))


def visible(visibility: Visibility) -> list[ColumnElement[bool]]:
    """Return the conditions that keep out what the reader may not know of."""
    owners = ["", *sorted(visibility.owner_keys)]
    return [item_search.c.owner_key.in_(owners), *visibility.list_conditions(item_search.c.item_id)]


def offered_between(lowest_minor: int, highest_minor: int) -> ColumnElement[bool]:
    """Return the condition that an item has a face value between two bounds, both inclusive."""
    prices = item_search_price.c
    between = exists().where(
        prices.rank == item_search.c.rank, prices.low_minor <= highest_minor, prices.high_minor >= lowest_minor
    )
    return and_(item_search.c.price_minor <= highest_minor, between)
