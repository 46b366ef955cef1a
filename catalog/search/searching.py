"""Searching: from the parameters of a request to a page of items with its facets and the way to the next page."""

from dataclasses import replace

from sqlalchemy import Connection

from catalog.queries import get_items_by_id
from catalog.search.backends import index_of
from catalog.search.cursors import Position, decode_cursor, encode_cursor
from catalog.search.facets import count_facets
from catalog.search.pages import ORDERS, Found, Order, Search, read_page
from catalog.search.query import Facets, FacetValue, SearchQuery, SearchResult
from catalog.search.spelling import correct_terms
from catalog.search.words import split_terms
from catalog.visibility import EVERYBODYS, Visibility

NOTHING = SearchResult(items=(), facets=Facets())


def search_items(
    connection: Connection, query: SearchQuery, *, visibility: Visibility = EVERYBODYS, with_facets: bool = True
) -> SearchResult:
    """Return one page of the available items that satisfy ``query`` and that the reader may know of.

    A text without a letter or digit, or a filter value that no item could have, finds nothing. When a text finds
    nothing at all, its mistyped words are corrected and the search is made once more.

    Raises:
        SearchRefused: the order, the limit or the cursor cannot be used.
    """
    query.require_usable_limit()
    order = ORDERS[query.chosen_sort()]
    after = _begin(query, order)
    corrected_q = after.corrected_q if after else None
    search = Search(query, split_terms(corrected_q or query.q), order, visibility)
    if not search.can_match():
        return NOTHING
    index_of(connection).prepare_read(connection)
    found = read_page(connection, search, after)
    if not found and after is None:
        search, found, corrected_q = _search_corrected(connection, search)
    return _result(connection, search, found, corrected_q, with_facets=with_facets)


def list_categories(connection: Connection, *, visibility: Visibility = EVERYBODYS) -> tuple[FacetValue, ...]:
    """Return the categories that have an available item the reader may know of, with how many."""
    return _browse_facets(connection, visibility).category


def list_countries(connection: Connection, *, visibility: Visibility = EVERYBODYS) -> tuple[FacetValue, ...]:
    """Return the countries that an available item names and the reader may know of, with how many are of use there."""
    return _browse_facets(connection, visibility).country


def _begin(query: SearchQuery, order: Order) -> Position | None:
    """Return where the page before ended, ``None`` for the first page.

    Raises:
        SearchRefused: the cursor is none of this order.
    """
    return decode_cursor(query.chosen_sort(), query.cursor, key_type=order.key_type) if query.cursor else None


def _browse_facets(connection: Connection, visibility: Visibility) -> Facets:
    """Return the counts over everything the reader may know of."""
    return count_facets(connection, Search(SearchQuery(), (), ORDERS["popularity"], visibility))


def _search_corrected(connection: Connection, search: Search) -> tuple[Search, list[Found], str | None]:
    """Return a search that found nothing with its words corrected, what it finds, and the text, if that helps."""
    corrected_q = correct_terms(connection, search.terms)
    if corrected_q is None:
        return search, [], None
    corrected = replace(search, terms=split_terms(corrected_q))
    found = read_page(connection, corrected, None)
    return (corrected, found, corrected_q) if found else (search, [], None)


def _result(
    connection: Connection, search: Search, found: list[Found], corrected_q: str | None, *, with_facets: bool
) -> SearchResult:
    """Return the page that ``found``, which may hold one item too many, makes."""
    shown = found[: search.query.limit]
    next_cursor = None
    if len(found) > len(shown):
        last: Position = replace(shown[-1].position, corrected_q=corrected_q)
        next_cursor = encode_cursor(search.query.chosen_sort(), last)
    return SearchResult(
        items=tuple(get_items_by_id(connection, [each.item_id for each in shown])),
        facets=count_facets(connection, search) if with_facets else Facets(),
        next_cursor=next_cursor,
        corrected_q=corrected_q,
    )
