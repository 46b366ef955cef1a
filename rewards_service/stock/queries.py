"""Reads of the stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ScalarSelect, bindparam, func, select
from sqlalchemy.orm import Session

from catalog import tables as catalog
from rewards_service.ledger.chart import CHART, Role
from rewards_service.ledger.models import Account, Posting
from rewards_service.stock.errors import VoucherNotFound
from rewards_service.stock.models import StockItem, Voucher
from rewards_service.stock.policy import VoucherState, is_low


@dataclass(frozen=True, slots=True)
class StockLevel:
    """How many vouchers of an item and face value are left to hand out."""

    stock_item_id: int
    item_id: int
    item_title: str
    face_value_minor: int
    currency: str
    available: int
    threshold: int

    @property
    def is_low(self) -> bool:
        """Tell whether somebody should buy more."""
        return is_low(available=self.available, threshold=self.threshold)


@dataclass(frozen=True, slots=True)
class StockBreak:
    """An item whose stock account does not say what its vouchers cost; amounts in smallest units."""

    book_owner: str
    booked_minor: int
    vouchers_minor: int


def available_now() -> ScalarSelect[int]:
    """Return the expression that counts vouchers to hand out, for statements that ask for more besides.

    It takes the parameters of ``count_available``.
    """
    found = (
        select(Voucher.id)
        .where(
            Voucher.item_id == bindparam("item_id"),
            Voucher.organization_id == bindparam("organization_id"),
            Voucher.face_value_minor == bindparam("face_value_minor"),
            Voucher.state == VoucherState.AVAILABLE.value,
            Voucher.expires_on >= bindparam("today"),
        )
        .limit(bindparam("enough"))
        .subquery("vouchers")
    )
    return select(func.count()).select_from(found).scalar_subquery()


def count_available(
    session: Session, *, organization_id: int, item_id: int, face_value_minor: int, today: date, enough: int
) -> int:
    """Return how many vouchers may be handed out on ``today``, counting no further than ``enough``."""
    parameters = {
        "organization_id": organization_id,
        "item_id": item_id,
        "face_value_minor": face_value_minor,
        "today": today,
        "enough": enough,
    }
    return session.connection().execute(_COUNT, parameters).scalar_one()


_COUNT = select(available_now())


def stock_levels(session: Session, *, organization_id: int, today: date) -> list[StockLevel]:
    """Return what an organization has in stock, by item and face value; those that have run out included."""
    left = func.count().filter(Voucher.state == VoucherState.AVAILABLE.value, Voucher.expires_on >= today)
    rows = session.execute(
        select(
            StockItem.id,
            StockItem.item_id,
            catalog.item.c.title,
            Voucher.face_value_minor,
            Voucher.currency,
            left,
            StockItem.low_stock_threshold,
        )
        .join(Voucher, (Voucher.item_id == StockItem.item_id) & (Voucher.organization_id == StockItem.organization_id))
        .join(catalog.item, catalog.item.c.id == StockItem.item_id)
        .where(StockItem.organization_id == organization_id)
        .group_by(StockItem.id, catalog.item.c.title, Voucher.face_value_minor, Voucher.currency)
        .order_by(catalog.item.c.title, Voucher.face_value_minor)
    )
    return [StockLevel(*row) for row in rows]


def stock_item_of(session: Session, *, organization_id: int, item_id: int) -> StockItem | None:
    """Return what an organization keeps of an item, nothing when it never had any."""
    return session.scalar(
        select(StockItem).where(StockItem.organization_id == organization_id, StockItem.item_id == item_id)
    )


def voucher_of_line(session: Session, *, order_line_id: int) -> Voucher:
    """Return the voucher that an order line was handed.

    Raises:
        VoucherNotFound: it was handed none.
    """
    found = session.scalar(select(Voucher).where(Voucher.order_line_id == order_line_id))
    if found is None:
        raise VoucherNotFound
    return found


def stock_breaks(session: Session, *, organization_id: int) -> Sequence[StockBreak]:
    """Return the items whose stock account differs from what its vouchers not handed out cost: none, if all is well.

    Invariant 20 of the accounting model.
    """
    vouchers = _cost_by_owner(session, organization_id=organization_id)
    booked = _booked_by_owner(session, organization_id=organization_id)
    return [
        StockBreak(owner, booked.get(owner, 0), vouchers.get(owner, 0))
        for owner in sorted(vouchers.keys() | booked.keys())
        if booked.get(owner, 0) != vouchers.get(owner, 0)
    ]


def _cost_by_owner(session: Session, *, organization_id: int) -> dict[str, int]:
    """Return, per item's component in the books, what its vouchers not handed out cost."""
    rows = session.execute(
        select(StockItem.book_owner, func.sum(Voucher.cost_minor))
        .join(Voucher, (Voucher.item_id == StockItem.item_id) & (Voucher.organization_id == StockItem.organization_id))
        .where(StockItem.organization_id == organization_id, Voucher.state == VoucherState.AVAILABLE.value)
        .group_by(StockItem.book_owner)
    )
    return {owner: int(cost_minor) for owner, cost_minor in rows}


def _booked_by_owner(session: Session, *, organization_id: int) -> dict[str, int]:
    """Return, per item's component in the books, the balance of its stock account (positive = debit)."""
    balances: dict[str, int] = {}
    prefix = CHART[Role.STOCK].template.format(owner="")
    for column, sign in ((Posting.debit_account_id, 1), (Posting.credit_account_id, -1)):
        rows = session.execute(
            select(Account.book_name, func.sum(Posting.units))
            .join(Posting, column == Account.id)
            .where(Account.organization_id == organization_id, Account.role == Role.STOCK.value)
            .group_by(Account.book_name)
        )
        for name, units in rows:
            owner = name.removeprefix(prefix)
            balances[owner] = balances.get(owner, 0) + sign * int(units)
    return balances
