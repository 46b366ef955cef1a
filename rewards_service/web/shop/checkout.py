"""The basket as it is paid: what it costs, what pays for it and in which order, what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sqlalchemy.orm import Session

from catalog import Item
from rewards_service.kit.errors import Refusal
from rewards_service.kit.money import ceil_div
from rewards_service.kit.services import current_services
from rewards_service.orders.pricing import price_minor
from rewards_service.orders.quoting import Quote, QuotedTender, quote_order
from rewards_service.orders.requests import PayByProvedCode, PayByWallet, Tender, WantedLine
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.offers import margins_of
from rewards_service.programs.policy import worth_minor
from rewards_service.programs.queries import rate_in_force, rate_of_unit, value_unit
from rewards_service.web.errors import problem_text, refusal_title
from rewards_service.web.formatting import value
from rewards_service.web.shop.balances import Balance, Holding
from rewards_service.web.shop.basket import basket_fingerprint
from rewards_service.web.shop.item_pages import rate_note
from rewards_service.web.shop.items import Prices, kind_name, picture_seed, shown_items, subject_of
from rewards_service.web.shop.visitors import Visitor

COLOURS = ("c2", "c1", "c3", "c4", "c5")
BAR_LENGTH = 1000
BAR_GAP = 4


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """One line of the basket; ``problem`` says why it cannot be ordered now."""

    item_id: str
    title: str
    kind_name: str
    subject: str
    seed: str
    face_value_minor: int
    face_total_minor: int
    currency: str
    quantity: int
    is_instant: bool
    price_note: str
    problem: str


@dataclass(frozen=True, slots=True)
class TenderRow:
    """What one wallet or code pays, and what stays in it."""

    colour: str
    last4: str
    unit: Unit
    units: int
    worth_minor: int
    left_units: int
    expires_at: datetime | None
    rate_note: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of the bar over the tenders, in thousandths of its length."""

    colour: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Source:
    """A wallet or code that may pay, and whether it does."""

    reference: str
    last4: str
    unit: Unit
    units: int
    is_used: bool


