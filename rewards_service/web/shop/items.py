"""Items as pages show them: a name, a picture, what they cost in money and in the program's points."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from babel import Locale
from sqlalchemy.orm import Session

from catalog import Item, ItemNotFound, ItemState, get_item
from rewards_service.programs.models import Program
from rewards_service.programs.offers import margins_of, visibility_of
from rewards_service.programs.policy import Rate, price_units
from rewards_service.web.art import subject_in
from rewards_service.web.formatting import listed, money, number, round_money, value
from rewards_service.web.i18n import _, _lazy, get_locale

LISTED_MAX = 3
"""So many fixed amounts are named one by one; more are shown as a range."""

COUNTRIES_NAMED_MAX = 6
CHOICES_OF_OPEN_MINOR = (1000, 2500, 5000, 10000)
"""Amounts offered for an item of any amount, in the smallest unit of a currency with cents."""

KIND_NAMES = {
    "gift_card": _lazy("Gift card"),
    "experience": _lazy("Experience"),
    "payout": _lazy("Cash payout"),
    "donation": _lazy("Donation"),
}


@dataclass(frozen=True, slots=True)
class Prices:
    """How one program prices one item: the rate of its points, and the margin it adds."""

    program: Program
    rate: Rate
    margin_bp: int = 0

    def points(self, face_value_minor: int) -> int:
        """Return the price in points."""
        return price_units(face_minor=face_value_minor, margin_bp=self.margin_bp, rate=self.rate)

    def said(self, face_value_minor: int) -> str:
        """Return the price as people read it, or nothing for a program without points."""
        unit = self.program.points_unit
        return value(self.points(face_value_minor), unit) if unit is not None else ""


@dataclass(frozen=True, slots=True)
class ItemCard:
    """One item of a list."""

    public_id: str
    title: str
    brand: str
    subject: str
    seed: str
    kind_name: str
    face_range: str
    price_range: str
    is_available: bool
    is_instant: bool
    missing: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One amount to choose; ``is_chosen`` marks the first that is to be had."""

    face_value_minor: int
    price_note: str
    is_chosen: bool
    is_sold_out: bool


def shown_items(session: Session, *, program: Program, public_ids: Iterable[str]) -> dict[str, Item]:
    """Return those of the items that the shop of ``program`` shows, by public id; others are left out."""
    found = {}
    for public_id in dict.fromkeys(public_ids):
        with suppress(ItemNotFound):
            visibility = visibility_of(program)
            found[public_id] = get_item(session.connection(), public_id=public_id, visibility=visibility)
    return found


def cards_of(
    session: Session, *, program: Program, items: Sequence[Item], rate: Rate, budget_minor: int | None
) -> list[ItemCard]:
    """Return items as cards; ``budget_minor`` is what the visitor can spend, None when nobody is signed in."""
    margins = margins_of(session, program=program, item_ids=[item.id for item in items])
    return [card_of(item, prices=Prices(program, rate, margins[item.id]), budget_minor=budget_minor) for item in items]


def card_of(item: Item, *, prices: Prices, budget_minor: int | None) -> ItemCard:
    """Return one item as a card that says what is missing to its cheapest amount."""
    lowest, highest = _bounds(item)
    missing_minor = (
        lowest - budget_minor if budget_minor is not None and item.currency == prices.program.currency else 0
    )
    price_range = prices.said(lowest)
    if lowest != highest and price_range:
        price_range = _("from %(price)s", price=price_range)
    return ItemCard(
        public_id=item.public_id,
        title=item.title,
        brand=item.brand,
        subject=subject_of(item),
        seed=picture_seed(item),
        kind_name=kind_name(item.kind),
        face_range=face_range(item),
        price_range=price_range,
        is_available=item.state == ItemState.AVAILABLE,
        is_instant=item.kind == "gift_card",
        missing=money(missing_minor, item.currency) if missing_minor > 0 else "",
    )


def face_range(item: Item) -> str:
    """Return the amounts an item is to be had in: ``€15, €30 and €60`` or ``€10 to €250``."""
    amounts = [fixed.face_value_minor for fixed in item.fixed]
    if amounts and len(amounts) <= LISTED_MAX and item.open is None:
        return listed((round_money(amount, item.currency) for amount in amounts), either=True)
    lowest, highest = _bounds(item)
    return range_text(lowest, highest, item.currency)


def range_text(lowest_minor: int, highest_minor: int, currency: str) -> str:
    """Return two amounts as ``€10 to €250``; one amount when both are the same."""
    if lowest_minor == highest_minor:
        return round_money(lowest_minor, currency)
    low, high = round_money(lowest_minor, currency), round_money(highest_minor, currency)
    return str(_("%(low)s to %(high)s", low=low, high=high))


def choices_of(item: Item, *, prices: Prices, sold_out: Collection[int]) -> list[Choice]:
    """Return the amounts a page offers to choose: the fixed ones, or some usual ones within the range."""
    amounts = [fixed.face_value_minor for fixed in item.fixed]
    if item.open is not None:
        inside = [amount for amount in CHOICES_OF_OPEN_MINOR if item.open.min_minor <= amount <= item.open.max_minor]
        amounts = sorted({*amounts, *inside})
    first = next((amount for amount in amounts if amount not in sold_out), None)
    return [
        Choice(
            amount,
            str(_("sold out")) if amount in sold_out else prices.said(amount),
            amount == first,
            amount in sold_out,
        )
        for amount in amounts
    ]


def kind_name(kind: str) -> str:
    """Return what a kind of item is called."""
    return str(KIND_NAMES.get(kind, kind))


def subject_of(item: Item) -> str:
    """Return the word that chooses the picture's motif."""
    return subject_in(item.title, item.category.slug if item.category is not None else "", item.kind)


def picture_seed(item: Item) -> str:
    """Return what the picture is drawn from: the brand, so that all its items look alike."""
    return item.brand.replace("/", " ") or item.public_id


def country_names(countries: Sequence[str]) -> str:
    """Return countries as a sentence part; many are counted."""
    locale = get_locale() or Locale.parse("en")
    names = [locale.territories.get(country, country) for country in countries]
    if len(names) > COUNTRIES_NAMED_MAX:
        return str(_("%(count)s countries", count=number(len(names))))
    return listed(names)


def _bounds(item: Item) -> tuple[int, int]:
    """Return the lowest and the highest amount of an item."""
    amounts = [fixed.face_value_minor for fixed in item.fixed]
    if item.open is not None:
        amounts += [item.open.min_minor, item.open.max_minor]
    return min(amounts, default=0), max(amounts, default=0)
