"""The catalog over HTTP."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from catalog import Item, ItemNotFound, ItemState, SearchQuery, Visibility, get_item, search_items
from catalog.errors import SearchRefused
from rewards_service.api.calls import Call
from rewards_service.api.routing import Resource, Route
from rewards_service.api.schemas.catalog import ItemList, ItemOut, ItemQuery, ItemsQuery
from rewards_service.kit.access import TenantScope
from rewards_service.kit.errors import FieldProblem, NotFound, ValidationFailed
from rewards_service.programs.models import Organization, Program
from rewards_service.programs.offers import margins_of, visibility_of
from rewards_service.programs.policy import price_units
from rewards_service.programs.queries import rate_in_force


def search_catalog(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    """Search the catalog.

    With a key of one program, or with `program_id`, what that program shows, with prices in its points.
    """
    program = _program(call, query.pop("program_id", None))
    narrowed = query if program is None else {**query, "currency": query.get("currency", program.currency)}
    with _refusals():
        found = search_items(call.session.connection(), SearchQuery(**narrowed), visibility=_visibility(call, program))
    return {
        "items": _shown(call, found.items, program=program),
        "facets": found.facets,
        "corrected_q": found.corrected_q,
        "next_cursor": found.next_cursor,
    }


def read_item(call: Call, query: dict[str, Any], item_id: str) -> dict[str, Any]:
    """Read an item."""
    program = _program(call, query.get("program_id"))
    with _refusals():
        item = get_item(call.session.connection(), public_id=item_id, visibility=_visibility(call, program))
    (shown,) = _shown(call, [item], program=program)
    return shown


def _program(call: Call, reference: str | None) -> Program | None:
    """Return the program whose catalog is meant; none: the whole catalog of the organization."""
    return None if reference is None and call.key.program_id is None else call.program(reference)


def _visibility(call: Call, program: Program | None) -> Visibility:
    """Return which items the caller may know of."""
    if program is not None:
        return visibility_of(program)
    organization = call.session.get_one(Organization, call.organization_id)
    return Visibility(owner_keys=frozenset({organization.public_id}))


def _shown(call: Call, items: Sequence[Item], *, program: Program | None) -> list[dict[str, Any]]:
    """Return items with their prices, where a program is named."""
    if program is None:
        return [_with_prices(item, [None] * (len(item.fixed) + 2)) for item in items]
    rate = rate_in_force(call.session, program_id=program.id, now=call.now)
    margins = margins_of(call.session, program=program, item_ids=[item.id for item in items])
    return [
        _with_prices(
            item, [price_units(face_minor=face, margin_bp=margins[item.id], rate=rate) for face in _faces(item)]
        )
        for item in items
    ]


def _faces(item: Item) -> list[int]:
    """Return the face values that have a price: the fixed ones, then the two ends of the range."""
    ends = [0, 0] if item.open is None else [item.open.min_minor, item.open.max_minor]
    return [*(fixed.face_value_minor for fixed in item.fixed), *ends]


def _with_prices(item: Item, prices: Sequence[int | None]) -> dict[str, Any]:
    """Return an item with the price of each of its face values, in the order of ``_faces``."""
    *fixed, lowest, highest = prices
    open_range = item.open and {
        "min_minor": item.open.min_minor,
        "max_minor": item.open.max_minor,
        "min_price_units": lowest,
        "max_price_units": highest,
    }
    return {
        "item": item,
        "fixed": [
            {"face_value_minor": each.face_value_minor, "price_units": price}
            for each, price in zip(item.fixed, fixed, strict=True)
        ],
        "open": open_range,
        "is_available": item.state == ItemState.AVAILABLE,
    }


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what the catalog refuses into refusals with a status; it knows none itself."""
    try:
        yield
    except SearchRefused as error:
        problem = FieldProblem(f"/{error.field}", error.code, str(error))
        raise ValidationFailed(problems=(problem,)) from error
    except ItemNotFound as error:
        raise NotFound("There is no such item.") from error


RESOURCE = Resource(
    "catalog",
    "What can be had.",
    (
        Route("GET", "/catalog/items", search_catalog, "catalog.read", TenantScope.PROGRAM, ItemList, query=ItemsQuery),
        Route(
            "GET",
            "/catalog/items/<id:item_id>",
            read_item,
            "catalog.read",
            TenantScope.PROGRAM,
            ItemOut,
            query=ItemQuery,
        ),
    ),
)
