"""Items as values: what the catalog hands out, and what one of them costs in a given face value."""

from dataclasses import dataclass
from datetime import datetime

from catalog.currencies import to_decimal
from catalog.errors import FaceValueNotOffered
from catalog.tables import ItemState

BASIS_POINTS = 10_000
"""A whole: 9,250 basis points of a face value are 92.5 % of it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What the supplier charges for one piece; ``minor`` smallest units of ``currency`` (ISO 4217)."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class FixedDenomination:
    """One face value that an item is offered in, in the item's currency, and its cost in ``cost_currency``."""

    face_value_minor: int
    cost_minor: int
    cost_currency: str


@dataclass(frozen=True, slots=True)
class OpenDenomination:
    """A range of face values, both ends inclusive, at a cost of ``cost_basis_points`` of the face value."""

    min_minor: int
    max_minor: int
    cost_basis_points: int = BASIS_POINTS


@dataclass(frozen=True, slots=True)
class Category:
    """A category: ``slug`` in filters and addresses, ``title`` as the supplier writes it."""

    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item with everything a page or an order needs.

    Attributes:
        id: the key that other tables refer to; never shown.
        owner_key: whose it is; ``None`` is everybody's.
        countries: ISO 3166-1 codes in order; none says that it is redeemable everywhere.
        fixed: in order of face value.
        image_reference: an https address or a name that the application resolves; perhaps none.
    """

    id: int
    public_id: str
    owner_key: str | None
    supplier: str
    supplier_reference: str
    kind: str
    brand: str
    category: Category | None
    title: str
    description: str
    terms: str
    how_to_use: str
    currency: str
    image_reference: str | None
    barcode_type: str
    state: ItemState
    popularity: int
    created_at: datetime
    updated_at: datetime
    countries: tuple[str, ...]
    fixed: tuple[FixedDenomination, ...]
    open: OpenDenomination | None


@dataclass(frozen=True, slots=True)
class OrderableItem:
    """An item in one face value, as an order line takes it down."""

    item_id: int
    public_id: str
    supplier: str
    supplier_reference: str
    kind: str
    title: str
    currency: str
    face_value_minor: int
    cost: Cost


def item_cost(item: Item, face_value_minor: int) -> Cost:
    """Return what the supplier charges for ``item`` in ``face_value_minor`` of its currency.

    A fixed denomination's own cost goes before the share of an open one.

    Raises:
        FaceValueNotOffered: the item is not to be had in this face value.
    """
    for fixed in item.fixed:
        if fixed.face_value_minor == face_value_minor:
            return Cost(fixed.cost_minor, fixed.cost_currency)
    if item.open and item.open.min_minor <= face_value_minor <= item.open.max_minor:
        return Cost(share_of(face_value_minor, item.open.cost_basis_points), item.currency)
    raise FaceValueNotOffered(face_value_minor, offered_in(item))


def share_of(face_value_minor: int, cost_basis_points: int) -> int:
    """Return the share of a face value in smallest units, halves rounded up."""
    return (face_value_minor * cost_basis_points + BASIS_POINTS // 2) // BASIS_POINTS


def offered_in(item: Item) -> str:
    """Return the face values of ``item`` for people: ``10.00, 25.00 EUR`` or ``5.00–500.00 EUR``, in every language."""
    parts = [str(to_decimal(fixed.face_value_minor, item.currency)) for fixed in item.fixed]
    if item.open:
        lowest, highest = (to_decimal(end, item.currency) for end in (item.open.min_minor, item.open.max_minor))
        parts.append(f"{lowest}–{highest}")
    return f"{', '.join(parts)} {item.currency}"
