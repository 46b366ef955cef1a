import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from catalog import (
    CatalogFileRefused,
    ChangeSetStale,
    FieldChange,
    FixedDenomination,
    ItemState,
    OpenDenomination,
    apply_change_set,
    get_items_by_id,
    make_change_set,
    read_catalog,
)
from catalog import queries as catalog_queries
from catalog.tables import brand, category, item, metadata
from tests.catalog.samples import BOOK, CAFE, FILES, WORLD, like


def rows_of(connection):
    return {
        table.name: connection.execute(select(table).order_by(*table.primary_key.columns)).all()
        for table in (
            metadata.tables[name]
            for name in sorted(metadata.tables)
            if name.startswith(("item", "brand", "cat", "fixed", "open"))
        )
    }


class TestMakeChangeSet:
    def test_adds_what_is_new_and_writes_nothing(self, connection):
        change_set = make_change_set(connection, supplier="acme", drafts=[BOOK, CAFE])
        assert (change_set.additions, change_set.changes, change_set.withdrawals) == ((BOOK, CAFE), (), ())
        assert not change_set.is_empty
        assert connection.scalar(select(func.count()).select_from(item)) == 0

    def test_shows_each_field_before_and_after(self, connection, fill):
        fill(BOOK, CAFE)
        book = replace(
            BOOK,
            title="Bookworld",
            category=None,
            countries=(),
            popularity=5,
            fixed=(FixedDenomination(1000, 920, "EUR"),),
            open=OpenDenomination(500, 10000, 9500),
        )
        (change,) = make_change_set(connection, supplier="acme", drafts=[book, CAFE]).changes
        assert change.fields == (
            FieldChange("title", "Bookworld gift card", "Bookworld"),
            FieldChange("category", "Books & media", ""),
            FieldChange("popularity", "0", "5"),
            FieldChange("countries", "AT, DE", ""),
            FieldChange("fixed", "10.00 EUR for 9.20 EUR, 25.00 EUR for 23.00 USD", "10.00 EUR for 9.20 EUR"),
            FieldChange("open", "", "5.00 to 100.00 EUR at 9500 basis points"),
        )

    def test_withdraws_what_is_no_longer_listed_once(self, connection, fill):
        keys = fill(BOOK, CAFE)
        (withdrawal,) = make_change_set(connection, supplier="acme", drafts=[CAFE]).withdrawals
        assert (withdrawal.item_id, withdrawal.supplier_reference) == (keys["BOOK"], "BOOK")
        fill(CAFE)
        assert make_change_set(connection, supplier="acme", drafts=[CAFE]).is_empty

    def test_leaves_other_suppliers_and_owners_alone(self, connection, fill):
        fill(BOOK)
        fill(BOOK, owner_key="org_1")
        assert make_change_set(connection, supplier="other", drafts=[CAFE]).withdrawals == ()
        assert make_change_set(connection, supplier="acme", drafts=[BOOK], owner_key="org_2").additions == (BOOK,)
        assert make_change_set(connection, supplier="acme", drafts=[BOOK], owner_key="org_1").is_empty

    def test_sees_no_change_in_the_case_of_a_brand_or_category(self, connection, fill):
        fill(BOOK)
        shouted = replace(BOOK, brand="BOOKWORLD", category="books & MEDIA")
        assert make_change_set(connection, supplier="acme", drafts=[shouted]).is_empty

    @pytest.mark.parametrize(
        ("changes", "code"), [({"currency": "USD"}, "currency_changed"), ({"kind": "x"}, "kind_changed")]
    )
    def test_refuses_to_turn_an_item_into_another_thing(self, connection, fill, changes, code):
        fill(BOOK)
        with pytest.raises(CatalogFileRefused) as refused:
            make_change_set(connection, supplier="acme", drafts=[replace(BOOK, row=7, **changes), CAFE])
        assert [(problem.row, problem.code) for problem in refused.value.problems] == [(7, code)]


