"""The derived tables of the search, as statements see them.

They are no part of ``catalog.tables.metadata``: each database has its own definition, made by ``create_search``, and
nothing is lost when they are rebuilt.
"""

from sqlalchemy import BigInteger, Integer, String, column, table

PREFIX = "item_search"
"""Every table of the search, the shadow tables of full-text indexes included, has a name that begins with this."""

item_search = table(
    PREFIX,
    column("rank", BigInteger),
    column("item_id", BigInteger),
    column("owner_key", String),
    column("combination_id", Integer),
    column("price_minor", BigInteger),
    column("title_key", String),
)
"""One narrow row per available item; ``owner_key`` is empty where it belongs to everybody.

``rank`` orders by popularity, then by age; ``price_minor`` is the lowest face value; ``title_key`` sorts titles.
"""

item_search_combination = table(
    f"{PREFIX}_combination",
    column("id", Integer),
    column("countries", String),
    column("category_slug", String),
    column("kind", String),
    column("currency", String),
)
"""What ``combination_id`` stands for; see ``catalog.search.combinations``."""

item_search_price = table(
    f"{PREFIX}_price", column("rank", BigInteger), column("low_minor", BigInteger), column("high_minor", BigInteger)
)
"""The face values of items as ranges, a fixed one from itself to itself, so that one look-up answers for both sorts."""

item_search_count = table(
    f"{PREFIX}_count",
    column("owner_key", String),
    column("country", String),
    column("category_slug", String),
    column("kind", String),
    column("currency", String),
    column("items", Integer),
)
"""How many items there are of each combination: once with an empty country, and once for each of their countries."""

item_search_trigram = table(f"{PREFIX}_trigram", column("trigram", String), column("word", String))
"""The words of titles by their runs of three letters, to find what a mistyped word was meant to be."""
