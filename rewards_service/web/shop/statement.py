"""A wallet explained: every movement, and for each unit where it came from and what it went for.

A movement is an entry of the books that touches the wallet's account. Its lots say which award each unit came from;
the award says what it was for and which row of which file told it; an order line says what the units bought.
"""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from rewards_service.kit.services import current_services
from rewards_service.ledger.queries import StatementLine, StatementPart, holder_statement
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.policy import worth_minor
from rewards_service.programs.queries import rate_of_unit
from rewards_service.wallets.models import Award, Wallet
from rewards_service.wallets.queries import awards_by_reference, wallet_view
from rewards_service.web.formatting import day, last_day, value
from rewards_service.web.i18n import _, _lazy

LINES_SHOWN = 40
TITLES = {
    "award": _lazy("Earned"),
    "issue": _lazy("Issued"),
    "transfer": _lazy("Moved"),
    "hold": _lazy("Set aside for an order"),
    "capture": _lazy("Given back from an order"),
    "void": _lazy("Given back from an order"),
    "refund": _lazy("Refunded"),
    "expire": _lazy("Expired"),
    "cancel": _lazy("Taken back"),
    "adjust": _lazy("Corrected"),
    "mirror": _lazy("Reversed"),
}
TITLES_OF_TRANSFERS = {
    "code_claim": _lazy("From a code"),
    "wallet": _lazy("Waited for you to sign in"),
    "wallet_merge": _lazy("Two wallets of yours became one"),
}
"""What a transfer into a wallet is called, by where it came from."""


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One step of an explanation; ``url`` leads to what it speaks of, if the reader may go there."""

    label: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of the balance; ``units`` above zero came in, ``balance_units`` is what there was after it."""

    title: str
    at: datetime
    units: int
    balance_units: int
    chain: list[ChainLink]


@dataclass(frozen=True, slots=True)
class LotLine:
    """One part of the balance: until when, and what it was earned for."""

    units: int
    expires_at: datetime | None
    earned_on: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class WalletStatement:
    """Everything a page says about one wallet; ``next_cursor`` begins the next page of movements, if there is one."""

    reference: str
    unit: Unit
    balance_units: int
    held_units: int
    worth_minor: int
    lots: list[LotLine]
    movements: list[Movement]
    next_cursor: str | None


def wallet_statement(
    session: Session, *, program: Program, wallet: Wallet, now: datetime, cursor: str | None = None
) -> WalletStatement:
    """Return the statement of ``wallet``: balance by lot, then its movements, newest first, from ``cursor`` on.

    Raises:
        CursorInvalid: the cursor is not one of this wallet.
    """
    unit = session.get_one(Unit, wallet.unit_id)
    view = wallet_view(session, wallet=wallet, now=now)
    page = holder_statement(
        session,
        account_id=wallet.account_id,
        signer=current_services().signer,
        cursor=cursor,
        limit=LINES_SHOWN,
    )
    parts = [part for line in page.items for part in line.parts]
    references = {lot.award_ref for lot in view.lots} | {part.award_ref for part in parts}
    awards = awards_by_reference(session, public_ids=sorted(references))
    return WalletStatement(
        reference=wallet.public_id,
        unit=unit,
        balance_units=view.balance_units,
        held_units=view.held_units,
        worth_minor=worth_minor(units=view.balance_units, rate=rate_of_unit(session, unit=unit, now=now)),
        lots=[
            LotLine(lot.units, lot.expires_at, lot.earned_on, _reason(awards.get(lot.award_ref))) for lot in view.lots
        ],
        movements=[_movement(line, program=program, unit=unit, awards=awards) for line in page.items],
        next_cursor=page.next_cursor,
    )


def short_reference(public_id: str) -> str:
    """Return the part of an order's id that people read to each other: its last eight symbols, in two groups."""
    tail = public_id[-8:].upper()
    return f"{tail[:4]}-{tail[4:]}"


def _movement(line: StatementLine, *, program: Program, unit: Unit, awards: dict[str, Award]) -> Movement:
    """Return one line of the books as its holder reads it."""
    moved = TITLES_OF_TRANSFERS.get(line.source_type) if line.kind == "transfer" else None
    title = str(moved or TITLES.get(line.kind, line.kind))
    chain = _chain(line, program=program, unit=unit, awards=awards)
    return Movement(title, line.recorded_at, line.units, line.balance_units, chain)


def _chain(line: StatementLine, *, program: Program, unit: Unit, awards: dict[str, Award]) -> list[ChainLink]:
    """Return everything that explains one line: its order, its lots with their awards, its reason, its day."""
    chain = _chain_of_order(line, program)
    for part in line.parts:
        chain += _chain_of_lot(awards.get(part.award_ref), part=part, unit=unit)
    if line.reason:
        chain.append(ChainLink(_("Reason"), line.reason))
    return [*chain, ChainLink(_("Booked"), day(line.booked_on))]


def _chain_of_lot(award: Award | None, *, part: StatementPart, unit: Unit) -> list[ChainLink]:
    """Return the steps from a part of a movement back to the row that told of it."""
    amount = value(abs(part.units), unit)
    if part.expires_at is None:
        first = ChainLink(_("Part"), _("%(amount)s, no expiry", amount=amount))
    else:
        first = ChainLink(_("Part"), _("%(amount)s, until %(day)s", amount=amount, day=last_day(part.expires_at)))
    if award is None:
        return [first]
    chain = [first, ChainLink(_("Earned for"), f"{award.reason}, {day(award.earned_on)}")]
    chain.append(ChainLink(_("Reference"), award.external_id))
    if award.source_row:
        chain.append(ChainLink(_("Told by"), award.source_row))
    return chain


def _chain_of_order(line: StatementLine, program: Program) -> list[ChainLink]:
    """Return the step to the order that a movement was for."""
    if line.source_type != "order_line":
        return []
    order_id, _separator, number = line.source_ref.partition("/")
    url = url_for("shop.order", program=program.external_id, order_id=order_id)
    return [ChainLink(_("Order"), _("%(order)s, line %(number)s", order=short_reference(order_id), number=number), url)]


def _reason(award: Award | None) -> str:
    """Return what an award was for, or nothing for value of another origin."""
    return award.reason if award is not None else ""
