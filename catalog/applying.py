"""Writing a change set that was shown: all of it, in the caller's transaction, the search included."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Table, bindparam, delete, insert, select, update

from catalog.changes import ChangeSet, make_change_set
from catalog.errors import ChangeSetStale
from catalog.imports import ItemDraft
from catalog.items import FixedDenomination, OpenDenomination
from catalog.names import brand_key, category_slug
from catalog.queries import READ_BATCH
from catalog.search import lock_catalog, refresh_search
from catalog.tables import ItemState, brand, category, fixed_denomination, item, item_country, open_denomination

T = TypeVar("T")

BASE_32 = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's symbols, in lower case."""
TIME_BITS = 50
RANDOM_BITS = 80

_SAME_IN_DRAFT = ("title", "description", "terms", "how_to_use", "image_reference", "barcode_type", "state")
_PARTS = (item_country, fixed_denomination, open_denomination)


def apply_change_set(connection: Connection, change_set: ChangeSet, *, now: datetime) -> None:
    """Write everything in ``change_set``; a second time there is nothing left to write.

    Raises:
        ChangeSetStale: the catalog changed since it was made, so it is not what was shown.
    """
    lock_catalog(connection)
    current = make_change_set(
        connection, supplier=change_set.supplier, drafts=change_set.drafts, owner_key=change_set.owner_key
    )
    if current != change_set:
        raise ChangeSetStale("the catalog changed since these changes were shown")
    filing = _file(connection, [*change_set.additions, *(change.draft for change in change_set.changes)])
    changed = {change.item_id: change.draft for change in change_set.changes}
    _change_items(connection, changed, filing, now)
    _withdraw_items(connection, change_set, now)
    added = _add_items(connection, change_set, filing, now)
    _write_parts(connection, added | changed)
    refresh_search(connection, [*added, *changed, *(withdrawal.item_id for withdrawal in change_set.withdrawals)])


@dataclass(frozen=True, slots=True)
class _Filing:
    """The keys of all brands and categories by what they are filed under."""

    brands: Mapping[str, int]
    categories: Mapping[str, int]

    def columns_of(self, draft: ItemDraft) -> dict[str, Any]:
        """Return the columns of an item's row that a file may change, but for the popularity."""
        same = {name: getattr(draft, name) for name in _SAME_IN_DRAFT}
        category_id = None if draft.category is None else self.categories[category_slug(draft.category)]
        return same | {"brand_id": self.brands[brand_key(draft.brand)], "category_id": category_id}


def _file(connection: Connection, drafts: Sequence[ItemDraft]) -> _Filing:
    """Return the keys of all brands and categories, with those added that ``drafts`` name for the first time."""
    titles = [draft.category for draft in drafts if draft.category is not None]
    brands = [draft.brand for draft in drafts]
    return _Filing(
        brands=_ensure(connection, brand.c.name_key, brand.c.name, brands, brand_key),
        categories=_ensure(connection, category.c.slug, category.c.title, titles, category_slug),
    )


def _ensure(
    connection: Connection, key: Column[str], name: Column[str], names: Iterable[str], file_under: Callable[[str], str]
) -> dict[str, int]:
    """Return key → id of the table of ``key``, with a row added for each of ``names`` that is filed nowhere yet."""
    known = set(connection.scalars(select(key)))
    new: dict[str, str] = {}
    for each in names:
        new.setdefault(file_under(each), each)
    rows = [{key.name: filed, name.name: each} for filed, each in new.items() if filed not in known]
    if rows:
        connection.execute(insert(key.table), rows)
    return dict(connection.execute(select(key, key.table.c.id)).all())


def _add_items(connection: Connection, change_set: ChangeSet, filing: _Filing, now: datetime) -> dict[int, ItemDraft]:
    """Add the items that are new, and return them by their keys."""
    drafts = {_new_public_id(now): draft for draft in change_set.additions}
    rows = [
        filing.columns_of(draft)
        | {
            "public_id": public_id,
            "owner_key": change_set.owner_key,
            "supplier": change_set.supplier,
            "supplier_reference": draft.supplier_reference,
            "kind": draft.kind,
            "currency": draft.currency,
            "popularity": draft.popularity or 0,
            "created_at": now,
            "updated_at": now,
        }
        for public_id, draft in drafts.items()
    ]
    added: dict[int, ItemDraft] = {}
    for batch in _batches(rows):
        connection.execute(insert(item), batch)
        stored = select(item.c.id, item.c.public_id).where(item.c.public_id.in_([row["public_id"] for row in batch]))
        added |= {item_id: drafts[public_id] for item_id, public_id in connection.execute(stored)}
    return added


def _change_items(connection: Connection, changed: Mapping[int, ItemDraft], filing: _Filing, now: datetime) -> None:
    """Bring the rows of stored items up to date, and take their denominations and countries away."""
    statement = update(item).where(item.c.id == bindparam("item_id"))
    for item_id, draft in changed.items():
        values = filing.columns_of(draft) | {"updated_at": now}
        if draft.popularity is not None:
            values["popularity"] = draft.popularity
        connection.execute(statement.values(values), {"item_id": item_id})
    for batch in _batches(list(changed)):
        for part in _PARTS:
            connection.execute(delete(part).where(part.c.item_id.in_(batch)))


def _withdraw_items(connection: Connection, change_set: ChangeSet, now: datetime) -> None:
    """Mark the items that the supplier no longer lists."""
    for batch in _batches([withdrawal.item_id for withdrawal in change_set.withdrawals]):
        withdrawn = update(item).where(item.c.id.in_(batch))
        connection.execute(withdrawn.values(state=ItemState.WITHDRAWN, updated_at=now))


def _write_parts(connection: Connection, drafts: Mapping[int, ItemDraft]) -> None:
    """Add the countries and denominations of items that have none stored."""
    countries = [{"item_id": key, "country": code} for key, draft in drafts.items() for code in draft.countries]
    fixed = [_row(fixed_denomination, key, each) for key, draft in drafts.items() for each in draft.fixed]
    opened = [_row(open_denomination, key, draft.open) for key, draft in drafts.items() if draft.open is not None]
    _insert(connection, item_country, countries)
    _insert(connection, fixed_denomination, fixed)
    _insert(connection, open_denomination, opened)


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Add ``rows`` to ``table``, as many at a time as one statement takes."""
    for batch in _batches(rows):
        connection.execute(insert(table), batch)


def _row(table: Table, item_id: int, denomination: FixedDenomination | OpenDenomination) -> dict[str, Any]:
    """Return the row of ``table`` for a denomination, whose fields are called like the columns."""
    return {column.name: getattr(denomination, column.name, item_id) for column in table.c}


def _new_public_id(now: datetime) -> str:
    """Return an id that sorts by time and cannot be guessed: 10 symbols of milliseconds and 16 random ones."""
    number = int(now.timestamp() * 1000) << RANDOM_BITS | secrets.randbits(RANDOM_BITS)
    return "itm_" + "".join(BASE_32[number >> shift & 31] for shift in range(TIME_BITS + RANDOM_BITS - 5, -1, -5))


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield ``rows`` in pieces that one statement takes."""
    for start in range(0, len(rows), READ_BATCH):
        yield rows[start : start + READ_BATCH]
