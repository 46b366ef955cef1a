"""The catalog's own shape, in which every field can be said; ``catalog.imports.own_csv`` has the same as lines.

``{"items": [{"reference": "BOOK-1", "brand": "Bookworld", "title": "Bookworld card", "currency": "EUR",
"countries": ["DE", "AT"], "fixed": [{"face_value": 25.00, "cost": 23.00}],
"open": {"min": 5, "max": 500, "cost_percent": 95.5}}]}``

Optional beside those: ``kind``, ``category``, ``description``, ``terms``, ``how_to_use``, ``image``, ``barcode_type``,
``state``, ``popularity``, and ``cost_currency`` beside a ``cost``. A cost that is not named is the face value.
"""

from collections.abc import Iterator

from catalog.imports.drafts import ItemDraft
from catalog.imports.rows import Row
from catalog.items import BASIS_POINTS, FixedDenomination, OpenDenomination
from catalog.kinds import KINDS
from catalog.tables import BARCODE_TYPES, POPULARITY_MAX, ItemState

REQUIRED_FIELDS = ("reference", "brand", "title", "currency")
TEXT_FIELDS = ("kind", "category", "description", "terms", "how_to_use", "image", "barcode_type", "state", "popularity")
STATES = (ItemState.AVAILABLE, ItemState.UNAVAILABLE)
"""What a supplier may say; withdrawn is what it no longer lists."""

FIELDS = frozenset({*REQUIRED_FIELDS, *TEXT_FIELDS, "countries", "fixed", "open"})


def read_item(row: Row) -> ItemDraft:
    """Return the item of a row in the own shape; what is wrong with it is noted in the row."""
    for unknown in sorted(set(row.values) - FIELDS):
        row.refuse(unknown, "field_unknown", "this field is not part of the shape")
    currency = row.currency("currency")
    return ItemDraft(
        supplier_reference=row.line("reference", length_max=100),
        kind=row.choice("kind", tuple(KINDS), default="gift_card"),
        brand=row.line("brand"),
        title=row.line("title"),
        currency=currency,
        category=row.optional_line("category", length_max=120),
        description=row.text("description"),
        terms=row.text("terms"),
        how_to_use=row.text("how_to_use"),
        image_reference=row.image("image"),
        barcode_type=row.choice("barcode_type", BARCODE_TYPES, default="none"),
        state=ItemState(row.choice("state", STATES, default=ItemState.AVAILABLE)),
        popularity=row.integer("popularity", maximum=POPULARITY_MAX),
        countries=row.countries("countries"),
        fixed=tuple(_read_fixed(row, currency)),
        open=_read_open(row, currency),
        row=row.number,
    )


def _read_fixed(row: Row, currency: str) -> Iterator[FixedDenomination]:
    """Yield the fixed denominations of a row."""
    for index, values in enumerate(row.items("fixed")):
        part = row.part(f"fixed[{index}]", values)
        face_value_minor = part.amount("face_value", currency)
        if part.get("cost") is None:
            yield FixedDenomination(face_value_minor, face_value_minor, currency)
            continue
        cost_currency = currency if part.get("cost_currency") is None else part.currency("cost_currency")
        cost_minor = part.amount("cost", cost_currency, minimum_minor=0)
        yield FixedDenomination(face_value_minor, cost_minor, cost_currency)


def _read_open(row: Row, currency: str) -> OpenDenomination | None:
    """Return the open denomination of a row, if it has one."""
    if row.get("open") is None:
        return None
    part = row.part("open", row.get("open"))
    return OpenDenomination(
        part.amount("min", currency), part.amount("max", currency), part.percent("cost_percent", default=BASIS_POINTS)
    )
