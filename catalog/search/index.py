"""What a database must be able to do to be searched; one implementation for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, FromClause, insert

from catalog.search.match import Match
from catalog.search.tables import item_search, item_search_price

_NARROW = tuple(item_search.c.keys())


@dataclass(frozen=True, slots=True)
class Document:
    """One available item as the search keeps it; see ``catalog.search.tables`` for the narrow columns."""

    rank: int
    item_id: int
    owner_key: str
    combination_id: int
    price_minor: int
    title_key: str
    price_ranges: tuple[tuple[int, int], ...]
    title_words: tuple[str, ...]
    body_words: tuple[str, ...]
    facet_words: tuple[str, ...]

    def narrow(self) -> dict[str, Any]:
        """Return the values of the narrow columns by name."""
        return {name: getattr(self, name) for name in _NARROW}

    def prices(self) -> list[dict[str, int]]:
        """Return its rows of ``item_search_price``."""
        ranges = sorted(set(self.price_ranges))
        return [{"rank": self.rank, "low_minor": low, "high_minor": high} for low, high in ranges]


@dataclass(frozen=True, slots=True)
class Matching:
    """Where the documents that match are read from: a source with ``item_search`` in it, and the column to order by."""

    source: FromClause
    conditions: tuple[ColumnElement[bool], ...]
    rank: ColumnElement[int]


class SearchIndex(Protocol):
    """The full-text index of one kind of database."""

    def create(self, connection: Connection) -> None:
        """Create the tables of the search."""

    def drop(self, connection: Connection) -> None:
        """Drop them."""

    def lock(self, connection: Connection) -> None:
        """Wait until no other transaction changes the catalog, and keep others waiting until this one ends."""

    def add(self, connection: Connection, documents: Sequence[Document]) -> None:
        """Add documents of items that have none."""

    def remove(self, connection: Connection, item_ids: Sequence[int]) -> None:
        """Remove the documents of these items, as far as they have any."""

    def settle(self, connection: Connection) -> None:
        """Let the database take note of how much changed."""

    def prepare_read(self, connection: Connection) -> None:
        """Make the transaction ready for searching."""

    def matching(self, match: Match) -> Matching:
        """Return where the documents that satisfy ``match`` are; all of them when it asks for nothing."""


def add_prices(connection: Connection, documents: Sequence[Document]) -> None:
    """Add the rows of ``item_search_price`` for documents that have none; the same on every database."""
    rows = [row for document in documents for row in document.prices()]
    if rows:
        connection.execute(insert(item_search_price), rows)
