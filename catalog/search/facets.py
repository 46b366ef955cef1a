"""Counting what each filter could be set to.

Without a text, price or lists the counts are read from ``item_search_count`` and exact. Otherwise the most popular
``COUNTED_MAX`` matches are counted. Each dimension is counted as if its own filter were not set, so that a reader sees
what changing it would bring.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select, union_all

from catalog.search.backends import index_of
from catalog.search.match import EVERYWHERE
from catalog.search.pages import Search
from catalog.search.query import Facets, FacetValue
from catalog.search.tables import item_search, item_search_combination, item_search_count
from catalog.tables import category

COUNTED_MAX = 5000
_COLUMNS = {"category": "category_slug", "kind": "kind", "currency": "currency"}
_DIMENSIONS = ("country", *_COLUMNS)
_TOTAL = "total"


@dataclass(slots=True)
class _Counted:
    """How many items there are with each value of each dimension, and with all filters."""

    by_dimension: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    total: int = 0
    is_capped: bool = False


def count_facets(connection: Connection, search: Search) -> Facets:
    """Return the counts of every dimension under a search."""
    counted = _read_counts(connection, search) if search.is_plain else _count_matches(connection, search)
    found = counted.by_dimension
    everywhere = found["country"].pop(EVERYWHERE, 0)
    countries = {country: count + everywhere for country, count in found["country"].items()}
    found["category"].pop("", None)
    return Facets(
        country=_in_order(countries),
        category=_in_order(found["category"], _titles(connection, found["category"])),
        kind=_in_order(found["kind"]),
        currency=_in_order(found["currency"]),
        total=counted.total,
        is_capped=counted.is_capped,
    )


def _read_counts(connection: Connection, search: Search) -> _Counted:
    """Return the exact counts from the table of counts, by one statement."""
    counted = _Counted()
    parts = [_part_of_counts(search, dimension) for dimension in (*_DIMENSIONS, _TOTAL)]
    for dimension, value, count in connection.execute(union_all(*parts)):
        counted.by_dimension[dimension][value] += int(count)
    counted.total = counted.by_dimension.pop(_TOTAL, Counter()).total()
    return counted


def _part_of_counts(search: Search, dimension: str) -> Select[str, str, int]:
    """Return the statement that reads the counts of one dimension, or of everything."""
    columns = item_search_count.c
    value = literal(_TOTAL) if dimension == _TOTAL else columns[_COLUMNS.get(dimension, dimension)]
    counts = select(literal(dimension), value, func.sum(columns["items"]))
    return counts.where(*_conditions_on_counts(search, dimension)).group_by(value)


def _conditions_on_counts(search: Search, dimension: str) -> Iterator[ColumnElement[bool]]:
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
        yield columns[_COLUMNS[name]] == value


def _count_matches(connection: Connection, search: Search) -> _Counted:
    """Return the counts over the most popular matches, by one statement.

    The database only tells how many matches there are of each combination of values, once under all filters and once
    without each; taking the combinations apart here is much cheaper than grouping the matches by each dimension there.
    """
    told = _dimensions_told(search)
    counted = _Counted()
    totals: Counter[str] = Counter()
    for without, count, *values in connection.execute(_combinations(connection, search, without=list(told))):
        totals[without] += count
        written = dict(zip(_DIMENSIONS, values, strict=True))
        for dimension in told[without]:
            counted.by_dimension[dimension][written[dimension]] += count
    counted.by_dimension["country"] = _by_country(counted.by_dimension["country"])
    counted.is_capped = max(totals.values(), default=0) > COUNTED_MAX
    counted.total = min(totals[""], COUNTED_MAX)
    return counted


def _dimensions_told(search: Search) -> dict[str, list[str]]:
    """Return what each part of the matches is counted by: without one filter by its own values, else by all others."""
    filters = search.query.filters()
    return {"": [each for each in _DIMENSIONS if each not in filters]} | {each: [each] for each in filters}


def _by_country(by_countries: Counter[str]) -> Counter[str]:
    """Return the counts of single countries, given those of ``AT DE``; an empty text stands for everywhere."""
    counts: Counter[str] = Counter()
    for countries, count in by_countries.items():
        for country in countries.split() or [EVERYWHERE]:
            counts[country] += count
    return counts


def _combinations(connection: Connection, search: Search, *, without: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """Return the statement that tells how many matches there are of each combination, without each of some filters."""
    conditions = search.conditions()
    parts = [_part_of_matches(connection, search, conditions, without=dimension) for dimension in without]
    counted = union_all(*parts).subquery()
    values = [item_search_combination.c[name] for name in ("countries", *_COLUMNS.values())]
    return select(counted.c.without, counted.c.matches, *values).join_from(
        counted, item_search_combination, item_search_combination.c.id == counted.c.combination_id
    )


def _part_of_matches(
    connection: Connection, search: Search, conditions: Sequence[ColumnElement[bool]], *, without: str
) -> Select[str, int, int]:
    """Return the statement that counts the most popular matches, one more than are told, by combination."""
    matching = index_of(connection).matching(search.match(without=without))
    found = select(item_search.c.combination_id).select_from(matching.source).where(*matching.conditions, *conditions)
    number = found.order_by(matching.rank).limit(COUNTED_MAX + 1).subquery().c.combination_id
    return select(literal(without).label("without"), number, func.count().label("matches")).group_by(number)


def _titles(connection: Connection, slugs: Counter[str]) -> dict[str, str]:
    """Return the titles of categories by slug."""
    if not slugs:
        return {}
    return dict(connection.execute(select(category.c.slug, category.c.title).where(category.c.slug.in_(slugs))).all())


def _in_order(counts: dict[str, int], titles: dict[str, str] | None = None) -> tuple[FacetValue, ...]:
    """Return facet values, the most frequent first."""
    named = titles or {}
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return tuple(FacetValue(value, count, named.get(value)) for value, count in ordered)
