import pytest
from sqlalchemy import select

from catalog import ItemState, SearchQuery, SearchRefused, Visibility, search_items
from catalog.tables import item
from catalog.visibility import EVERYBODYS
from tests.catalog.samples import BOOK, CAFE, WORLD, like


@pytest.fixture
def find(connection):
    """Search, and return the references of what was found, in order."""

    def search(visibility=EVERYBODYS, **parameters):
        found = search_items(connection, SearchQuery(**parameters), visibility=visibility)
        return [each.supplier_reference for each in found.items]

    return search


class TestText:
    @pytest.mark.parametrize(
        ("q", "found"),
        [
            ("bookworld", ["BOOK"]),
            ("BOOKW", ["BOOK"]),
            ("card bookworld", ["BOOK"]),
            ("cafe zoe", ["CAFE"]),
            ("Café", ["CAFE"]),
            ("media", ["BOOK"]),
            ("novels", ["BOOK"]),
            ("bookworld coffee", []),
            ("ook", []),
        ],
    )
    def test_is_found_in_brand_title_category_and_description(self, fill, find, q, found):
        fill(BOOK, CAFE, WORLD)
        assert find(q=q) == found

    @pytest.mark.parametrize("q", ["京东", "京", "东卡", "京东卡 card", "京东卡ca"])
    def test_is_found_in_scripts_without_spaces(self, fill, find, q):
        fill(like(BOOK, "JD", brand="京东", title="京东卡card"), like(BOOK, "REVERSED", brand="东京", title="卡东京"))
        assert "JD" in find(q=q)

    def test_in_a_script_without_spaces_keeps_its_order(self, fill, find):
        fill(like(BOOK, "JD", brand="京东", title="卡"), like(BOOK, "TOKYO", brand="东京", title="卡"))
        assert find(q="京东") == ["JD"]
        assert find(q="东京") == ["TOKYO"]

    @pytest.mark.parametrize("q", ["ギフト", "스타벅스", "บัตร", "подарок", "δώρο"])
    def test_is_found_in_any_script(self, fill, find, q):
        fill(BOOK, like(CAFE, "OTHER", title=f"Card {q} ABC"))
        assert find(q=q) == ["OTHER"]

    def test_without_letters_finds_nothing(self, fill, find):
        fill(BOOK)
        assert [find(q=q) for q in ("%", "***", '"', "_", "  ", "")] == [[], [], [], [], ["BOOK"], ["BOOK"]]

    def test_in_a_title_goes_before_text_elsewhere(self, fill, find):
        fill(CAFE, BOOK, like(WORLD, "POPULAR", description="All books.", popularity=99))
        assert find(q="book") == ["BOOK", "POPULAR", "CAFE"]
        assert find(q="book", sort="popularity") == ["POPULAR", "CAFE", "BOOK"]


class TestCorrection:
    def test_is_tried_when_nothing_was_found(self, connection, fill):
        fill(BOOK, CAFE)
        result = search_items(connection, SearchQuery(q="Bokworld"))
        assert ([each.supplier_reference for each in result.items], result.corrected_q) == (["BOOK"], "bookworld")
        assert result.facets.total == 1

    def test_is_not_tried_when_something_was_found(self, connection, fill):
        fill(BOOK, CAFE, like(WORLD, "TYPO", title="Bokworld"))
        assert search_items(connection, SearchQuery(q="bokworld")).corrected_q is None

    def test_says_nothing_when_it_does_not_help(self, connection, fill):
        fill(BOOK, CAFE)
        result = search_items(connection, SearchQuery(q="bokworld", currency="USD"))
        assert (result.items, result.corrected_q, result.facets.total) == ((), None, 0)

    def test_leads_through_all_pages(self, connection, fill):
        fill(*(like(BOOK, f"B{number}") for number in range(3)))
        first = search_items(connection, SearchQuery(q="bokworld", limit=2))
        second = search_items(connection, SearchQuery(q="bokworld", limit=2, cursor=first.next_cursor))
        assert [each.supplier_reference for each in (*first.items, *second.items)] == ["B0", "B1", "B2"]
        assert (second.corrected_q, second.next_cursor) == ("bookworld", None)

    @pytest.mark.parametrize(
        ("typed", "corrected"),
        [
            ("bokworld", "bookworld"),
            ("bookworlds", "bookworld"),
            ("bookwrold", "bookworld"),
            ("gitf bokworld", "gift bookworld"),
            ("boxworld", "bookworld"),
            ("bukwurlt", None),
            ("gfit", None),
            ("gft", None),
            ("京东", None),
        ],
    )
    def test_forgives_few_slips(self, connection, fill, typed, corrected):
        fill(BOOK)
        assert search_items(connection, SearchQuery(q=typed)).corrected_q == corrected


