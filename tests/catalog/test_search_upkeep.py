from dataclasses import replace

import pytest
from sqlalchemy import inspect, select, text, update
from sqlalchemy.exc import OperationalError

from catalog import (
    SearchQuery,
    create_search,
    drop_search,
    get_items_by_id,
    is_search_table,
    rebuild_search,
    refresh_search,
    search_items,
)
from catalog.search import documents as catalog_documents
from catalog.search.tables import (
    item_search,
    item_search_combination,
    item_search_count,
    item_search_price,
    item_search_trigram,
)
from catalog.tables import POPULARITY_MAX, item, metadata
from tests.catalog.samples import BOOK, CAFE, WORLD, like


def derived(connection):
    """Return what the search keeps, in an order of its own."""
    own = [column for column in item_search.c if column.name != "combination_id"]
    meant = [column for column in item_search_combination.c if column.name != "id"]
    joined = item_search_combination.c.id == item_search.c.combination_id
    statements = [select(*own, *meant).join(item_search_combination, joined), select(item_search_count)]
    statements.append(select(item_search_price))
    kept = [sorted(map(tuple, connection.execute(statement))) for statement in statements]
    words = set(connection.scalars(select(item_search_trigram.c.word)))
    found = {q: search_items(connection, SearchQuery(q=q)) for q in ("card", "bookworld", "books")}
    return kept, words, found


class TestRefresh:
    def test_gives_what_a_rebuild_would(self, connection, fill):
        fill(BOOK, CAFE, WORLD)
        fill(replace(BOOK, countries=("FR",), popularity=POPULARITY_MAX), CAFE, like(WORLD, "W2"))
        refreshed = derived(connection)
        rebuild_search(connection)
        assert derived(connection) == refreshed

    def test_forgets_the_old_words(self, connection, fill):
        fill(BOOK)
        fill(replace(BOOK, brand="Pageworld", title="Pageworld card", category=None, description=""))
        assert search_items(connection, SearchQuery(q="bookworld gift")).items == ()
        assert len(search_items(connection, SearchQuery(q="pageworld")).items) == 1

    def test_shows_what_was_changed_by_other_hands(self, connection, fill):
        keys = fill(BOOK, CAFE)
        connection.execute(update(item).where(item.c.id == keys["CAFE"]).values(popularity=7))
        refresh_search(connection, keys.values())
        found = search_items(connection, SearchQuery()).items
        assert [each.supplier_reference for each in found] == ["CAFE", "BOOK"]

    def test_of_nothing_changes_nothing(self, connection, fill):
        fill(BOOK)
        before = derived(connection)
        refresh_search(connection, [])
        assert derived(connection) == before

    def test_tells_the_database_of_many(self, connection, fill, monkeypatch):
        monkeypatch.setattr(catalog_documents, "SETTLE_ITEMS_MIN", 2)
        fill(BOOK, CAFE)
        assert len(search_items(connection, SearchQuery(q="card")).items) == 2

    def test_takes_items_that_only_a_hand_could_make(self, connection, fill):
        keys = fill(BOOK)
        connection.execute(text("DELETE FROM fixed_denomination"))
        refresh_search(connection, keys.values())
        assert search_items(connection, SearchQuery(sort="price")).items == tuple(
            get_items_by_id(connection, list(keys.values()))
        )

    @pytest.mark.parametrize("words", [499, 500, 501, 20_000])
    def test_takes_texts_of_any_length(self, connection, fill, words):
        fill(like(BOOK, "LONG", description=" ".join(f"w{number} 京" for number in range(words))))
        assert len(search_items(connection, SearchQuery(q="w200 京")).items) == 1


class TestLock:
    def test_keeps_other_writers_waiting_until_the_end(self, engine, connection, fill):
        keys = fill(BOOK)
        do_not_wait = {"sqlite": "PRAGMA busy_timeout = 50", "postgresql": "SET LOCAL lock_timeout = '50ms'"}
        with engine.connect() as other:
            other.execute(text(do_not_wait[engine.dialect.name]))
            with pytest.raises(OperationalError):
                refresh_search(other, keys.values())
            other.rollback()
            connection.rollback()
            refresh_search(other, keys.values())
            other.rollback()


class TestCreateAndDrop:
    def test_undo_each_other(self, connection):
        before = set(inspect(connection).get_table_names())
        drop_search(connection)
        inspector = inspect(connection)
        assert not any(is_search_table(name) for name in inspector.get_table_names())
        create_search(connection)
        assert set(inspect(connection).get_table_names()) == before

    def test_make_tables_that_are_told_from_declared_ones(self, connection):
        derived_tables = {name for name in inspect(connection).get_table_names() if is_search_table(name)}
        assert {"item_search", "item_search_count", "item_search_trigram"} <= derived_tables
        assert not any(is_search_table(name) for name in metadata.tables)
        assert is_search_table("ix_item_search_document")
        assert not is_search_table(None)
