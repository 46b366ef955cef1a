"""One item as its page shows it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from catalog import Item, get_item
from catalog.errors import ItemNotFound
from rewards_service.kit.errors import FieldProblem, NotFound
from rewards_service.orders.requests import WantedLine
from rewards_service.programs.models import Program
from rewards_service.programs.offers import margins_of, visibility_of
from rewards_service.programs.policy import local_day
from rewards_service.programs.queries import rate_in_force
from rewards_service.stock.policy import STOCKED_KINDS
from rewards_service.stock.queries import count_available
from rewards_service.web.formatting import money, value
from rewards_service.web.forms import FormIncomplete
from rewards_service.web.i18n import _
from rewards_service.web.shop.items import (
    Choice,
    ItemCard,
    Prices,
    card_of,
    choices_of,
    country_names,
    face_range,
    range_text,
)


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Everything the page of one item says."""

    card: ItemCard
    public_id: str
    title: str
    brand: str
    kind_name: str
    subject: str
    seed: str
    description: str
    how_to_use: str
    terms: str
    currency: str
    category_slug: str
    category_title: str
    countries: str
    is_available: bool
    is_instant: bool
    choices: list[Choice]
    is_open: bool
    open_range: str
    rate_note: str


def item_page(session: Session, *, program: Program, item: Item, budget_minor: int | None, now: datetime) -> ItemPage:
    """Return what the page of ``item`` says in the shop of ``program``."""
    margin_bp = margins_of(session, program=program, item_ids=[item.id])[item.id]
    prices = Prices(program, rate_in_force(session, program_id=program.id, now=now), margin_bp)
    card = card_of(item, prices=prices, budget_minor=budget_minor)
    sold_out = _sold_out(session, program=program, item=item, now=now)
    return ItemPage(
        card=card,
        public_id=item.public_id,
        title=item.title,
        brand=card.brand,
        kind_name=card.kind_name,
        subject=card.subject,
        seed=card.seed,
        description=item.description,
        how_to_use=item.how_to_use,
        terms=item.terms,
        currency=item.currency,
        category_slug=item.category.slug if item.category is not None else "",
        category_title=item.category.title if item.category is not None else "",
        countries=country_names(item.countries) if item.countries else "",
        is_available=card.is_available,
        is_instant=card.is_instant,
        choices=choices_of(item, prices=prices, sold_out=sold_out),
        is_open=item.open is not None,
        open_range=range_text(item.open.min_minor, item.open.max_minor, item.currency) if item.open else "",
        rate_note=rate_note(prices),
    )


def offered_item(session: Session, *, program: Program, public_id: str) -> Item:
    """Return an item that the shop of ``program`` shows. Raises ``NotFound``."""
    try:
        return get_item(session.connection(), public_id=public_id, visibility=visibility_of(program))
    except ItemNotFound as error:
        raise NotFound("This reward is not offered here, or not any more.") from error


def require_offered(session: Session, *, program: Program, line: WantedLine) -> None:
    """Refuse a line that the shop does not offer, before it lies in a basket.

    Raises:
        NotFound: the shop shows no such item.
        FormIncomplete: it is not to be had in this amount; says in which.
    """
    item = offered_item(session, program=program, public_id=line.item_id)
    amounts = {fixed.face_value_minor for fixed in item.fixed}
    within = item.open is not None and item.open.min_minor <= line.face_value_minor <= item.open.max_minor
    if line.face_value_minor not in amounts and not within:
        sentence = str(_("It is to be had for %(amounts)s.", amounts=face_range(item)))
        raise FormIncomplete(problems=(FieldProblem("/face_value_minor", "face_value_not_offered", sentence),))


def _sold_out(session: Session, *, program: Program, item: Item, now: datetime) -> frozenset[int]:
    """Return the amounts of an item whose vouchers are used up; only items from our own stock ever are."""
    if item.kind not in STOCKED_KINDS:
        return frozenset()
    today = local_day(now, program.time_zone)
    return frozenset(
        fixed.face_value_minor
        for fixed in item.fixed
        if not count_available(
            session,
            organization_id=program.organization_id,
            item_id=item.id,
            face_value_minor=fixed.face_value_minor,
            today=today,
            enough=1,
        )
    )


def rate_note(prices: Prices) -> str:
    """Return what the program's points are worth: ``100 points = €1.00``; nothing without points."""
    unit = prices.program.points_unit
    if unit is None:
        return ""
    worth = money(prices.rate.minor, prices.program.currency)
    return str(_("%(points)s = %(worth)s", points=value(prices.rate.units, unit), worth=worth))
