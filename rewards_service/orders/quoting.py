"""What an order would cost, without placing it: prices, who would pay what, and what each would have left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.identity.models import Member
from rewards_service.kit.crypto import Vault
from rewards_service.orders.agreement import common_unit, expand, points_of, unit_name
from rewards_service.orders.pricing import Plan, Purse, in_units, order_of_use, plan_payment
from rewards_service.orders.requests import Tender, WantedLine, require_usable_lines, require_usable_tenders
from rewards_service.orders.tenders import Payer, codes_that_pay, seen_purses, wallets_that_pay
from rewards_service.orders.terms import LineTerms, terms_of_lines
from rewards_service.orders.views import PayerView
from rewards_service.programs.models import Program
from rewards_service.programs.queries import PAR


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """What one wanted line would cost, in points rounded up; ``is_rounded`` tells whether that was needed."""

    item_id: str
    title: str
    face_value_minor: int
    currency: str
    quantity: int
    margin_bp: int
    price_units: int
    total_units: int
    is_rounded: bool


@dataclass(frozen=True, slots=True)
class QuotedTender(PayerView):
    """What a wallet or code would pay, and what it would have left, in its unit."""

    used_units: int
    left_units: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order would cost now; ``rate_units`` points are worth ``rate_minor``.

    ``total_units`` and ``missing_units`` are of ``unit``: the one unit of the tenders, else points.
    """

    unit: str
    total_units: int
    missing_units: int
    rate_units: int
    rate_minor: int
    lines: Sequence[QuotedLine]
    tenders: Sequence[QuotedTender]

    @property
    def is_covered(self) -> bool:
        """Tell whether the tenders would pay for everything."""
        return not self.missing_units


def quote_order(
    session: Session,
    *,
    program: Program,
    lines: Sequence[WantedLine],
    vault: Vault,
    now: datetime,
    tenders: Sequence[Tender] = (),
    member: Member | None = None,
) -> Quote:
    """Return what ``place_order`` would ask of whom; ``session`` need not be able to write.

    Raises:
        OrderInvalid, OutOfStock, CodeMistyped, CodeNotUsable, CodeReplaced, CodeRepeated: as ``place_order``.
    """
    require_usable_lines(lines)
    if tenders:
        require_usable_tenders(tenders)
    terms = terms_of_lines(session, program=program, lines=lines, now=now)
    payers = [
        *wallets_that_pay(session, program=program, tenders=tenders, member=member),
        *codes_that_pay(session, program=program, tenders=tenders, vault=vault, now=now),
    ]
    purses = seen_purses(session, program=program, payers=payers, rate=terms[0].rate, now=now)
    plan = plan_payment([line.price_minor for line in expand(terms)], purses=purses)
    return _quote(program, terms=terms, payers=payers, purses=purses, plan=plan)


def _quote(
    program: Program, *, terms: Sequence[LineTerms], payers: Sequence[Payer], purses: Sequence[Purse], plan: Plan
) -> Quote:
    """Return the plan as it is shown."""
    unit_id, rate = common_unit(program, plan=plan), terms[0].rate
    missing_units = in_units(plan.missing_minor, rate=rate if unit_id == points_of(program) else PAR)
    return Quote(
        unit=unit_name(program, unit_id=unit_id),
        total_units=_total(terms, plan=plan, unit_id=unit_id, missing_units=missing_units),
        missing_units=missing_units,
        rate_units=rate.units,
        rate_minor=rate.minor,
        lines=[_quoted_line(line) for line in terms],
        tenders=_quoted_tenders(program, payers=payers, purses=purses, plan=plan),
    )


def _total(terms: Sequence[LineTerms], *, plan: Plan, unit_id: int, missing_units: int) -> int:
    """Return what all lines cost in a unit: what is paid and what is missing, or in points where units are mixed."""
    shares = [share for line in plan.shares for share in line]
    if not shares or any(share.purse.unit_id != unit_id for share in shares):
        return sum(line.price_points * line.wanted.quantity for line in terms)
    return sum(share.units for share in shares) + missing_units


def _quoted_line(line: LineTerms) -> QuotedLine:
    """Return a wanted line with its price."""
    exact = line.price_minor * line.rate.units
    return QuotedLine(
        item_id=line.item.public_id,
        title=line.item.title,
        face_value_minor=line.item.face_value_minor,
        currency=line.item.currency,
        quantity=line.wanted.quantity,
        margin_bp=line.margin_bp,
        price_units=line.price_points,
        total_units=line.price_points * line.wanted.quantity,
        is_rounded=exact != line.price_points * line.rate.minor,
    )


def _quoted_tenders(
    program: Program, *, payers: Sequence[Payer], purses: Sequence[Purse], plan: Plan
) -> list[QuotedTender]:
    """Return what each payer would pay and keep, in the order of use."""
    used = plan.used_units()
    by_account = {payer.account_id: payer for payer in payers}
    return [
        QuotedTender(
            reference=by_account[purse.account_id].reference,
            last4=by_account[purse.account_id].last4,
            unit=unit_name(program, unit_id=purse.unit_id),
            used_units=used.get(purse.account_id, 0),
            left_units=purse.balance_units - used.get(purse.account_id, 0),
            expires_at=purse.expires_at,
        )
        for purse in sorted(purses, key=order_of_use)
    ]
