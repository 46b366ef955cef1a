"""What a line costs now: the item in its face value, what the program says about it, the rate, and what is in stock."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from catalog import (
    CatalogError,
    DetailsRefused,
    FaceValueNotOffered,
    ItemNotAvailable,
    ItemNotFound,
    OrderableItem,
    get_orderable_item,
)
from catalog.kinds import Details
from rewards_service.kit.database import UtcDateTime
from rewards_service.kit.errors import FieldProblem
from rewards_service.kit.money import MINOR_MAX
from rewards_service.kit.statements import Statement
from rewards_service.orders.errors import OrderInvalid
from rewards_service.orders.policy import UNITS_MAX
from rewards_service.orders.pricing import in_units, price_minor
from rewards_service.orders.requests import WantedLine, kept_details
from rewards_service.programs.models import Offer, Program, RateVersion
from rewards_service.programs.policy import local_day
from rewards_service.stock.errors import OutOfStock
from rewards_service.stock.policy import STOCKED_KINDS
from rewards_service.stock.queries import available_now

ALL_ITEMS = "all"
NO_ITEM = "There is no such item."


class TermsRow(NamedTuple):
    """The rate in force, what the program's offer says (perhaps nothing), and how many are in stock."""

    rate_version_id: int
    rate_units: int
    rate_minor: int
    is_visible: bool | None
    margin_bp: int | None
    available: int


@dataclass(slots=True)
class PointsRate:
    """So many ``units`` of points were worth ``minor`` smallest units of money, by this version."""

    id: int
    units: int
    minor: int


@dataclass(frozen=True, slots=True)
class LineTerms:
    """One wanted line with all that decides its price.

    Attributes:
        price_minor: exactly what one unit costs, in the smallest unit of the program's currency.
        price_points: the same in points, rounded up.
        available: how many are in stock, counted no further than an order can have units.
    """

    wanted: WantedLine
    item: OrderableItem
    details: Details
    margin_bp: int
    rate: PointsRate
    price_minor: Fraction
    price_points: int
    available: int


_TERMS = Statement(
    select(
        RateVersion.id,
        RateVersion.units,
        RateVersion.minor,
        Offer.is_visible,
        Offer.margin_bp,
        available_now().label("available"),
    )
    .outerjoin(Offer, and_(Offer.program_id == RateVersion.program_id, Offer.item_id == bindparam("item_id")))
    .where(
        RateVersion.program_id == bindparam("program_id"),
        RateVersion.valid_from <= bindparam("now", type_=UtcDateTime),
    )
    .order_by(RateVersion.valid_from.desc(), RateVersion.version.desc())
    .limit(1)
)
"""One statement, because an order asks for it with the buyer waiting."""


def terms_of_lines(
    session: Session, *, program: Program, lines: Sequence[WantedLine], now: datetime
) -> list[LineTerms]:
    """Return what each line costs, in the order given; they are of usable shape.

    Raises:
        OrderInvalid: names each line whose item is unknown, hidden, withdrawn, in a currency without a rate, or not
            offered in that face value, and details that its kind cannot use.
        OutOfStock: of an item that is handed out from the stock, fewer are left than are wanted.
    """
    found = [_terms_of(session, program=program, index=index, line=line, now=now) for index, line in enumerate(lines)]
    problems = tuple(each for each in found if isinstance(each, FieldProblem))
    if problems:
        raise OrderInvalid(problems=problems)
    terms = [each for each in found if isinstance(each, LineTerms)]
    _require_stock(terms)
    return terms


def _terms_of(
    session: Session, *, program: Program, index: int, line: WantedLine, now: datetime
) -> LineTerms | FieldProblem:
    """Return what one line costs, or what is wrong with it."""
    pointer = f"/lines/{index}"
    try:
        item = get_orderable_item(
            session.connection(),
            public_id=line.item_id,
            face_value_minor=line.face_value_minor,
            owner_keys=(program.organization.public_id,),
        )
        details = kept_details(line, kind=item.kind)
    except CatalogError as error:
        return _problem_of(error, pointer=pointer)
    row = _row_of(session, program=program, item=item, now=now)
    if not _is_offered(program, item=item, is_visible=row.is_visible):
        return FieldProblem(f"{pointer}/item_id", ItemNotFound.code, NO_ITEM)
    terms = _priced(line, program=program, item=item, details=details, row=row)
    if terms.price_points * line.quantity > MINOR_MAX:
        return FieldProblem(f"{pointer}/face_value_minor", "price_too_large", "This costs more than the books keep.")
    return terms


def _problem_of(error: CatalogError, *, pointer: str) -> FieldProblem:
    """Return what the catalog refuses about a line, in a sentence that can be translated."""
    match error:
        case DetailsRefused(field=field):
            return FieldProblem(f"{pointer}/details/{field}", error.code, "This reward asks nothing of the kind.")
        case FaceValueNotOffered(offered=offered):
            sentence = "It is not to be had in this amount, but in {offered}."
            return FieldProblem(f"{pointer}/face_value_minor", error.code, sentence, {"offered": offered})
        case ItemNotAvailable():
            return FieldProblem(f"{pointer}/item_id", error.code, "Its supplier does not offer it now.")
        case _:
            return FieldProblem(f"{pointer}/item_id", error.code, NO_ITEM)


def _row_of(session: Session, *, program: Program, item: OrderableItem, now: datetime) -> TermsRow:
    """Return the rate, the offer and the stock of one item and face value."""
    parameters = {
        "program_id": program.id,
        "now": now,
        "organization_id": program.organization_id,
        "item_id": item.item_id,
        "face_value_minor": item.face_value_minor,
        "today": local_day(now, program.time_zone),
        "enough": UNITS_MAX,
    }
    return TermsRow(*_TERMS.rows(session.connection(), parameters)[0])


def _is_offered(program: Program, *, item: OrderableItem, is_visible: bool | None) -> bool:
    """Tell whether the program shows the item: it says so, or it shows all, and the currency has a rate."""
    shown = is_visible if is_visible is not None else program.catalog_mode == ALL_ITEMS
    return shown and item.currency == program.currency


def _priced(line: WantedLine, *, program: Program, item: OrderableItem, details: Details, row: TermsRow) -> LineTerms:
    """Return the line with its price: face value and margin at the rate in force, rounded up to whole points."""
    margin_bp = program.default_margin_bp if row.margin_bp is None else row.margin_bp
    rate = PointsRate(row.rate_version_id, row.rate_units, row.rate_minor)
    exact = price_minor(face_value_minor=line.face_value_minor, margin_bp=margin_bp)
    return LineTerms(line, item, details, margin_bp, rate, exact, in_units(exact, rate=rate), row.available)


def _require_stock(terms: Sequence[LineTerms]) -> None:
    """Refuse what the stock cannot serve now; whether it still can when it is handed out is decided then.

    Raises:
        OutOfStock: names the lines.
    """
    wanted: Counter[tuple[int, int]] = Counter()
    for line in terms:
        wanted[line.item.item_id, line.item.face_value_minor] += line.wanted.quantity
    problems = [
        FieldProblem(
            f"/lines/{index}/quantity", OutOfStock.code, "There are {left} of these left.", {"left": line.available}
        )
        for index, line in enumerate(terms)
        if line.item.kind in STOCKED_KINDS and line.available < wanted[line.item.item_id, line.item.face_value_minor]
    ]
    if problems:
        raise OutOfStock(problems=tuple(problems))
