"""Search of the catalog, on SQLite and PostgreSQL alike: by text in any script, filters, price and facets.

The derived tables hold what is available and are kept in the transaction that changes an item; ``rebuild_search``
makes them anew. What differs between the databases stands in ``index_sqlite`` and ``index_postgresql``.
"""

from catalog.search.documents import (
    create_search,
    drop_search,
    is_search_table,
    lock_catalog,
    rebuild_search,
    refresh_search,
)
from catalog.search.query import Facets, FacetValue, SearchQuery, SearchResult
from catalog.search.searching import list_categories, list_countries, search_items

__all__ = [
    "FacetValue",
    "Facets",
    "SearchQuery",
    "SearchResult",
    "create_search",
    "drop_search",
    "is_search_table",
    "list_categories",
    "list_countries",
    "lock_catalog",
    "rebuild_search",
    "refresh_search",
    "search_items",
]
