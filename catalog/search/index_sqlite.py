"""Search on SQLite: FTS5 beside a narrow table, both keyed by the rank.

FTS5 keeps the matches of a word in order of rowid, so reading them by popularity is reading them as they lie: no
sorting, and a page of a common word costs as much as that of a rare one. The tokenizer only splits at spaces, since
``catalog.search.words`` made the words; bytes beyond ASCII are always part of a word to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Integer, String, column, table, text

from catalog.search.index import Document, Matching, add_prices
from catalog.search.match import Match, Place
from catalog.search.tables import item_search
from catalog.search.words import Term

_CREATE = (
    """
    CREATE TABLE item_search (
        rank INTEGER PRIMARY KEY, item_id INTEGER NOT NULL UNIQUE, owner_key TEXT NOT NULL,
        combination_id INTEGER NOT NULL, price_minor INTEGER NOT NULL, title_key TEXT NOT NULL
    )
    """,
    "CREATE INDEX ix_item_search_price_minor_rank ON item_search (price_minor, rank)",
    "CREATE INDEX ix_item_search_title_key_rank ON item_search (title_key, rank)",
    # The words stand apart from the narrow rows: those are looked up by the thousand to be counted, these never.
    """
    CREATE TABLE item_search_words (
        rank INTEGER PRIMARY KEY, title_words TEXT NOT NULL, body_words TEXT NOT NULL, facet_words TEXT NOT NULL
    )
    """,
    """
    CREATE VIRTUAL TABLE item_search_text USING fts5 (
        title_words, body_words, facet_words, content='item_search_words', content_rowid='rank', prefix='1 2 3',
        tokenize="ascii tokenchars '_'"
    )
    """,
    """
    CREATE TABLE item_search_price (
        rank INTEGER NOT NULL, low_minor INTEGER NOT NULL, high_minor INTEGER NOT NULL,
        PRIMARY KEY (rank, low_minor, high_minor)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE item_search_combination (
        id INTEGER PRIMARY KEY, countries TEXT NOT NULL, category_slug TEXT NOT NULL, kind TEXT NOT NULL,
        currency TEXT NOT NULL, UNIQUE (countries, category_slug, kind, currency)
    )
    """,
    """
    CREATE TABLE item_search_count (
        owner_key TEXT NOT NULL, country TEXT NOT NULL, category_slug TEXT NOT NULL, kind TEXT NOT NULL,
        currency TEXT NOT NULL, items INTEGER NOT NULL,
        PRIMARY KEY (country, owner_key, category_slug, kind, currency)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE item_search_trigram (trigram TEXT, word TEXT, PRIMARY KEY (trigram, word)) WITHOUT ROWID",
)
_DROP = (
    "item_search_text",
    "item_search_words",
    "item_search",
    "item_search_price",
    "item_search_combination",
    "item_search_count",
    "item_search_trigram",
)

_ADD = (
    text("INSERT INTO item_search VALUES (:rank, :item_id, :owner_key, :combination_id, :price_minor, :title_key)"),
    text("INSERT INTO item_search_words VALUES (:rank, :title_words, :body_words, :facet_words)"),
    text(
        "INSERT INTO item_search_text (rowid, title_words, body_words, facet_words) "
        "VALUES (:rank, :title_words, :body_words, :facet_words)"
    ),
)
_REMOVE = (
    text(
        "INSERT INTO item_search_text (item_search_text, rowid, title_words, body_words, facet_words) "
        "SELECT 'delete', words.rank, title_words, body_words, facet_words "
        "FROM item_search_words AS words JOIN item_search ON item_search.rank = words.rank WHERE item_id = :item_id"
    ),
    text("DELETE FROM item_search_words WHERE rank = (SELECT rank FROM item_search WHERE item_id = :item_id)"),
    text("DELETE FROM item_search_price WHERE rank = (SELECT rank FROM item_search WHERE item_id = :item_id)"),
    text("DELETE FROM item_search WHERE item_id = :item_id"),
)
_SETTLE = text("INSERT INTO item_search_text (item_search_text) VALUES ('optimize')")

_text = table("item_search_text", column("rowid", Integer), column("item_search_text", String))


@dataclass(frozen=True, slots=True)
class SqliteIndex:
    """The index of a SQLite database."""

    def create(self, connection: Connection) -> None:
        """Create the tables of the search."""
        for statement in _CREATE:
            connection.execute(text(statement))

    def drop(self, connection: Connection) -> None:
        """Drop them; the shadow tables of FTS5 go with their owner."""
        for name in _DROP:
            connection.execute(text(f"DROP TABLE {name}"))

    def lock(self, connection: Connection) -> None:
        """Do nothing: SQLite has one writer, and this transaction is it or will be refused."""

    def add(self, connection: Connection, documents: Sequence[Document]) -> None:
        """Add documents of items that have none."""
        rows = [document.narrow() | _written(document) for document in documents]
        for statement in _ADD:
            connection.execute(statement, rows)
        add_prices(connection, documents)

    def remove(self, connection: Connection, item_ids: Sequence[int]) -> None:
        """Remove the documents of these items; FTS5 must be told the words it is to forget."""
        for statement in _REMOVE:
            connection.execute(statement, [{"item_id": item_id} for item_id in item_ids])

    def settle(self, connection: Connection) -> None:
        """Merge the many small parts that adding left in the full-text index."""
        connection.execute(_SETTLE)

    def prepare_read(self, connection: Connection) -> None:
        """Do nothing: a query finds everything as it is."""

    def matching(self, match: Match) -> Matching:
        """Return where the documents that satisfy ``match`` are, read in order of rank as FTS5 keeps them."""
        if not match:
            return Matching(item_search, (), item_search.c.rank)
        source = _text.join(item_search, item_search.c.rank == _text.c.rowid)
        return Matching(source, (_text.c.item_search_text.match(_expression(match)),), _text.c.rowid)


def _written(document: Document) -> dict[str, str]:
    """Return the words of a document as FTS5 reads them."""
    return {
        "title_words": " ".join(document.title_words),
        "body_words": " ".join(document.body_words),
        "facet_words": " ".join(document.facet_words),
    }


def _expression(match: Match) -> str:
    """Return ``match`` in the query language of FTS5; every word is quoted and has no quote in it."""
    facets = [f"({' OR '.join(_quoted(words) for words in alternatives)})" for alternatives in match.facets]
    terms = " AND ".join(_phrase(term) for term in match.terms)
    if not terms:
        return " AND ".join(facets)
    wanted = f"title_words : ({terms})" if match.place is Place.TITLE else f"({terms})"
    expression = " AND ".join([wanted, *facets])
    return f"({expression}) NOT (title_words : ({terms}))" if match.place is Place.BEYOND_TITLE else expression


def _phrase(term: Term) -> str:
    """Return the words of a term as one phrase, whose last word may go on."""
    return _quoted(" ".join(term.words)) + (" *" if term.is_prefix else "")


def _quoted(words: str) -> str:
    """Return a string of FTS5."""
    return f'"{words}"'
