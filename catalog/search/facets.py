"""Counting what each filter could be set to.

Without a text, price or lists the counts are read from ``item_search_count`` and exact. Otherwise the most popular
``COUNTED_MAX`` matches are counted. Each dimension is counted as if its own filter were not set, so that a reader sees
what changing it would bring.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, FromClause, Select, func, literal, select, union_all

from catalog.search.backends import index_of
from catalog.search.match import EVERYWHERE
from catalog.search.pages import Search
from catalog.search.query import Facets, FacetValue
from catalog.search.tables import item_search, item_search_count
from catalog.tables import category, item_country

COUNTED_MAX = 5000
DIMENSIONS = ("country", "category", "kind", "currency")
TOTAL = "total"

_Counted = Select[str, str, str, int]
"""Yields (dimension, value, title or nothing, count)."""


def count_facets(connection: Connection, search: Search) -> Facets:
    """Return the counts of every dimension under a search, by one statement."""
    is_plain = search.is_plain
    parts = _from_counts(search) if is_plain else _from_matches(connection, search)
    counted: dict[str, dict[str, FacetValue]] = defaultdict(dict)
    for dimension, value, title, count in connection.execute(union_all(*parts)):
        counted[dimension][value] = FacetValue(value, int(count), title or None)
    total = counted[TOTAL][TOTAL].count
    most = max(each.count for each in counted[TOTAL].values())
    is_capped = not is_plain and most > COUNTED_MAX
    return Facets(
        country=_in_order(_with_everywhere(counted["country"])),
        category=_in_order(counted["category"].values()),
        kind=_in_order(counted["kind"].values()),
        currency=_in_order(counted["currency"].values()),
        total=min(total, COUNTED_MAX) if is_capped else total,
        is_capped=is_capped,
    )


def _from_counts(search: Search) -> Iterator[_Counted]:
    """Yield the counts of each dimension from the table of counts, exact."""
    columns = item_search_count.c
    items = func.coalesce(func.sum(columns["items"]), 0)
    for dimension in (*DIMENSIONS, TOTAL):
        conditions = list(_count_conditions(search, dimension))
        if dimension == TOTAL:
            yield select(literal(TOTAL), literal(TOTAL), literal(""), items).where(*conditions)
        else:
            yield _grouped(dimension, item_search_count, columns, items).where(*conditions)


def _count_conditions(search: Search, dimension: str) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions on the rows of counts for one dimension: all filters but its own."""
    columns = item_search_count.c
    yield columns.owner_key.in_(["", *sorted(search.visibility.owner_keys)])
    filters = search.query.filters()
    filters.pop(dimension, None)
    country = filters.pop("country", None)
    if country is not None:
        yield columns.country.in_([country, EVERYWHERE])
    else:
        yield columns.country != "" if dimension == "country" else columns.country == ""
    for name, value in filters.items():
        yield (columns.category_slug if name == "category" else columns[name]) == value


def _from_matches(connection: Connection, search: Search) -> Iterator[_Counted]:
    """Yield the counts of each dimension over the most popular matches under all filters but its own."""
    filters = search.query.filters()
    matches = {"": _matches(connection, search, without="")}
    matches |= {dimension: _matches(connection, search, without=dimension) for dimension in filters}
    for dimension in DIMENSIONS:
        counted = matches[dimension if dimension in filters else ""]
        if dimension == "country":
            source = counted.outerjoin(item_country, item_country.c.item_id == counted.c.item_id)
            value: ColumnElement[str] = func.coalesce(item_country.c.country, EVERYWHERE)
            yield select(literal(dimension), value, literal(""), func.count()).select_from(source).group_by(value)
        else:
            yield _grouped(dimension, counted, counted.c, func.count())
    for name, counted in matches.items():
        yield select(literal(TOTAL), literal(name or TOTAL), literal(""), func.count()).select_from(counted)


def _matches(connection: Connection, search: Search, *, without: str) -> CTE:
    """Return the most popular matches, one more than are counted, without the filter of one dimension."""
    matching = index_of(connection).matching(search.match(without=without))
    columns = (item_search.c.item_id, item_search.c.category_slug, item_search.c.kind, item_search.c.currency)
    found = select(*columns).select_from(matching.source).where(*matching.conditions, *search.conditions())
    return found.order_by(matching.rank).limit(COUNTED_MAX + 1).cte(f"matches_{without}")


def _grouped(dimension: str, source: FromClause, columns: Any, count: ColumnElement[int]) -> _Counted:  # noqa: ANN401 — a collection of columns of either source
    """Return the counts of one dimension that has a column in ``source``; categories with their titles."""
    if dimension != "category":
        value = columns[dimension]
        return select(literal(dimension), value, literal(""), count).select_from(source).group_by(value)
    titled = source.join(category, category.c.slug == columns.category_slug)
    value = category.c.slug
    return (
        select(literal(dimension), value, category.c.title, count).select_from(titled).group_by(value, category.c.title)
    )


def _with_everywhere(countries: dict[str, FacetValue]) -> Iterable[FacetValue]:
    """Return the counts by country, each with the items that are redeemable everywhere."""
    everywhere = countries.pop(EVERYWHERE, FacetValue(EVERYWHERE, 0)).count
    return [FacetValue(each.value, each.count + everywhere) for each in countries.values()]


def _in_order(values: Iterable[FacetValue]) -> tuple[FacetValue, ...]:
    """Return facet values, the most frequent first."""
    return tuple(sorted(values, key=lambda each: (-each.count, each.value)))