class TestFilters:
    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            ({"country": "DE"}, ["BOOK", "WORLD"]),
            ({"country": "at"}, ["BOOK", "WORLD"]),
            ({"country": "FR"}, ["WORLD"]),
            ({"currency": "usd"}, ["CAFE"]),
            ({"category": "books-media"}, ["BOOK"]),
            ({"kind": "gift_card"}, ["BOOK", "CAFE", "WORLD"]),
            ({"kind": "yacht"}, []),
            ({"country": "US", "q": "card"}, ["CAFE", "WORLD"]),
            ({"country": "", "category": ""}, ["BOOK", "CAFE", "WORLD"]),
            ({"country": "*"}, []),
            ({"country": "ZZZ"}, []),
            ({"currency": "\0"}, []),
            ({"category": "x" * 10_000}, []),
            ({"category": "\ud800"}, []),
            ({"kind": "' OR 1=1"}, []),
        ],
    )
    def test_narrow(self, fill, find, filters, found):
        fill(BOOK, CAFE, WORLD)
        assert find(**filters) == found

    @pytest.mark.parametrize(
        ("min_minor", "max_minor", "found"),
        [
            (1000, 1000, ["BOOK", "CAFE", "WORLD"]),
            (1001, 2499, ["CAFE", "WORLD"]),
            (None, 499, ["WORLD"]),
            (5001, None, ["WORLD"]),
            (9001, None, []),
            (None, 99, []),
            (None, -1, []),
            (5000, 1000, []),
            (-(10**30), 10**30, ["BOOK", "CAFE", "WORLD"]),
            (10**30, None, []),
        ],
    )
    def test_find_what_has_a_face_value_between(self, fill, find, min_minor, max_minor, found):
        fill(BOOK, CAFE, WORLD)
        assert find(min_minor=min_minor, max_minor=max_minor) == found


class TestVisibility:
    def test_shows_everybodys_items_and_those_of_the_owners_named(self, fill, find):
        fill(BOOK)
        fill(like(BOOK, "MINE"), owner_key="org_1")
        fill(like(BOOK, "THEIRS"), owner_key="org_2")
        assert find() == ["BOOK"]
        assert find(Visibility(frozenset({"org_1"}))) == ["BOOK", "MINE"]
        assert find(Visibility(frozenset({"org_1", "org_2"})), q="bookworld") == ["BOOK", "MINE", "THEIRS"]

    @pytest.mark.parametrize("q", ["", "card"])
    def test_respects_both_lists(self, fill, find, q):
        keys = fill(BOOK, CAFE, WORLD)
        american = select(item.c.id).where(item.c.currency == "USD")
        assert find(Visibility(only=[keys["BOOK"], keys["CAFE"]], hidden=[keys["BOOK"]]), q=q) == ["CAFE"]
        assert find(Visibility(only=american), q=q) == ["CAFE"]
        assert find(Visibility(hidden=american), q=q) == ["BOOK", "WORLD"]
        assert find(Visibility(only=[]), q=q) == []

    def test_never_shows_what_is_not_to_be_had(self, fill, find):
        fill(BOOK, like(CAFE, "PAUSED", state=ItemState.UNAVAILABLE), WORLD)
        assert find() == ["BOOK", "WORLD"]
        fill(WORLD)
        assert (find(), find(q="bookworld")) == (["WORLD"], [])


class TestOrder:
    @pytest.fixture
    def shelf(self, fill):
        fill(
            like(BOOK, "B", title="Bravo", popularity=5),
            like(CAFE, "A", title="alpha", popularity=9),
            like(WORLD, "C", title="Charlie"),
            like(WORLD, "D", title="alpha"),
        )

    @pytest.mark.parametrize(
        ("sort", "found"),
        [
            (None, "ABCD"),
            ("popularity", "ABCD"),
            ("relevance", "ABCD"),
            ("price", "CDAB"),
            ("price_desc", "BACD"),
            ("title", "ADBC"),
            ("newest", "DCAB"),
        ],
    )
    @pytest.mark.parametrize("limit", [1, 2, 3, 100])
    def test_is_the_same_page_by_page(self, shelf, connection, sort, found, limit):
        assert "".join(self.walk(connection, SearchQuery(sort=sort, limit=limit))) == found

    @pytest.mark.parametrize("limit", [1, 2, 100])
    def test_by_relevance_goes_on_from_titles_to_the_rest(self, fill, connection, limit):
        fill(CAFE, BOOK, like(BOOK, "B2", popularity=3), like(WORLD, "W", description="book", popularity=2))
        assert self.walk(connection, SearchQuery(q="book", limit=limit)) == ["B2", "BOOK", "W", "CAFE"]

    def test_stays_when_items_are_added_between_pages(self, shelf, fill, connection):
        first = search_items(connection, SearchQuery(limit=2))
        fill(like(BOOK, "NEW", popularity=100), supplier="other")
        second = search_items(connection, SearchQuery(limit=2, cursor=first.next_cursor))
        assert [each.supplier_reference for each in second.items] == ["C", "D"]

    def test_is_refused_when_unknown(self, connection):
        with pytest.raises(SearchRefused) as refused:
            search_items(connection, SearchQuery(sort="random"))
        assert refused.value.field == "sort"

    @pytest.mark.parametrize("limit", [0, -1, 101, 10**30])
    def test_is_refused_in_pages_without_measure(self, connection, limit):
        with pytest.raises(SearchRefused) as refused:
            search_items(connection, SearchQuery(limit=limit))
        assert refused.value.field == "limit"

    def walk(self, connection, query):
        references, pages = [], 0
        result = search_items(connection, query)
        while result.next_cursor and pages < 20:
            references += [each.supplier_reference for each in result.items]
            parameters = {name: getattr(query, name) for name in ("q", "sort", "limit")}
            result = search_items(connection, SearchQuery(**parameters, cursor=result.next_cursor))
            pages += 1
        return references + [each.supplier_reference for each in result.items]
