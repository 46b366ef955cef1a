"""A wallet explained: every movement, and for each unit where it came from and what it went for.

A movement is an entry of the books that touches the wallet's account. Its lots say which award each unit came from;
the award says what it was for and which row of which file told it; an order line says what the units bought.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from rewards_service.ledger.models import Entry, Lot, LotMovement, Posting
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.policy import worth_minor
from rewards_service.programs.queries import rate_of_unit
from rewards_service.wallets.models import Award, Wallet
from rewards_service.wallets.queries import awards_by_reference, wallet_view
from rewards_service.web.formatting import day, last_day, value
from rewards_service.web.i18n import _, _lazy

ENTRIES_SHOWN = 40
TITLES = {
    "award": _lazy("Earned"),
    "issue": _lazy("Issued"),
    "transfer": _lazy("Moved"),
    "hold": _lazy("Set aside for an order"),
    "capture": _lazy("Spent"),
    "void": _lazy("Given back from an order"),
    "refund": _lazy("Refunded"),
    "expire": _lazy("Expired"),
    "cancel": _lazy("Taken back"),
    "adjust": _lazy("Corrected"),
    "mirror": _lazy("Reversed"),
}
TITLES_BY_SOURCE = {"code_claim": _lazy("From a code"), "wallet": _lazy("Waited for you to sign in")}
"""What a transfer into a wallet is called, by where it came from."""


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One step of an explanation; ``url`` leads to what it speaks of, if the reader may go there."""

    label: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of the balance; ``units`` above zero came in."""

    title: str
    at: datetime
    units: int
    chain: list[ChainLink]


@dataclass(frozen=True, slots=True)
class Origin:
    """Some units of a movement: what made them, how many, and when they end."""

    award_ref: str
    units: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class LotLine:
    """One part of the balance: until when, and what it was earned for."""

    units: int
    expires_at: datetime | None
    earned_on: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class WalletStatement:
    """Everything a page says about one wallet; ``older_than`` begins the next page, if there is one."""

    unit: Unit
    balance_units: int
    held_units: int
    worth_minor: int
    lots: list[LotLine]
    entries: list[Movement]
    older_than: int | None


def wallet_statement(
    session: Session, *, program: Program, wallet: Wallet, now: datetime, before_id: int | None = None
) -> WalletStatement:
    """Return the statement of ``wallet``: balance by lot, then the newest movements before ``before_id``."""
    unit = session.get_one(Unit, wallet.unit_id)
    view = wallet_view(session, wallet=wallet, now=now)
    awards = awards_by_reference(session, public_ids=[lot.award_ref for lot in view.lots])
    rows = _entries(session, account_id=wallet.account_id, before_id=before_id)
    shown = rows[:ENTRIES_SHOWN]
    return WalletStatement(
        unit=unit,
        balance_units=view.balance_units,
        held_units=view.held_units,
        worth_minor=worth_minor(units=view.balance_units, rate=rate_of_unit(session, unit=unit, now=now)),
        lots=[
            LotLine(lot.units, lot.expires_at, lot.earned_on, _reason(awards.get(lot.award_ref))) for lot in view.lots
        ],
        entries=_explained(session, program=program, wallet=wallet, unit=unit, rows=shown),
        older_than=shown[-1][0].id if len(rows) > ENTRIES_SHOWN else None,
    )


def _entries(session: Session, *, account_id: int, before_id: int | None) -> list[tuple[Entry, int]]:
    """Return entries that touch an account with what each did to it, newest first, one more than is shown."""
    came_in = case((Posting.credit_account_id == account_id, Posting.units), else_=-Posting.units)
    touches = or_(Posting.credit_account_id == account_id, Posting.debit_account_id == account_id)
    change = func.sum(came_in).label("units")
    sums = select(Posting.entry_id.label("id"), change).where(touches).group_by(Posting.entry_id)
    if before_id is not None:
        sums = sums.where(Posting.entry_id < before_id)
    newest = sums.order_by(Posting.entry_id.desc()).limit(ENTRIES_SHOWN + 1).subquery()
    statement = select(Entry, newest.c.units).join(newest, newest.c.id == Entry.id).order_by(Entry.id.desc())
    return [(entry, int(units)) for entry, units in session.execute(statement)]


def _explained(
    session: Session, *, program: Program, wallet: Wallet, unit: Unit, rows: Sequence[tuple[Entry, int]]
) -> list[Movement]:
    """Return the movements of ``rows`` with the chain behind each."""
    origins = _origins(session, account_id=wallet.account_id, entry_ids=[entry.id for entry, _units in rows])
    references = {origin.award_ref for found in origins.values() for origin in found}
    awards = awards_by_reference(session, public_ids=sorted(references))
    return [
        Movement(
            str(TITLES_BY_SOURCE.get(entry.source_type) or TITLES.get(entry.kind, entry.kind)),
            entry.recorded_at,
            units,
            _chain(entry, program=program, unit=unit, origins=origins.get(entry.id, []), awards=awards),
        )
        for entry, units in rows
    ]


def _chain(
    entry: Entry, *, program: Program, unit: Unit, origins: list[Origin], awards: dict[str, Award]
) -> list[ChainLink]:
    """Return everything that explains one entry: its order, its lots with their awards, its reason, its day."""
    chain = _chain_of_order(entry, program)
    for origin in origins:
        chain += _chain_of_lot(awards.get(origin.award_ref), origin=origin, unit=unit)
    if entry.reason:
        chain.append(ChainLink(_("Reason"), entry.reason))
    return [*chain, ChainLink(_("Booked"), day(entry.booked_on))]


def _origins(session: Session, *, account_id: int, entry_ids: list[int]) -> dict[int, list[Origin]]:
    """Return, for each entry, from which lots its units came."""
    made = (
        select(Lot.entry_id, Lot.award_ref, Lot.base_units, Lot.expires_at)
        .where(Lot.account_id == account_id, Lot.entry_id.in_(entry_ids))
        .order_by(Lot.id)
    )
    moved = (
        select(LotMovement.entry_id, Lot.award_ref, LotMovement.available_delta, Lot.expires_at)
        .join(Lot, Lot.id == LotMovement.lot_id)
        .where(Lot.account_id == account_id, LotMovement.entry_id.in_(entry_ids), LotMovement.available_delta != 0)
        .order_by(LotMovement.id)
    )
    origins: dict[int, list[Origin]] = {}
    for statement in (made, moved):
        for entry_id, award_ref, units, expires_at in session.execute(statement):
            origins.setdefault(entry_id, []).append(Origin(award_ref, abs(units), expires_at))
    return origins


def _chain_of_lot(award: Award | None, *, origin: Origin, unit: Unit) -> list[ChainLink]:
    """Return the steps from a part of a movement back to the row that told of it."""
    ends = last_day(origin.expires_at) if origin.expires_at is not None else _("no expiry")
    part = ChainLink(_("Part"), _("%(amount)s, until %(day)s", amount=value(origin.units, unit), day=ends))
    if award is None:
        return [part]
    chain = [part, ChainLink(_("Earned for"), f"{award.reason}, {day(award.earned_on)}")]
    chain.append(ChainLink(_("Reference"), award.external_id))
    if award.source_row:
        chain.append(ChainLink(_("Told by"), award.source_row))
    return chain


def _chain_of_order(entry: Entry, program: Program) -> list[ChainLink]:
    """Return the step to the order that a movement was for."""
    if entry.source_type != "order_line":
        return []
    order_id, _separator, number = entry.source_ref.partition("/")
    url = url_for("shop.order", program=program.external_id, order_id=order_id)
    return [ChainLink(_("Order"), _("%(order)s, line %(number)s", order=short_reference(order_id), number=number), url)]


def short_reference(public_id: str) -> str:
    """Return the part of an order's id that people read to each other: its last eight symbols, in two groups."""
    tail = public_id[-8:].upper()
    return f"{tail[:4]}-{tail[4:]}"


def _reason(award: Award | None) -> str:
    """Return what an award was for, or nothing for value of another origin."""
    return award.reason if award is not None else ""
