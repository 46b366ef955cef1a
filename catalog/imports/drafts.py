"""What reading a supplier's file yields: items as the file describes them, before the database is asked."""

from dataclasses import dataclass, field

from catalog.errors import RowProblem
from catalog.items import FixedDenomination, OpenDenomination
from catalog.tables import ItemState


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """One item as its supplier describes it; two drafts are equal when they would store the same.

    Attributes:
        category: the title of its category, perhaps none.
        countries: ISO 3166-1 codes in order; none says that it is redeemable everywhere.
        popularity: ``None`` leaves what is stored; a new item starts at 0.
        fixed: in order of face value.
        row: where in the file it stands.
    """

    supplier_reference: str
    kind: str
    brand: str
    title: str
    currency: str
    category: str | None = None
    description: str = ""
    terms: str = ""
    how_to_use: str = ""
    image_reference: str | None = None
    barcode_type: str = "none"
    state: ItemState = ItemState.AVAILABLE
    popularity: int | None = None
    countries: tuple[str, ...] = ()
    fixed: tuple[FixedDenomination, ...] = ()
    open: OpenDenomination | None = None
    row: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """A supplier's file, read and found good.

    Attributes:
        shape: which of the known shapes it has: ``own_csv``, ``own_json``, ``tango`` or ``reloadly``.
        drafts: its items, in the order of the file.
        passed_over: what the file offers and this catalog does not carry, with the reason; not an error.
    """

    shape: str
    drafts: tuple[ItemDraft, ...]
    passed_over: tuple[RowProblem, ...] = ()
