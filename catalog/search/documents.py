"""Keeping the search tables true to the items: written in the transaction that changes an item, never later."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from catalog.items import Item
from catalog.queries import READ_BATCH, get_items_by_id
from catalog.search.backends import index_of
from catalog.search.combinations import combination_of, number_combinations
from catalog.search.counts import count_again
from catalog.search.index import Document
from catalog.search.match import EVERYWHERE, facet_word
from catalog.search.spelling import learn_words
from catalog.search.tables import PREFIX
from catalog.search.words import fold, split_words
from catalog.tables import POPULARITY_MAX, ItemState, item

BODY_WORDS_MAX = 500
ITEM_ID_BITS = 39
SETTLE_ITEMS_MIN = 1000
"""From how many changed items on the database is told to take note."""


def create_search(connection: Connection) -> None:
    """Create the derived tables of the search, empty; a migration calls it."""
    index_of(connection).create(connection)


def drop_search(connection: Connection) -> None:
    """Drop the derived tables of the search; a migration calls it on the way down."""
    index_of(connection).drop(connection)


def is_search_table(name: str | None) -> bool:
    """Tell whether a table or index is derived by the search, so that a comparison of schemas passes over it."""
    return name is not None and name.removeprefix("ix_").startswith(PREFIX)


def lock_catalog(connection: Connection) -> None:
    """Wait until no other transaction changes the catalog, and keep others waiting until this one ends."""
    index_of(connection).lock(connection)


def refresh_search(connection: Connection, item_ids: Collection[int]) -> None:
    """Make the search show these items as they are now, or no more; call it wherever an item is changed."""
    lock_catalog(connection)
    keys = sorted(item_ids)
    for start in range(0, len(keys), READ_BATCH):
        batch = keys[start : start + READ_BATCH]
        index_of(connection).remove(connection, batch)
        _add(connection, get_items_by_id(connection, batch))
    count_again(connection)
    if len(keys) >= SETTLE_ITEMS_MIN:
        index_of(connection).settle(connection)


def rebuild_search(connection: Connection) -> None:
    """Make the derived tables anew from the items, in order of popularity."""
    drop_search(connection)
    create_search(connection)
    keys = connection.scalars(
        select(item.c.id).where(item.c.state == ItemState.AVAILABLE).order_by(item.c.popularity.desc(), item.c.id)
    ).all()
    for start in range(0, len(keys), READ_BATCH):
        _add(connection, get_items_by_id(connection, keys[start : start + READ_BATCH]))
    count_again(connection)
    index_of(connection).settle(connection)


def _add(connection: Connection, items: Iterable[Item]) -> None:
    """Add the documents of the items that are available."""
    available = [each for each in items if each.state is ItemState.AVAILABLE]
    numbers = number_combinations(connection, map(combination_of, available))
    documents = [_document(each, numbers[combination_of(each)]) for each in available]
    if documents:
        index_of(connection).add(connection, documents)
        learn_words(connection, {word for document in documents for word in document.title_words})


def _document(item: Item, combination_id: int) -> Document:
    """Return what the search keeps of an item."""
    ranges = tuple(_price_ranges(item))
    body = split_words(f"{item.category.title if item.category else ''} {item.description}")
    return Document(
        rank=(POPULARITY_MAX - item.popularity) << ITEM_ID_BITS | item.id,
        item_id=item.id,
        owner_key=item.owner_key or "",
        combination_id=combination_id,
        price_minor=min((low for low, _ in ranges), default=0),
        title_key=fold(item.title),
        price_ranges=ranges,
        title_words=tuple(split_words(f"{item.brand} {item.title}")),
        body_words=tuple(body[:BODY_WORDS_MAX]),
        facet_words=tuple(_facet_words(item)),
    )


def _price_ranges(item: Item) -> Iterable[tuple[int, int]]:
    """Yield the lowest and highest face value of each of its denominations."""
    yield from ((fixed.face_value_minor, fixed.face_value_minor) for fixed in item.fixed)
    if item.open:
        yield item.open.min_minor, item.open.max_minor


def _facet_words(item: Item) -> Iterable[str]:
    """Yield the words by which filters find an item."""
    yield facet_word("kind", item.kind)
    yield facet_word("currency", item.currency)
    if item.category:
        yield facet_word("category", item.category.slug)
    for country in item.countries or (EVERYWHERE,):
        yield facet_word("country", country)