@dataclass(frozen=True, slots=True)
class Checkout:
    """Everything the basket page shows beside who is looking."""

    lines: list[CheckoutLine]
    sources: list[Source]
    tenders: list[TenderRow]
    total_minor: int
    total_note: str
    missing_minor: int
    fingerprint: str
    refusal: Refusal | None

    @property
    def count(self) -> int:
        """How many rewards there are in all."""
        return sum(line.quantity for line in self.lines)

    @property
    def can_order(self) -> bool:
        """Whether pressing the button would make an order."""
        return self.refusal is None and not self.missing_minor and bool(self.tenders)

    @property
    def shares(self) -> list[Segment]:
        """The bar: each tender by its worth."""
        whole = sum(tender.worth_minor for tender in self.tenders) or 1
        segments, before = [], 0
        for tender in self.tenders:
            start = before * BAR_LENGTH // whole
            before += tender.worth_minor
            segments.append(Segment(tender.colour, start, max(BAR_GAP, before * BAR_LENGTH // whole - start - BAR_GAP)))
        return segments


def checkout_of(
    session: Session,
    *,
    visitor: Visitor,
    balance: Balance,
    lines: Sequence[WantedLine],
    chosen: Sequence[str] | None,
    now: datetime,
) -> Checkout:
    """Return the basket with its quote; ``chosen`` names the wallets and codes that pay, None means all of them."""
    program = visitor.program
    used = [holding for holding in balance.holdings if chosen is None or holding.reference in chosen]
    quote, refusal = _quote(session, visitor=visitor, lines=lines, tenders=tenders_of(used), now=now)
    prices = Prices(program, rate_in_force(session, program_id=program.id, now=now))
    items = shown_items(session, program=program, public_ids=[line.item_id for line in lines])
    return Checkout(
        lines=_lines(prices=prices, lines=lines, items=items, refusal=refusal),
        sources=[Source(each.reference, each.last4, each.unit, each.units, each in used) for each in balance.holdings],
        tenders=_tender_rows(session, program=program, quote=quote, prices=prices, now=now),
        total_minor=_total_minor(session, program=program, lines=lines, items=items),
        total_note=_total_note(program, quote),
        missing_minor=_missing_minor(program, quote),
        fingerprint=basket_fingerprint(session, program=program, lines=lines, now=now),
        refusal=refusal,
    )


def tenders_of(holdings: Sequence[Holding]) -> list[Tender]:
    """Return holdings as an order takes them."""
    return [PayByProvedCode(holding.key) if holding.last4 else PayByWallet(holding.reference) for holding in holdings]


def _quote(
    session: Session, *, visitor: Visitor, lines: Sequence[WantedLine], tenders: list[Tender], now: datetime
) -> tuple[Quote | None, Refusal | None]:
    """Return what the order would cost, or why it could not be placed."""
    if not lines:
        return None, None
    try:
        quote = quote_order(
            session,
            program=visitor.program,
            lines=lines,
            tenders=tenders,
            member=visitor.member,
            vault=current_services().vault,
            now=now,
        )
    except Refusal as refusal:
        return None, refusal
    return quote, None


def _lines(
    *, prices: Prices, lines: Sequence[WantedLine], items: Mapping[str, Item], refusal: Refusal | None
) -> list[CheckoutLine]:
    """Return the lines as they are shown, each with what the refusal says about it."""
    shown = []
    for index, line in enumerate(lines):
        item = items.get(line.item_id)
        problem = _problem_of(index, refusal, is_known=item is not None)
        shown.append(_line(line, item=item, prices=prices, problem=problem))
    return shown


def _line(line: WantedLine, *, item: Item | None, prices: Prices, problem: str) -> CheckoutLine:
    """Return one line; an item that is gone keeps its amount and its problem."""
    total = line.face_value_minor * line.quantity
    return CheckoutLine(
        item_id=line.item_id,
        title=item.title if item is not None else line.item_id,
        kind_name=kind_name(item.kind) if item is not None else "",
        subject=subject_of(item) if item is not None else "gone",
        seed=picture_seed(item) if item is not None else line.item_id,
        face_value_minor=line.face_value_minor,
        face_total_minor=total,
        currency=item.currency if item is not None else prices.program.currency,
        quantity=line.quantity,
        is_instant=item is not None and item.kind == "gift_card",
        price_note=prices.said(line.face_value_minor),
        problem=problem,
    )


def _problem_of(index: int, refusal: Refusal | None, *, is_known: bool) -> str:
    """Return what stands in the way of one line."""
    if refusal is None:
        return ""
    own = [problem_text(problem) for problem in refusal.problems if problem.pointer.startswith(f"/lines/{index}")]
    return own[0] if own else "" if is_known else refusal_title(refusal)


def _tender_rows(
    session: Session, *, program: Program, quote: Quote | None, prices: Prices, now: datetime
) -> list[TenderRow]:
    """Return what each wallet and code pays, in the order of use; those that pay nothing are left out."""
    paying = [tender for tender in (quote.tenders if quote is not None else ()) if tender.used_units]
    note = rate_note(prices)
    return [
        _tender_row(session, program=program, tender=tender, colour=COLOURS[index % len(COLOURS)], note=note, now=now)
        for index, tender in enumerate(paying)
    ]


def _tender_row(
    session: Session, *, program: Program, tender: QuotedTender, colour: str, note: str, now: datetime
) -> TenderRow:
    """Return one tender."""
    unit = value_unit(program, name=tender.unit)
    worth = worth_minor(units=tender.used_units, rate=rate_of_unit(session, unit=unit, now=now))
    return TenderRow(colour, tender.last4, unit, tender.used_units, worth, tender.left_units, tender.expires_at, note)


def _total_minor(session: Session, *, program: Program, lines: Sequence[WantedLine], items: Mapping[str, Item]) -> int:
    """Return what the basket costs in the program's currency, margins included, rounded up once."""
    margins = margins_of(session, program=program, item_ids=[item.id for item in items.values()])
    prices = [
        price_minor(face_value_minor=line.face_value_minor, margin_bp=margins[items[line.item_id].id]) * line.quantity
        for line in lines
        if line.item_id in items
    ]
    return ceil(sum(prices))


def _total_note(program: Program, quote: Quote | None) -> str:
    """Return the total in the unit that pays, where that is points."""
    if quote is None or not quote.tenders:
        return ""
    unit = value_unit(program, name=quote.unit)
    return value(quote.total_units, unit) if unit.kind == "points" else ""


def _missing_minor(program: Program, quote: Quote | None) -> int:
    """Return what is missing in the program's currency, rounded up."""
    if quote is None or not quote.missing_units:
        return 0
    if value_unit(program, name=quote.unit).kind == "points":
        return ceil_div(quote.missing_units * quote.rate_minor, quote.rate_units)
    return quote.missing_units