class TestApplyChangeSet:
    @pytest.mark.parametrize("name", ["tango.json", "reloadly.json"])
    def test_a_second_time_changes_nothing(self, connection, now, name):
        drafts = read_catalog((FILES / name).read_bytes()).drafts
        apply_change_set(connection, make_change_set(connection, supplier="s", drafts=drafts), now=now)
        stored = rows_of(connection)
        again = make_change_set(connection, supplier="s", drafts=drafts)
        assert (again.is_empty, again.unchanged) == (True, len(drafts))
        apply_change_set(connection, again, now=now + timedelta(days=1))
        assert rows_of(connection) == stored

    def test_stores_what_the_file_says(self, connection, fill, now):
        keys = fill(BOOK, CAFE)
        (book,) = get_items_by_id(connection, [keys["BOOK"]])
        assert (book.brand, book.title, book.category.slug, book.category.title) == (
            "Bookworld",
            "Bookworld gift card",
            "books-media",
            "Books & media",
        )
        assert (book.fixed, book.open, book.countries) == (BOOK.fixed, None, ("AT", "DE"))
        assert (book.supplier, book.owner_key, book.popularity) == ("acme", None, 0)
        assert (book.created_at, book.updated_at) == (now, now)
        public_ids = {each.public_id for each in get_items_by_id(connection, list(keys.values()))}
        assert len(public_ids) == 2
        assert len({public_id[:14] for public_id in public_ids}) == 1
        assert all(re.fullmatch(r"itm_[0-9a-hjkmnp-tv-z]{26}", public_id) for public_id in public_ids)

    def test_changes_only_what_differs(self, connection, fill, now):
        fill(like(BOOK, "BOOK", popularity=9), CAFE)
        changed = replace(BOOK, countries=("FR",), fixed=(), open=OpenDenomination(100, 200))
        change_set = make_change_set(connection, supplier="acme", drafts=[changed, CAFE])
        apply_change_set(connection, change_set, now=now + timedelta(days=1))
        book, cafe = get_items_by_id(connection, connection.scalars(select(item.c.id).order_by(item.c.id)).all())
        assert (book.countries, book.fixed, book.open) == (("FR",), (), OpenDenomination(100, 200))
        assert (book.popularity, book.created_at, book.updated_at) == (9, now, now + timedelta(days=1))
        assert cafe.updated_at == now

    def test_takes_popularity_from_the_file_that_names_it(self, connection, fill):
        fill(BOOK)
        keys = fill(replace(BOOK, popularity=3))
        assert get_items_by_id(connection, [keys["BOOK"]])[0].popularity == 3

    def test_withdraws_and_takes_back(self, connection, fill):
        keys = fill(BOOK, CAFE)
        fill(CAFE)
        assert get_items_by_id(connection, [keys["BOOK"]])[0].state is ItemState.WITHDRAWN
        fill(BOOK, CAFE)
        assert get_items_by_id(connection, [keys["BOOK"]])[0].state is ItemState.AVAILABLE

    def test_files_brands_and_categories_once(self, connection, fill):
        fill(
            BOOK,
            like(BOOK, "B2", brand="BOOKWORLD", category="Books, Media"),
            like(BOOK, "B3", brand="!!", category="?"),
        )
        assert connection.scalars(select(brand.c.name).order_by(brand.c.id)).all() == ["Bookworld", "!!"]
        assert connection.scalars(select(category.c.slug).order_by(category.c.id)).all() == ["books-media", "other"]

    def test_refuses_what_was_not_shown(self, connection, fill, now):
        shown = make_change_set(connection, supplier="acme", drafts=[BOOK, CAFE])
        fill(BOOK)
        with pytest.raises(ChangeSetStale):
            apply_change_set(connection, shown, now=now)

    def test_writes_more_items_than_one_statement_takes(self, connection, fill, monkeypatch):
        monkeypatch.setattr(catalog_queries, "READ_BATCH", 2)
        keys = fill(*(like(WORLD, f"W{number}") for number in range(5)))
        items = get_items_by_id(connection, list(keys.values()))
        assert [each.supplier_reference for each in items] == list(keys)
