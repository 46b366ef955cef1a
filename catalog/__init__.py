"""What can be had: brands, items, denominations, countries; importing them from suppliers, and searching them.

The package stands alone. It knows SQLAlchemy and nothing of the application around it; the application hands in
connections, owner keys and supplier names, and joins its own tables to the same ``catalog.tables.metadata``.

Owns: brand, category, item, item_country, fixed_denomination, open_denomination, and the derived ``item_search*``.
Invariants: an item belongs to everybody or to one owner key; its kind and currency never change; a supplier's reference
names one item of an owner; the search shows what the items are, because both are written in one transaction.
Verbs: ``read_catalog``, ``make_change_set``, ``apply_change_set``; ``search_items``, ``get_item``,
``get_orderable_item``, ``item_cost``, ``list_categories``, ``list_countries``. The caller commits.
"""

from catalog.applying import apply_change_set
from catalog.changes import ChangeSet, FieldChange, ItemChange, Withdrawal, make_change_set
from catalog.errors import (
    CatalogError,
    CatalogFileRefused,
    ChangeSetStale,
    DetailsRefused,
    FaceValueNotOffered,
    ItemNotAvailable,
    ItemNotFound,
    KindNotKnown,
    RowProblem,
    SearchRefused,
)
from catalog.imports import CatalogFile, ItemDraft, read_catalog
from catalog.items import Category, Cost, FixedDenomination, Item, OpenDenomination, OrderableItem, item_cost
from catalog.kinds import KINDS, ItemKind, get_kind
from catalog.queries import get_item, get_items_by_id, get_orderable_item
from catalog.search import (
    Facets,
    FacetValue,
    SearchQuery,
    SearchResult,
    create_search,
    drop_search,
    is_search_table,
    list_categories,
    list_countries,
    rebuild_search,
    refresh_search,
    search_items,
)
from catalog.tables import BARCODE_TYPES, ItemState
from catalog.visibility import Visibility

__all__ = [
    "BARCODE_TYPES",
    "KINDS",
    "CatalogError",
    "CatalogFile",
    "CatalogFileRefused",
    "Category",
    "ChangeSet",
    "ChangeSetStale",
    "Cost",
    "DetailsRefused",
    "FaceValueNotOffered",
    "FacetValue",
    "Facets",
    "FieldChange",
    "FixedDenomination",
    "Item",
    "ItemChange",
    "ItemDraft",
    "ItemKind",
    "ItemNotAvailable",
    "ItemNotFound",
    "ItemState",
    "KindNotKnown",
    "OpenDenomination",
    "OrderableItem",
    "RowProblem",
    "SearchQuery",
    "SearchRefused",
    "SearchResult",
    "Visibility",
    "Withdrawal",
    "apply_change_set",
    "create_search",
    "drop_search",
    "get_item",
    "get_items_by_id",
    "get_kind",
    "get_orderable_item",
    "is_search_table",
    "item_cost",
    "list_categories",
    "list_countries",
    "make_change_set",
    "read_catalog",
    "rebuild_search",
    "refresh_search",
    "search_items",
]
