"""What a supplier's file would change: made to be shown, then applied whole or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Connection, select

from catalog.currencies import to_decimal
from catalog.errors import CatalogFileRefused, RowProblem
from catalog.imports import ItemDraft
from catalog.items import FixedDenomination, Item, OpenDenomination
from catalog.names import brand_key, category_slug
from catalog.queries import get_items_by_id
from catalog.tables import ItemState, item

LASTING_FIELDS = ("kind", "currency")
"""What an item never changes, because orders and stock already mean it."""

_COMPARED_FIELDS = tuple(each.name for each in fields(ItemDraft) if each.compare and each.name != "supplier_reference")
_FILED_UNDER = {"brand": brand_key, "category": category_slug}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an item before and after, written for people."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ItemChange:
    """An item that the file describes otherwise than it is stored."""

    item_id: int
    public_id: str
    draft: ItemDraft
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An item that the file no longer lists."""

    item_id: int
    public_id: str
    supplier_reference: str
    title: str


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Everything that a supplier's file would change among the items of that supplier and owner.

    Attributes:
        owner_key: whose items they are; ``None`` is everybody's.
        drafts: the file's items, all of them.
        unchanged: how many items are stored as the file has them.
    """

    supplier: str
    owner_key: str | None
    drafts: tuple[ItemDraft, ...]
    additions: tuple[ItemDraft, ...]
    changes: tuple[ItemChange, ...]
    withdrawals: tuple[Withdrawal, ...]
    unchanged: int

    @property
    def is_empty(self) -> bool:
        """Whether applying it would change nothing."""
        return not (self.additions or self.changes or self.withdrawals)


def make_change_set(
    connection: Connection, *, supplier: str, drafts: Sequence[ItemDraft], owner_key: str | None = None
) -> ChangeSet:
    """Return what ``drafts``, the whole catalog of ``supplier``, would change; nothing is written.

    Raises:
        CatalogFileRefused: an item would become another kind or currency.
    """
    stored = _stored_items(connection, supplier, owner_key)
    _require_lasting_fields(drafts, stored)
    known = [draft for draft in drafts if draft.supplier_reference in stored]
    compared = [_compare(stored[draft.supplier_reference], draft) for draft in known]
    changes = tuple(change for change in compared if change.fields)
    return ChangeSet(
        supplier=supplier,
        owner_key=owner_key,
        drafts=tuple(drafts),
        additions=tuple(draft for draft in drafts if draft.supplier_reference not in stored),
        changes=changes,
        withdrawals=tuple(_withdrawals(drafts, stored)),
        unchanged=len(known) - len(changes),
    )


def _stored_items(connection: Connection, supplier: str, owner_key: str | None) -> dict[str, Item]:
    """Return the supplier's items of one owner by the supplier's reference, in the order they were added."""
    keys = connection.scalars(
        select(item.c.id).where(item.c.supplier == supplier, item.c.owner_key == owner_key).order_by(item.c.id)
    ).all()
    return {each.supplier_reference: each for each in get_items_by_id(connection, keys)}


def _require_lasting_fields(drafts: Sequence[ItemDraft], stored: Mapping[str, Item]) -> None:
    """Refuse drafts that would turn an item into another thing."""
    problems = [
        RowProblem(
            draft.row,
            field,
            f"{field}_changed",
            f"the {field} of an item never changes from {getattr(stored[draft.supplier_reference], field)}; "
            "list the new thing under another reference",
        )
        for draft in drafts
        if draft.supplier_reference in stored
        for field in LASTING_FIELDS
        if getattr(draft, field) != getattr(stored[draft.supplier_reference], field)
    ]
    if problems:
        raise CatalogFileRefused(problems)


def _withdrawals(drafts: Sequence[ItemDraft], stored: Mapping[str, Item]) -> Iterator[Withdrawal]:
    """Yield the items that ``drafts`` no longer list; one that is withdrawn already stays so."""
    listed = {draft.supplier_reference for draft in drafts}
    for reference, each in stored.items():
        if reference not in listed and each.state is not ItemState.WITHDRAWN:
            yield Withdrawal(each.id, each.public_id, reference, each.title)


def _compare(stored: Item, draft: ItemDraft) -> ItemChange:
    """Return how ``draft`` differs from ``stored``; a popularity that the file does not name is no difference."""
    as_stored = _to_draft(stored)
    differing = [
        FieldChange(name, _written(as_stored, name), _written(draft, name))
        for name in _COMPARED_FIELDS
        if _compared(as_stored, name) != _compared(draft, name)
        and (name != "popularity" or draft.popularity is not None)
    ]
    return ItemChange(stored.id, stored.public_id, draft, tuple(differing))


def _to_draft(stored: Item) -> ItemDraft:
    """Return a stored item as a file would describe it."""
    same = {name: getattr(stored, name) for name in _COMPARED_FIELDS if name != "category"}
    return ItemDraft(
        supplier_reference=stored.supplier_reference,
        category=stored.category.title if stored.category else None,
        **same,
    )


def _compared(draft: ItemDraft, field: str) -> object:
    """Return what decides whether a field differs: brands and categories by what they are filed under."""
    value = getattr(draft, field)
    return _FILED_UNDER[field](value) if field in _FILED_UNDER and value is not None else value


def _written(draft: ItemDraft, field: str) -> str:
    """Return a field of a draft for people, empty where it has no value."""
    value = getattr(draft, field)
    if isinstance(value, OpenDenomination):
        lowest, highest = (to_decimal(end, draft.currency) for end in (value.min_minor, value.max_minor))
        return f"{lowest} to {highest} {draft.currency} at {value.cost_basis_points} basis points"
    if isinstance(value, tuple):
        return ", ".join(_written_fixed(each, draft) if isinstance(each, FixedDenomination) else each for each in value)
    return "" if value is None else str(value)


def _written_fixed(fixed: FixedDenomination, draft: ItemDraft) -> str:
    """Return a fixed denomination for people: ``25.00 EUR for 23.00 EUR``."""
    cost = to_decimal(fixed.cost_minor, fixed.cost_currency)
    return f"{to_decimal(fixed.face_value_minor, draft.currency)} {draft.currency} for {cost} {fixed.cost_currency}"
