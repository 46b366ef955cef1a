"""Counts of all items by their facets, so that browsing needs no counting."""

from sqlalchemy import ColumnElement, Connection, FromClause, Select, delete, func, insert, literal, select, union_all

from catalog.search.match import EVERYWHERE
from catalog.search.tables import item_search, item_search_combination, item_search_count
from catalog.tables import item_country


def count_again(connection: Connection) -> None:
    """Count all items by their facets anew: the counts are few, and can then not drift from the items."""
    connection.execute(delete(item_search_count))
    combined = item_search.join(item_search_combination, item_search_combination.c.id == item_search.c.combination_id)
    by_country = combined.outerjoin(item_country, item_country.c.item_id == item_search.c.item_id)
    country = func.coalesce(item_country.c.country, EVERYWHERE)
    counted = union_all(_counts(combined, literal("")), _counts(by_country, country).group_by(country))
    connection.execute(insert(item_search_count).from_select(list(item_search_count.c.keys()), counted))


def _counts(source: FromClause, country: ColumnElement[str]) -> Select[str, str, str, str, str, int]:
    """Return how many rows of ``source`` there are of each combination of facets, in the columns of the counts."""
    combination = item_search_combination.c
    facets = (combination.category_slug, combination.kind, combination.currency)
    counted = select(item_search.c.owner_key, country, *facets, func.count()).select_from(source)
    return counted.group_by(item_search.c.owner_key, *facets)
