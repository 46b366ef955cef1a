import pytest

from catalog import (
    Facets,
    FacetValue,
    SearchQuery,
    Visibility,
    list_categories,
    list_countries,
    search_items,
)
from catalog.search import facets as catalog_facets
from catalog.visibility import EVERYBODYS
from tests.catalog.samples import BOOK, CAFE, WORLD, like

BOOKS = FacetValue("books-media", 2, "Books & media")


@pytest.fixture
def shelf(fill):
    return fill(BOOK, like(BOOK, "FRANCE", countries=("FR", "DE")), CAFE, WORLD)


def facets_of(connection, visibility=EVERYBODYS, **parameters):
    return search_items(connection, SearchQuery(**parameters), visibility=visibility).facets


def counts(values):
    return {each.value: each.count for each in values}


class TestFacets:
    @pytest.mark.parametrize("q", ["", "card"])
    def test_count_what_each_filter_would_find(self, shelf, connection, q):
        facets = facets_of(connection, q=q)
        assert counts(facets.country) == {"DE": 3, "AT": 2, "FR": 2, "US": 2}
        assert facets.category == (BOOKS, FacetValue("food", 1, "Food"))
        assert (counts(facets.kind), counts(facets.currency)) == ({"gift_card": 4}, {"EUR": 2, "JPY": 1, "USD": 1})
        assert (facets.total, facets.is_capped) == (4, False)

    @pytest.mark.parametrize("q", ["", "card"])
    @pytest.mark.parametrize(
        "filters", [{}, {"country": "DE"}, {"category": "food"}, {"currency": "EUR", "country": "FR"}]
    )
    def test_promise_as_many_as_are_then_found(self, shelf, connection, q, filters):
        facets = facets_of(connection, q=q, **filters)
        for dimension in ("country", "category", "kind", "currency"):
            for each in getattr(facets, dimension):
                found = search_items(connection, SearchQuery(q=q, **(filters | {dimension: each.value})))
                assert (len(found.items), found.facets.total) == (each.count, each.count)

    def test_come_in_order_of_frequency(self, shelf, connection):
        assert [each.value for each in facets_of(connection).country] == ["DE", "AT", "FR", "US"]

    def test_leave_their_own_filter_out(self, shelf, connection):
        facets = facets_of(connection, currency="USD")
        assert (counts(facets.currency), counts(facets.category)) == ({"EUR": 2, "JPY": 1, "USD": 1}, {"food": 1})

    def test_count_within_price_and_lists(self, shelf, connection):
        assert facets_of(connection, min_minor=5001).total == 1
        assert facets_of(connection, Visibility(hidden=[shelf["CAFE"]])).total == 3

    def test_count_for_the_reader(self, shelf, fill, connection):
        fill(like(BOOK, "MINE", category="Secret"), owner_key="org_1")
        mine = Visibility(frozenset({"org_1"}))
        assert "secret" in counts(facets_of(connection, mine).category)
        assert "secret" not in counts(facets_of(connection).category)
        assert [each.value for each in list_categories(connection)] == ["books-media", "food"]

    def test_of_common_words_are_capped(self, shelf, connection, monkeypatch):
        monkeypatch.setattr(catalog_facets, "COUNTED_MAX", 2)
        facets = facets_of(connection, q="card")
        assert (facets.total, facets.is_capped) == (2, True)
        assert facets_of(connection).total == 4

    def test_of_nothing_are_nothing(self, connection):
        assert facets_of(connection, q="%") == facets_of(connection, q="card") == facets_of(connection) == Facets()

    def test_are_left_out_on_demand(self, shelf, connection):
        assert search_items(connection, SearchQuery(), with_facets=False).facets == Facets()


class TestLists:
    def test_name_categories_and_countries_in_use(self, shelf, connection):
        assert list_categories(connection) == (BOOKS, FacetValue("food", 1, "Food"))
        assert counts(list_countries(connection)) == {"DE": 3, "AT": 2, "FR": 2, "US": 2}

    def test_respect_what_is_hidden(self, shelf, connection):
        assert counts(list_categories(connection, visibility=Visibility(only=[shelf["CAFE"]]))) == {"food": 1}
