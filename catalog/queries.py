"""Reads of single items and of the lists that filters offer."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, and_, between, bindparam, or_, select

from catalog.currencies import AMOUNT_MINOR_MAX
from catalog.errors import FaceValueNotOffered, ItemNotAvailable, ItemNotFound
from catalog.items import (
    Category,
    Cost,
    FixedDenomination,
    Item,
    OpenDenomination,
    OrderableItem,
    offered_in,
    share_of,
)
from catalog.tables import ItemState, brand, category, fixed_denomination, item, item_country, open_denomination
from catalog.visibility import EVERYBODYS, Visibility

PUBLIC_ID_PATTERN = re.compile(r"[0-9A-Za-z_-]{1,40}")
"""What a public id may look like; anything else is not asked of the database, which might choke on it."""

READ_BATCH = 500
"""How many items one statement reads; databases limit the parameters of a statement."""

_AnyRow = Row[*tuple[Any, ...]]

_ITEMS = (
    select(
        item,
        brand.c.name.label("brand"),
        category.c.slug,
        category.c.title.label("category_title"),
        open_denomination.c.min_minor,
        open_denomination.c.max_minor,
        open_denomination.c.cost_basis_points,
    )
    .join(brand, brand.c.id == item.c.brand_id)
    .outerjoin(category, category.c.id == item.c.category_id)
    .outerjoin(open_denomination, open_denomination.c.item_id == item.c.id)
)
_KEYS: BindParameter[list[int]] = bindparam("item_ids", expanding=True)
_ITEMS_BY_ID = _ITEMS.where(item.c.id.in_(_KEYS))
_COUNTRIES = (
    select(item_country.c.item_id, item_country.c.country)
    .where(item_country.c.item_id.in_(_KEYS))
    .order_by(item_country.c.country)
)
_FIXED = (
    select(fixed_denomination)
    .where(fixed_denomination.c.item_id.in_(_KEYS))
    .order_by(fixed_denomination.c.face_value_minor)
)

_FACE_VALUE: BindParameter[int] = bindparam("face_value_minor")
_ORDERABLE = (
    select(
        item.c.id,
        item.c.supplier,
        item.c.supplier_reference,
        item.c.kind,
        item.c.title,
        item.c.currency,
        item.c.state,
        fixed_denomination.c.cost_minor,
        fixed_denomination.c.cost_currency,
        open_denomination.c.cost_basis_points,
    )
    .outerjoin(
        fixed_denomination,
        and_(fixed_denomination.c.item_id == item.c.id, fixed_denomination.c.face_value_minor == _FACE_VALUE),
    )
    .outerjoin(
        open_denomination,
        and_(
            open_denomination.c.item_id == item.c.id,
            between(_FACE_VALUE, open_denomination.c.min_minor, open_denomination.c.max_minor),
        ),
    )
    .where(
        item.c.public_id == bindparam("public_id"),
        or_(item.c.owner_key.is_(None), item.c.owner_key.in_(bindparam("owner_keys", expanding=True))),
    )
)
"""Built once, because an order asks for it while it holds the buyer's value."""


def get_item(connection: Connection, *, public_id: str, visibility: Visibility = EVERYBODYS) -> Item:
    """Return the item called ``public_id``, available or not.

    Raises:
        ItemNotFound: there is none, or none that the reader may know of.
    """
    if PUBLIC_ID_PATTERN.fullmatch(public_id):
        statement = _ITEMS.where(item.c.public_id == public_id, *visibility.item_conditions())
        for found in _complete(connection, connection.execute(statement).all()):
            return found
    raise ItemNotFound(f"there is no item {public_id[:40]!r}")


