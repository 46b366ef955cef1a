"""A voucher goes out: to one order line, ever."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, Select, bindparam, select, update
from sqlalchemy.orm import Session

from rewards_service.kit.database import UtcDateTime
from rewards_service.stock.errors import OutOfStock
from rewards_service.stock.models import Voucher
from rewards_service.stock.operations.thresholds import Pool, tell_low_stock
from rewards_service.stock.policy import CONTENDED_MAX, VoucherState


@dataclass(frozen=True, slots=True)
class HandedOut:
    """The voucher that a line got; amounts in smallest units of its currency."""

    voucher_id: int
    public_id: str
    cost_minor: int
    vat_minor: int


_CANDIDATES = (
    select(Voucher.id)
    .where(
        Voucher.item_id == bindparam("item_id"),
        Voucher.organization_id == bindparam("organization_id"),
        Voucher.face_value_minor == bindparam("face_value_minor"),
        Voucher.state == VoucherState.AVAILABLE.value,
        Voucher.expires_on >= bindparam("today"),
    )
    .order_by(Voucher.expires_on, Voucher.id)
)
_FREE = _CANDIDATES.limit(1).with_for_update(skip_locked=True)
_CONTENDED = _CANDIDATES.limit(CONTENDED_MAX).with_for_update()
_TAKE = (
    update(Voucher)
    .where(Voucher.id == bindparam("voucher_id"), Voucher.state == VoucherState.AVAILABLE.value)
    .values(
        state=VoucherState.ISSUED.value,
        order_line_id=bindparam("line_id"),
        state_changed_at=bindparam("at", type_=UtcDateTime),
    )
    .returning(Voucher.id, Voucher.public_id, Voucher.cost_minor, Voucher.vat_minor)
)
_VOID = (
    update(Voucher)
    .where(Voucher.order_line_id == bindparam("line_id"), Voucher.state == VoucherState.ISSUED.value)
    .values(state=VoucherState.VOID.value, state_changed_at=bindparam("at", type_=UtcDateTime))
)


def hand_out_voucher(
    session: Session,
    *,
    organization_id: int,
    item_id: int,
    face_value_minor: int,
    order_line_id: int,
    today: date,
    now: datetime,
) -> HandedOut:
    """Give an order line the voucher that ends soonest after ``today`` (the program's day), and return it.

    Whoever asks at the same time gets another one. When all that are left are on their way out in other transactions,
    those are waited for: only if they do commit is there none.

    Raises:
        OutOfStock: none is left.
        IntegrityError: the line has a voucher already; the caller locks the line and looks before.
    """
    pool = Pool(organization_id, item_id, face_value_minor)
    taken = _take(session, _FREE, pool=pool, order_line_id=order_line_id, today=today, now=now)
    if taken is None:
        taken = _take(session, _CONTENDED, pool=pool, order_line_id=order_line_id, today=today, now=now)
    if taken is None:
        raise OutOfStock
    tell_low_stock(session, pool=pool, today=today, now=now)
    return HandedOut(*taken)


def void_vouchers_of_line(session: Session, *, order_line_id: int, now: datetime) -> int:
    """Mark what a line was handed as void, because it did not work; it never goes out again.

    Return how many vouchers that were: none where the line was not served from the stock, or before.
    """
    return session.connection().execute(_VOID, {"line_id": order_line_id, "at": now}).rowcount


def _take(
    session: Session,
    candidates: Select[int],
    *,
    pool: Pool,
    order_line_id: int,
    today: date,
    now: datetime,
) -> Row[int, str, int, int] | None:
    """Lock a candidate and give it to the line; nothing when there is none."""
    connection = session.connection()
    parameters = {
        "item_id": pool.item_id,
        "organization_id": pool.organization_id,
        "face_value_minor": pool.face_value_minor,
        "today": today,
    }
    voucher_id = connection.execute(candidates, parameters).scalars().first()
    if voucher_id is None:
        return None
    return connection.execute(_TAKE, {"voucher_id": voucher_id, "line_id": order_line_id, "at": now}).one()
