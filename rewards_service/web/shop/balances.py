"""What a visitor can spend: the member's wallets and the codes proved in this session."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.codes.entering import EnteredCode
from rewards_service.codes.policy import CodeState
from rewards_service.codes.queries import CodeView, code_by_public_id, code_views
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.policy import worth_minor
from rewards_service.programs.queries import rate_of_unit
from rewards_service.wallets.queries import LotView, wallet_view, wallets_of_member
from rewards_service.web.shop.visitors import Visitor


@dataclass(frozen=True, slots=True)
class Holding:
    """Value behind one handle: a wallet, or a code that ends in ``last4``.

    Attributes:
        reference: the public id of the wallet or the code.
        key: the internal key of the wallet or the code.
        expires_at: when the first of its units end, if any do.
        expiring_units: how many units end then.
    """

    reference: str
    key: int
    account_id: int
    unit: Unit
    units: int
    worth_minor: int
    currency: str
    expires_at: datetime | None
    expiring_units: int
    last4: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """All value of one unit, whatever holds it, with the part that ends first."""

    unit: Unit
    units: int
    worth_minor: int
    currency: str
    expires_at: datetime | None
    expiring_units: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Everything a visitor can spend."""

    holdings: tuple[Holding, ...] = ()
    basket_count: int = 0

    @property
    def codes(self) -> list[Holding]:
        """The part that is held by codes."""
        return [holding for holding in self.holdings if holding.last4]

    @property
    def wallets(self) -> list[Holding]:
        """The part that is held by the member's wallets."""
        return [holding for holding in self.holdings if not holding.last4]

    @property
    def worth_minor(self) -> int:
        """What all of it is worth, in the program's currency."""
        return sum(holding.worth_minor for holding in self.holdings)

    @property
    def figures(self) -> list[Figure]:
        """One figure for each unit, money before points."""
        by_unit: dict[int, list[Holding]] = defaultdict(list)
        for holding in self.holdings:
            by_unit[holding.unit.id].append(holding)
        return sorted((_figure(same) for same in by_unit.values()), key=lambda figure: figure.unit.kind == "points")


def balance_of(session: Session, *, visitor: Visitor, basket_count: int, now: datetime) -> Balance:
    """Return what ``visitor`` can spend at ``now``; codes that hold nothing any more are left out."""
    return Balance((*_wallet_holdings(session, visitor, now), *_code_holdings(session, visitor, now)), basket_count)


def holding_of(session: Session, entered: EnteredCode, *, now: datetime) -> Holding:
    """Return what a code that was entered holds at ``now``."""
    program = session.get_one(Program, entered.code.program_id)
    return _code_holding(session, CodeView(entered.code, CodeState.ACTIVE, entered.value), program, now)


def _wallet_holdings(session: Session, visitor: Visitor, now: datetime) -> Iterable[Holding]:
    """Return the member's wallets that hold something."""
    if visitor.member is None:
        return
    for wallet in wallets_of_member(session, member_id=visitor.member.id):
        view = wallet_view(session, wallet=wallet, now=now)
        unit = session.get_one(Unit, wallet.unit_id)
        if view.balance_units:
            expires_at, expiring = _soonest(view.lots)
            worth = worth_minor(units=view.balance_units, rate=rate_of_unit(session, unit=unit, now=now))
            yield Holding(
                wallet.public_id,
                wallet.id,
                wallet.account_id,
                unit,
                view.balance_units,
                worth,
                visitor.program.currency,
                expires_at,
                expiring,
            )


def _code_holdings(session: Session, visitor: Visitor, now: datetime) -> Iterable[Holding]:
    """Return the proved codes that hold something."""
    program: Program = visitor.program
    codes = [
        code_by_public_id(session, organization_id=program.organization_id, public_id=public_id)
        for public_id in visitor.code_ids
    ]
    for view in code_views(session, codes=codes, now=now):
        if view.value.usable_units and view.state == CodeState.ACTIVE:
            yield _code_holding(session, view, program, now)


def _code_holding(session: Session, view: CodeView, program: Program, now: datetime) -> Holding:
    """Return what one code holds."""
    units, unit = view.value.usable_units, session.get_one(Unit, view.code.unit_id)
    return Holding(
        view.code.public_id,
        view.code.id,
        view.code.account_id,
        unit,
        units,
        worth_minor(units=units, rate=rate_of_unit(session, unit=unit, now=now)),
        program.currency,
        view.value.expires_at,
        units,
        view.code.last4,
    )


def _soonest(lots: list[LotView]) -> tuple[datetime | None, int]:
    """Return when the first units end, and how many end at that moment."""
    first = min((lot.expires_at for lot in lots if lot.expires_at is not None), default=None)
    return first, sum(lot.units for lot in lots if first is not None and lot.expires_at == first)


def _figure(holdings: list[Holding]) -> Figure:
    """Return holdings of one unit as one figure."""
    first = min((each.expires_at for each in holdings if each.expires_at is not None), default=None)
    expiring = sum(each.expiring_units for each in holdings if first is not None and each.expires_at == first)
    units, worth = sum(each.units for each in holdings), sum(each.worth_minor for each in holdings)
    return Figure(holdings[0].unit, units, worth, holdings[0].currency, first, expiring)
