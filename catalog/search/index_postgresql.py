"""Search on PostgreSQL: a narrow table with a ``tsvector`` under GIN, and the rank as its key.

Documents and queries are written in the notation of ``tsvector`` and ``tsquery`` themselves, so no text-search
configuration, locale or extension decides what a word is. A rare word is found through GIN, a common one by walking
the key in order of popularity; which of the two is cheaper, the planner decides for each query by its statistics.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, cast, literal_column, text
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from catalog.search.index import Document, Matching, add_prices
from catalog.search.match import Match, Place
from catalog.search.tables import item_search
from catalog.search.words import Term

_CREATE = (
    """
    CREATE TABLE item_search (
        rank bigint PRIMARY KEY, item_id bigint NOT NULL UNIQUE, owner_key text NOT NULL,
        combination_id integer NOT NULL, price_minor bigint NOT NULL, title_key text COLLATE "C" NOT NULL,
        document tsvector NOT NULL
    )
    """,
    "CREATE INDEX ix_item_search_price_minor_rank ON item_search (price_minor, rank)",
    "CREATE INDEX ix_item_search_title_key_rank ON item_search (title_key, rank)",
    # Without fastupdate: a list of pending entries would be walked by every search after an import.
    "CREATE INDEX ix_item_search_document ON item_search USING gin (document) WITH (fastupdate = off)",
    """
    CREATE TABLE item_search_price (
        rank bigint, low_minor bigint, high_minor bigint, PRIMARY KEY (rank, low_minor, high_minor)
    )
    """,
    """
    CREATE TABLE item_search_combination (
        id integer PRIMARY KEY, countries text NOT NULL, category_slug text NOT NULL, kind text NOT NULL,
        currency text NOT NULL, UNIQUE (countries, category_slug, kind, currency)
    )
    """,
    """
    CREATE TABLE item_search_count (
        owner_key text, country text, category_slug text, kind text, currency text, items bigint NOT NULL,
        PRIMARY KEY (country, owner_key, category_slug, kind, currency)
    )
    """,
    'CREATE TABLE item_search_trigram (trigram text COLLATE "C", word text COLLATE "C", PRIMARY KEY (trigram, word))',
)
_DROP = ("item_search", "item_search_price", "item_search_combination", "item_search_count", "item_search_trigram")

_ADD = text(
    "INSERT INTO item_search VALUES "
    "(:rank, :item_id, :owner_key, :combination_id, :price_minor, :title_key, CAST(:document AS tsvector))"
)
_REMOVE = (
    text("DELETE FROM item_search_price p USING item_search s WHERE p.rank = s.rank AND s.item_id = ANY(:item_ids)"),
    text("DELETE FROM item_search WHERE item_id = ANY(:item_ids)"),
)
_SETTLE = tuple(text(f"ANALYZE {name}") for name in ("item_search", "item_search_price", "item_search_count"))

_LOCK_KEY = 0x6361_7461_6C6F_67
"""A number for the advisory lock of the catalog's writers: ``catalog`` in ASCII."""
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")

# After some executions a prepared statement gets one plan for every word; the plan for a rare word is a hundred times
# too slow for a common one, so each search is planned for its own words.
_PLAN_EACH = text("SET LOCAL plan_cache_mode = force_custom_plan")

_DOCUMENT = literal_column("item_search.document", TSVECTOR)


@dataclass(frozen=True, slots=True)
class PostgresqlIndex:
    """The index of a PostgreSQL database."""

    def create(self, connection: Connection) -> None:
        """Create the tables of the search."""
        for statement in _CREATE:
            connection.execute(text(statement))

    def drop(self, connection: Connection) -> None:
        """Drop them."""
        for name in _DROP:
            connection.execute(text(f"DROP TABLE {name}"))

    def lock(self, connection: Connection) -> None:
        """Wait for the advisory lock of the catalog's writers, kept until the transaction ends."""
        connection.execute(_LOCK, {"key": _LOCK_KEY})

    def add(self, connection: Connection, documents: Sequence[Document]) -> None:
        """Add documents of items that have none."""
        connection.execute(_ADD, [document.narrow() | {"document": _written(document)} for document in documents])
        add_prices(connection, documents)

    def remove(self, connection: Connection, item_ids: Sequence[int]) -> None:
        """Remove the documents of these items."""
        for statement in _REMOVE:
            connection.execute(statement, {"item_ids": list(item_ids)})

    def settle(self, connection: Connection) -> None:
        """Count how common each word is, by which the planner chooses its way."""
        for statement in _SETTLE:
            connection.execute(statement)

    def prepare_read(self, connection: Connection) -> None:
        """Have every statement of the transaction planned for its own values."""
        connection.execute(_PLAN_EACH)

    def matching(self, match: Match) -> Matching:
        """Return where the documents that satisfy ``match`` are."""
        if not match:
            return Matching(item_search, (), item_search.c.rank)
        query = cast(bindparam("query", _expression(match), unique=True), TSQUERY)
        return Matching(item_search, (_DOCUMENT.bool_op("@@")(query),), item_search.c.rank)


def _written(document: Document) -> str:
    """Return the words of a document as a ``tsvector``: the title's with weight A, filters without a position."""
    words = [(word, "A") for word in document.title_words] + [(word, "B") for word in document.body_words]
    placed = [f"'{word}':{position}{weight}" for position, (word, weight) in enumerate(words, 1)]
    return " ".join([*placed, *(f"'{word}'" for word in document.facet_words)])


def _expression(match: Match) -> str:
    """Return ``match`` as a ``tsquery``; every word is quoted and has neither quote nor backslash in it."""
    facets = [f"({' | '.join(_quoted(word) for word in alternatives)})" for alternatives in match.facets]
    in_title = match.place is Place.TITLE
    wanted = [*_phrases(match.terms, weight="A" if in_title else ""), *facets]
    if match.place is Place.BEYOND_TITLE:
        wanted.append(f"!({' & '.join(_phrases(match.terms, weight='A'))})")
    return " & ".join(wanted)


def _phrases(terms: Iterable[Term], *, weight: str) -> list[str]:
    """Return each term as words that follow one another, all of ``weight``; the last may go on."""
    return [f"({' <-> '.join(_marked(term, index, weight) for index in range(len(term.words)))})" for term in terms]


def _marked(term: Term, index: int, weight: str) -> str:
    """Return one word of a term with its marks: ``'card':*A``."""
    marks = ("*" if term.is_prefix and index == len(term.words) - 1 else "") + weight
    return _quoted(term.words[index]) + (f":{marks}" if marks else "")


def _quoted(word: str) -> str:
    """Return a word in the notation of ``tsvector`` and ``tsquery``."""
    return f"'{word}'"
