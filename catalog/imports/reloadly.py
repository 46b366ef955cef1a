"""The shape of Reloadly's gift-card products: ``{"content": [{"productId": …}], "totalElements": …}``.

The recipient's denominations are the face values. ``fixedRecipientToSenderDenominationsMap`` names what each costs in
the sender's currency; where a product names no cost, ``discountPercentage`` is taken off the face value. The fee per
order is no part of the cost of a card. Source: docs.reloadly.com/gift-cards, "Products".
"""

from collections.abc import Iterator, Mapping

from catalog.errors import RowProblem
from catalog.imports.drafts import ItemDraft
from catalog.imports.rows import Row, Values, rows_in
from catalog.items import BASIS_POINTS, FixedDenomination, OpenDenomination, share_of
from catalog.kinds.gift_card import GIFT_CARD
from catalog.tables import ItemState

DENOMINATION_TYPES = ("FIXED", "RANGE")


def read_products(values: Values, problems: list[RowProblem]) -> Iterator[Row]:
    """Yield a row for each product; one page of several is refused, because the rest would be withdrawn."""
    file = Row(values, 0, problems)
    held = len(file.items("content"))
    total = values.get("totalElements", held)
    if total != held:
        file.refuse("totalElements", "file_incomplete", f"the file holds {held} of {str(total)[:20]} products")
    yield from rows_in(file, "content")


def read_item(row: Row) -> ItemDraft:
    """Return the item of a product; what is wrong with it is noted in the row."""
    currency = row.currency("recipientCurrencyCode")
    is_open = row.choice("denominationType", DENOMINATION_TYPES) == "RANGE"
    cost_basis_points = BASIS_POINTS - row.percent("discountPercentage", default=0, maximum=100)
    return ItemDraft(
        supplier_reference=row.line("productId", length_max=100),
        kind=GIFT_CARD.name,
        brand=row.line("brand.brandName"),
        title=row.line("productName"),
        currency=currency,
        category=row.optional_line("category.name", length_max=120),
        how_to_use=row.html("redeemInstruction.verbose") or row.html("redeemInstruction.concise"),
        image_reference=_first_logo(row),
        state=ItemState.AVAILABLE if row.get("status") == "ACTIVE" else ItemState.UNAVAILABLE,
        countries=() if row.get("global") is True else _read_country(row),
        fixed=() if is_open else tuple(_read_fixed(row, currency, cost_basis_points)),
        open=_read_open(row, currency, cost_basis_points) if is_open else None,
        row=row.number,
    )


def _read_country(row: Row) -> tuple[str]:
    """Return the one country of a product that is not global."""
    return (row.country_of(row.get("country.isoName"), "country.isoName"),)


def _read_open(row: Row, currency: str, cost_basis_points: int) -> OpenDenomination:
    """Return the range of a product."""
    lowest = row.amount("minRecipientDenomination", currency)
    return OpenDenomination(lowest, row.amount("maxRecipientDenomination", currency), cost_basis_points)


def _read_fixed(row: Row, currency: str, cost_basis_points: int) -> Iterator[FixedDenomination]:
    """Yield the face values of a product, each with its cost."""
    field = "fixedRecipientDenominations"
    sender_currency = row.currency("senderCurrencyCode")
    costs = _read_costs(row, currency, sender_currency)
    for value in row.items(field):
        face_value_minor = row.amount_of(value, field, currency)
        if face_value_minor in costs:
            yield FixedDenomination(face_value_minor, costs[face_value_minor], sender_currency)
        else:
            yield FixedDenomination(face_value_minor, share_of(face_value_minor, cost_basis_points), currency)


def _read_costs(row: Row, currency: str, sender_currency: str) -> dict[int, int]:
    """Return face value → cost, in smallest units, of the map that Reloadly writes as a list of small objects."""
    field = "fixedRecipientToSenderDenominationsMap"
    costs: dict[int, int] = {}
    written = row.get(field)
    for pairs in [written] if isinstance(written, Mapping) else row.items(field):
        for face_value, cost in row.part(field, pairs).values.items():
            face_value_minor = row.amount_of(face_value, field, currency)
            costs[face_value_minor] = row.amount_of(cost, field, sender_currency, minimum_minor=0)
    return costs


def _first_logo(row: Row) -> str | None:
    """Return the first https picture of a product."""
    secure = (url for url in row.items("logoUrls") if str(url).startswith("https://"))
    return Row({"logoUrls": next(secure, None)}, row.number, row.problems).image("logoUrls")
