"""Orders as their holder sees them: what came, what is on its way, what happened."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from catalog import Item
from rewards_service.kit.qr import qr_svg
from rewards_service.orders.policy import LineState, OrderState
from rewards_service.orders.timeline import EventView
from rewards_service.orders.views import LineView, OrderView
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.queries import value_unit
from rewards_service.stock.operations import Credentials
from rewards_service.web.i18n import _, _n
from rewards_service.web.shop.items import kind_name, picture_seed, shown_items, subject_of
from rewards_service.web.shop.statement import short_reference
from rewards_service.web.shop.words import EVENTS, LINES, ORDERS

OPEN = frozenset({LineState.HELD, LineState.ISSUING})


@dataclass(frozen=True, slots=True)
class Secret:
    """What opens a voucher, on the one page that shows it."""

    number: str
    pin: str
    expires_on: date | None
    qr: str

    def __repr__(self) -> str:
        """Say that there is a secret, not which."""
        return "Secret(***)"


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """One line of an order as its page shows it."""

    number: int
    title: str
    kind_name: str
    subject: str
    seed: str
    face_value_minor: int
    currency: str
    state: str
    sign: str
    state_name: str
    state_note: str
    explanation: str
    how_to_use: str
    terms: str
    was_revealed: bool
    secret: Secret | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a timeline: ``ahead`` for what has not happened yet."""

    kind: str
    title: str
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class TenderLine:
    """What one wallet or code paid."""

    last4: str
    unit: Unit
    units: int


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Everything the page of one order says."""

    order_id: str
    short_reference: str
    placed_at: datetime
    headline: str
    lines: list[VoucherLine]
    tenders: list[TenderLine]
    timeline: list[Step]
    can_cancel: bool
    is_moving: bool


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of a list."""

    order_id: str
    title: str
    placed_at: datetime
    sign: str
    state_name: str
    total_units: int
    unit: Unit


def order_page(
    session: Session, *, program: Program, order: OrderView, opened: dict[int, Credentials] | None = None
) -> OrderPage:
    """Return the page of ``order``; ``opened`` holds the secrets that are shown this one time, by line number."""
    items = shown_items(session, program=program, public_ids=[line.item_id for line in order.lines])
    lines = [_line(line, item=items.get(line.item_id), opened=opened or {}) for line in order.lines]
    states = [LineState(line.state) for line in order.lines]
    return OrderPage(
        order_id=order.public_id,
        short_reference=short_reference(order.public_id),
        placed_at=order.placed_at,
        headline=_headline(states),
        lines=lines,
        tenders=[
            TenderLine(tender.last4, value_unit(program, name=tender.unit), tender.units) for tender in order.tenders
        ],
        timeline=timeline_of(order),
        can_cancel=order.state == OrderState.PROCESSING and set(states) == {LineState.HELD},
        is_moving=not OPEN.isdisjoint(states),
    )


def order_rows(orders: Sequence[OrderView], *, program: Program) -> list[OrderRow]:
    """Return orders as rows of a list."""
    return [
        OrderRow(
            order.public_id,
            titles_of(order.lines),
            order.placed_at,
            ORDERS[OrderState(order.state)].sign,
            str(ORDERS[OrderState(order.state)].name),
            order.total_units,
            value_unit(program, name=order.unit),
        )
        for order in orders
    ]


def timeline_of(order: OrderView, *, without: Collection[str] = ()) -> list[Step]:
    """Return what happened, oldest first, and what is still to come; ``without`` names events to leave out."""
    titles = {line.number: line.title for line in order.lines}
    steps = [_step(event, titles) for event in order.timeline if event.event not in without]
    ahead = [line for line in order.lines if LineState(line.state) in OPEN]
    if ahead:
        steps.append(Step("waiting", _("Being prepared"), note=titles_of(ahead)))
        steps.append(Step("ahead", _("Delivered")))
    return steps


def _step(event: EventView, titles: dict[int, str]) -> Step:
    """Return one event in words."""
    words = EVENTS.get(event.event)
    note = titles.get(event.line_number or 0, "")
    if words is None:
        return Step("neutral", event.event, event.at, note)
    return Step(words.sign, str(words.name), event.at, note)


def _line(line: LineView, *, item: Item | None, opened: dict[int, Credentials]) -> VoucherLine:
    """Return one line with the words of its state, and its secret if it is opened."""
    words = LINES[LineState(line.state)]
    credentials = opened.get(line.number)
    return VoucherLine(
        number=line.number,
        title=line.title,
        kind_name=kind_name(line.kind),
        subject=subject_of(item) if item is not None else line.kind,
        seed=picture_seed(item) if item is not None else line.item_id,
        face_value_minor=line.face_value_minor,
        currency=line.currency,
        state=line.state,
        sign=words.sign,
        state_name=str(words.name),
        state_note="",
        explanation=str(words.explanation),
        how_to_use=item.how_to_use if item is not None else "",
        terms=item.terms if item is not None else "",
        was_revealed=line.revealed_at is not None,
        secret=_secret(credentials) if credentials is not None else None,
    )


def _secret(credentials: Credentials) -> Secret:
    """Return opened credentials as text; the QR code holds the number alone, never the PIN.

    Whatever the item's own barcode is, a till that reads QR codes is spared the typing.
    """
    number = credentials.number.reveal()
    return Secret(
        number=number,
        pin=credentials.pin.reveal() if credentials.pin is not None else "",
        expires_on=credentials.expires_on,
        qr=qr_svg(number),
    )


def _headline(states: Sequence[LineState]) -> str:
    """Return the one sentence that says whether it is here."""
    here, waiting = states.count(LineState.ISSUED), sum(state in OPEN for state in states)
    if waiting:
        if here:
            return str(_("%(here)s here, %(waiting)s on the way", here=here, waiting=waiting))
        return str(_n("It is being prepared", "They are being prepared", waiting))
    if here == len(states):
        return str(_n("Your reward is here", "Your %(num)s rewards are here", here))
    if here:
        return str(_n("One of them is here", "%(num)s of them are here", here))
    return _headline_of_nothing(states)


def _headline_of_nothing(states: Sequence[LineState]) -> str:
    """Return the one sentence about an order of which nothing came."""
    if LineState.UNCERTAIN in states:
        return str(_("We don’t know yet whether it went through"))
    if LineState.FAILED in states:
        return str(_("It could not be issued, and nothing was spent"))
    return str(_("Everything went back to where it came from"))


def titles_of(lines: Sequence[LineView]) -> str:
    """Return what an order is about: its first title, and how many more there are."""
    titles = list(dict.fromkeys(line.title for line in lines))
    more = len(lines) - 1
    return (
        titles[0]
        if not more
        else str(_n("%(title)s and %(num)s more", "%(title)s and %(num)s more", more, title=titles[0]))
    )
