"""Reading one page of a search in its order, from the place where the page before ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnClause, ColumnElement, Connection, Select, and_, literal, or_, select

from catalog.search.backends import index_of
from catalog.search.conditions import match_of, offered_between, visible
from catalog.search.cursors import Position
from catalog.search.match import Match, Place
from catalog.search.query import SearchQuery
from catalog.search.tables import item_search
from catalog.search.words import Term
from catalog.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a search.

    Attributes:
        key: the column that orders before the rank does; none: the rank alone.
        is_descending: the highest key first; equal keys are always ordered by rank.
        key_type: what the key is in Python.
        places: the passes in which a text is looked for, each with its own items.
    """

    key: ColumnClause[Any] | None = None
    is_descending: bool = False
    key_type: type = int
    places: tuple[Place, ...] = (Place.ANYWHERE,)


ORDERS = {
    "popularity": Order(),
    "relevance": Order(places=(Place.TITLE, Place.BEYOND_TITLE)),
    "price": Order(item_search.c.price_minor),
    "price_desc": Order(item_search.c.price_minor, is_descending=True),
    "title": Order(item_search.c.title_key, key_type=str),
    "newest": Order(item_search.c.item_id, is_descending=True),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One item of a page, and where it stands."""

    item_id: int
    position: Position


@dataclass(frozen=True, slots=True)
class Search:
    """A query made ready: its text in words, its filters, its order, and who asks."""

    query: SearchQuery
    terms: tuple[Term, ...]
    order: Order
    visibility: Visibility

    @property
    def is_plain(self) -> bool:
        """Whether filters and ownership alone narrow it."""
        return not self.terms and self.query.price_bounds() is None and not self.visibility.has_lists

    def can_match(self) -> bool:
        """Tell whether any item could satisfy it: a text without letters and digits is found in none."""
        return self.query.can_match() and (bool(self.terms) or not self.query.q.strip())

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what narrows the search beside the full-text match."""
        bounds = self.query.price_bounds()
        return [*visible(self.visibility), *([offered_between(*bounds)] if bounds else [])]

    def match(self, place: Place = Place.ANYWHERE, *, without: str = "") -> Match:
        """Return the full-text match, perhaps without the filter of one dimension."""
        filters = {dimension: value for dimension, value in self.query.filters().items() if dimension != without}
        return match_of(self.terms, filters, place)


def read_page(connection: Connection, search: Search, after: Position | None) -> list[Found]:
    """Return the items after a position, one more than the page holds if there are more.

    Each place of the order is read to its end before the next one begins.
    """
    places = search.order.places if search.terms else (Place.ANYWHERE,)
    wanted = search.query.limit + 1
    found: list[Found] = []
    for stage in range(after.stage if after else 0, len(places)):
        if len(found) < wanted:
            statement = _statement(connection, search, search.match(places[stage]), after)
            rows = connection.execute(statement.limit(wanted - len(found))).all()
            found += [Found(row.item_id, Position(stage, row.key, row.rank)) for row in rows]
        after = None
    return found


def _statement(connection: Connection, search: Search, match: Match, after: Position | None) -> Select[int, int, Any]:
    """Return the statement that reads matching items in order, from ``after`` on."""
    matching = index_of(connection).matching(match)
    order = search.order
    key: ColumnElement[Any] = literal(0, BigInteger) if order.key is None else order.key
    conditions = [*matching.conditions, *search.conditions()]
    if after:
        conditions.append(_is_after(order, matching.rank, after))
    return (
        select(item_search.c.item_id, matching.rank.label("rank"), key.label("key"))
        .select_from(matching.source)
        .where(*conditions)
        .order_by(*_ordering(order, matching.rank))
    )


def _ordering(order: Order, rank: ColumnElement[int]) -> Sequence[ColumnElement[Any]]:
    """Return the columns to order by, the last one unique."""
    if order.key is None:
        return [rank]
    return [order.key.desc() if order.is_descending else order.key, rank]


def _is_after(order: Order, rank: ColumnElement[int], after: Position) -> ColumnElement[bool]:
    """Return the condition that a row comes after a position; its first half lets an index begin there."""
    if order.key is None:
        return rank > after.rank
    if order.is_descending:
        return and_(order.key <= after.key, or_(order.key < after.key, rank > after.rank))
    return and_(order.key >= after.key, or_(order.key > after.key, rank > after.rank))