def get_orderable_item(
    connection: Connection, *, public_id: str, face_value_minor: int, owner_keys: Collection[str] = ()
) -> OrderableItem:
    """Return what an order line needs of an item in one face value (of the item's currency), by one statement.

    Everybody's items and those of ``owner_keys`` can be ordered; lists of a program are the caller's to check.

    Raises:
        ItemNotFound: there is none, or none that the buyer may know of.
        ItemNotAvailable: its supplier does not offer it now.
        FaceValueNotOffered: it is not to be had in this face value.
    """
    usable = PUBLIC_ID_PATTERN.fullmatch(public_id) is not None
    # No denomination has the face value 0, so it stands for numbers that would not fit a database's integer.
    asked = face_value_minor if 0 < face_value_minor <= AMOUNT_MINOR_MAX else 0
    parameters = {"public_id": public_id, "face_value_minor": asked, "owner_keys": list(owner_keys)}
    row = connection.execute(_ORDERABLE, parameters).one_or_none() if usable else None
    if row is None:
        raise ItemNotFound(f"there is no item {public_id[:40]!r}")
    if row.state != ItemState.AVAILABLE:
        raise ItemNotAvailable(f"{row.title} is not to be had now")
    if row.cost_minor is None and row.cost_basis_points is None:
        found = get_item(connection, public_id=public_id, visibility=Visibility(frozenset(owner_keys)))
        raise FaceValueNotOffered(face_value_minor, offered_in(found))
    return OrderableItem(
        item_id=row.id,
        public_id=public_id,
        supplier=row.supplier,
        supplier_reference=row.supplier_reference,
        kind=row.kind,
        title=row.title,
        currency=row.currency,
        face_value_minor=face_value_minor,
        cost=_cost(row, face_value_minor),
    )


def get_items_by_id(connection: Connection, item_ids: Sequence[int]) -> list[Item]:
    """Return the items with these keys, in the order given, whoever owns them; unknown keys are left out."""
    found: dict[int, Item] = {}
    for start in range(0, len(item_ids), READ_BATCH):
        batch = item_ids[start : start + READ_BATCH]
        rows = connection.execute(_ITEMS_BY_ID, {"item_ids": batch}).all()
        found |= {each.id: each for each in _complete(connection, rows)}
    return [found[item_id] for item_id in item_ids if item_id in found]


def _complete(connection: Connection, rows: Sequence[_AnyRow]) -> list[Item]:
    """Return the items that rows of ``_ITEMS``, at most ``READ_BATCH``, make with what other tables say of them."""
    keys = {"item_ids": [row.id for row in rows]}
    countries: dict[int, list[str]] = defaultdict(list)
    fixed: dict[int, list[FixedDenomination]] = defaultdict(list)
    if rows:
        for item_id, country in connection.execute(_COUNTRIES, keys):
            countries[item_id].append(country)
        for item_id, *facts in connection.execute(_FIXED, keys):
            fixed[item_id].append(FixedDenomination(*facts))
    return [_to_item(row, countries[row.id], fixed[row.id]) for row in rows]


def _to_item(row: _AnyRow, countries: list[str], fixed: list[FixedDenomination]) -> Item:
    """Return the value that a row of ``_ITEMS`` and its countries and denominations make."""
    return Item(
        id=row.id,
        public_id=row.public_id,
        owner_key=row.owner_key,
        supplier=row.supplier,
        supplier_reference=row.supplier_reference,
        kind=row.kind,
        brand=row.brand,
        category=Category(row.slug, row.category_title) if row.slug is not None else None,
        title=row.title,
        description=row.description,
        terms=row.terms,
        how_to_use=row.how_to_use,
        currency=row.currency,
        image_reference=row.image_reference,
        barcode_type=row.barcode_type,
        state=ItemState(row.state),
        popularity=row.popularity,
        created_at=row.created_at,
        updated_at=row.updated_at,
        countries=tuple(countries),
        fixed=tuple(fixed),
        open=None if row.min_minor is None else OpenDenomination(row.min_minor, row.max_minor, row.cost_basis_points),
    )


def _cost(row: _AnyRow, face_value_minor: int) -> Cost:
    """Return the cost in a row of ``_ORDERABLE`` that has one; the fixed one goes first."""
    if row.cost_minor is not None:
        return Cost(row.cost_minor, row.cost_currency)
    return Cost(share_of(face_value_minor, row.cost_basis_points), row.currency)
