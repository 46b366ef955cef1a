"""The shape of Tango's catalog: ``{"brands": [{…, "items": [{"utid": …}]}]}``.

An item is ordered by its ``utid``. Texts are HTML and stand at the brand. The catalog names no cost: Tango charges the
face value. Source: developers.tangocard.com, "Get Catalog".
"""

from collections.abc import Iterator, Mapping

from catalog.errors import RowProblem
from catalog.imports.drafts import ItemDraft
from catalog.imports.rows import Row, Values, rows_in
from catalog.items import FixedDenomination, OpenDenomination
from catalog.kinds.gift_card import GIFT_CARD
from catalog.tables import ItemState

CATEGORIES = {
    "gift card": "Gift cards",
    "cash equivalent": "Prepaid cards",
    "payment-paypal": "Payment accounts",
}
"""The reward types that are handed over as credentials, so as gift cards, and the category each is shown in."""

VALUE_TYPES = ("VARIABLE_VALUE", "FIXED_VALUE")


def read_brands(values: Values, problems: list[RowProblem]) -> Iterator[Row]:
    """Yield a row for each item; it has the item's fields, and those of its brand under ``brand``."""
    number = 0
    for brand in rows_in(Row(values, 0, problems), "brands"):
        for item in rows_in(brand, "items", first=number + 1):
            number = item.number
            yield Row({**item.values, "brand": brand.values}, number, problems)


def passed_over(row: Row) -> RowProblem | None:
    """Return why this catalog does not carry the item of ``row``, or nothing when it does."""
    if row.get("fulfillmentType") not in (None, "DIGITAL"):
        return RowProblem(row.number, "fulfillmentType", "not_digital", "only what is delivered digitally is carried")
    if str(row.get("rewardType")) not in CATEGORIES:
        return RowProblem(row.number, "rewardType", "type_not_carried", "this type of reward is not carried")
    return None


def read_item(row: Row) -> ItemDraft:
    """Return the item of a row of ``read_brands``; what is wrong with it is noted in the row."""
    currency = row.currency("currencyCode")
    is_open = row.choice("valueType", VALUE_TYPES) == "VARIABLE_VALUE"
    return ItemDraft(
        supplier_reference=row.line("utid", length_max=100),
        kind=GIFT_CARD.name,
        brand=row.line("brand.brandName"),
        title=row.line("rewardName"),
        currency=currency,
        category=CATEGORIES[str(row.get("rewardType"))],
        description=row.html("brand.description"),
        terms="\n\n".join(filter(None, (row.html("brand.disclaimer"), row.html("brand.terms")))),
        how_to_use=row.html("redemptionInstructions"),
        image_reference=_largest_image(row),
        state=_state(row),
        countries=row.countries("countries"),
        fixed=() if is_open else (_fixed(row, currency),),
        open=OpenDenomination(row.amount("minValue", currency), row.amount("maxValue", currency)) if is_open else None,
        row=row.number,
    )


def _fixed(row: Row, currency: str) -> FixedDenomination:
    """Return the one face value of an item that is not open."""
    face_value_minor = row.amount("faceValue", currency)
    return FixedDenomination(face_value_minor, face_value_minor, currency)


def _state(row: Row) -> ItemState:
    """Return whether both the item and its brand are active."""
    is_active = row.get("status") == row.get("brand.status") == "active"
    return ItemState.AVAILABLE if is_active else ItemState.UNAVAILABLE


def _largest_image(row: Row) -> str | None:
    """Return the widest https picture of the brand; they are keyed by size, such as ``1200w-326ppi``."""
    images = row.get("brand.imageUrls")
    sizes = images if isinstance(images, Mapping) else {}
    secure = {str(size): url for size, url in sizes.items() if str(url).startswith("https://")}
    widest = max(secure, key=lambda size: int("".join(filter(str.isdecimal, size.partition("w")[0])) or 0), default="")
    return Row({"image": secure.get(widest)}, row.number, row.problems).image("image")
