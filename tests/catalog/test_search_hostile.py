"""Whatever is typed, the database is asked something it can answer, and both databases answer alike."""

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from catalog import SearchQuery, SearchRefused, search_items
from catalog.imports.plain_text import clean_text
from catalog.search.words import split_terms
from tests.catalog.samples import BOOK, CAFE, WORLD, like

ON_ONE_DATABASE = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])

OPERATORS = st.sampled_from(
    [*"\"'*:^(){}+-_%\\&|!<>~.,;/\0", " AND ", " OR ", " NOT ", " NEAR(", "<->", "title_words:", "--"]
)
TYPED = st.lists(st.one_of(OPERATORS, st.text(max_size=8), st.sampled_from(["card", "book", "京", "ß"])), max_size=12)
HOSTILE = [
    '" OR 1=1 --',
    "card*",
    "NEAR(card book, 2)",
    "title_words : card",
    "{title_words}: card",
    "card & !book",
    "card <-> book",
    "'card':*A",
    "\\",
    "card\0book",
    "\ud800card",
    "a" * 10_000,
    "card " * 2_000,
    "(" * 5_000,
    "京" * 3_000,
    '"' * 999,
    "%%%",
    "-card",
    "^card",
    "\u202ecard",
    "🎁 card",
    "_c_4445",
    "item_search_text",
]


@pytest.fixture
def shelf(fill):
    return fill(BOOK, CAFE, WORLD, like(BOOK, "JD", title="京东卡"))


class TestSearch:
    @pytest.mark.parametrize("q", HOSTILE)
    @pytest.mark.parametrize("sort", [None, "price"])
    def test_answers_whatever_is_typed(self, shelf, connection, q, sort):
        result = search_items(connection, SearchQuery(q=q, sort=sort, country="DE"))
        assert len(result.items) <= result.facets.total

    @ON_ONE_DATABASE
    @given(pieces=TYPED, kind=st.text(max_size=4), category=st.text(max_size=4))
    def test_never_fails_in_the_database(self, shelf, connection, pieces, kind, category):
        search_items(connection, SearchQuery(q="".join(pieces)))
        search_items(connection, SearchQuery(q="card", kind=kind, category=category, country=kind, currency=category))

    @ON_ONE_DATABASE
    @given(title=st.text(max_size=60).map(clean_text))
    def test_finds_an_item_by_its_whole_title(self, connection, fill, title):
        fill(CAFE, like(BOOK, "WANTED", title=title or "card"))
        found = search_items(connection, SearchQuery(q=title or "card", sort="newest")).items
        assert ("WANTED" in {each.supplier_reference for each in found}) == bool(split_terms(title or "card"))

    @ON_ONE_DATABASE
    @given(numbers=st.tuples(*[st.one_of(st.none(), st.integers())] * 2))
    def test_takes_any_price(self, shelf, connection, numbers):
        search_items(connection, SearchQuery(min_minor=numbers[0], max_minor=numbers[1]))


class TestCursor:
    @pytest.mark.parametrize(
        "cursor",
        [
            "x",
            "%",
            "ä",
            "\0",
            "W10",
            base64.urlsafe_b64encode(b"[" * 1_400).decode(),
            "A" * 10_000,
            *(
                base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()
                for fields in (
                    None,
                    {},
                    ["popularity"],
                    ["popularity", 0, 0, 0, 0],
                    ["popularity", 0, "text", 0, None],
                    ["popularity", 0, 0, 2**63, None],
                    ["popularity", 0, 0, 0.5, None],
                    ["popularity", -1, 0, 0, None],
                    ["title", 0, "a", 0, None],
                )
            ),
        ],
    )
    def test_is_refused_when_made_up(self, shelf, connection, cursor):
        with pytest.raises(SearchRefused) as refused:
            search_items(connection, SearchQuery(sort="popularity", cursor=cursor))
        assert refused.value.field == "cursor"

    @pytest.mark.parametrize("key", [5, "UPPER", "nul\0", "\ud800", "two  spaces"])
    def test_is_refused_with_a_title_that_is_none(self, shelf, connection, key):
        cursor = base64.urlsafe_b64encode(json.dumps(["title", 0, key, 0, None]).encode()).decode()
        with pytest.raises(SearchRefused):
            search_items(connection, SearchQuery(sort="title", cursor=cursor))

    @ON_ONE_DATABASE
    @given(cursor=st.text())
    def test_never_fails_in_the_database(self, shelf, connection, cursor):
        with suppress(SearchRefused):
            search_items(connection, SearchQuery(cursor=cursor))

    def test_may_begin_anywhere_without_harm(self, shelf, connection):
        cursor = base64.urlsafe_b64encode(json.dumps(["popularity", 99, 0, 0, "%"]).encode()).decode()
        assert search_items(connection, SearchQuery(sort="popularity", cursor=cursor)).items == ()


class TestConnection:
    @pytest.fixture
    def read_only(self, connection):
        """Keep the rest of the transaction from writing."""
        kind = connection.dialect.name
        yield {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET TRANSACTION READ ONLY"}[kind]
        if kind == "sqlite":
            connection.execute(sql("PRAGMA query_only = OFF"))

    def test_may_be_one_that_cannot_write(self, shelf, connection, read_only):
        connection.execute(sql(read_only))
        assert search_items(connection, SearchQuery(q="card", country="DE")).facets.total == 2
        assert search_items(connection, SearchQuery(q="bokworld")).corrected_q == "bookworld"
