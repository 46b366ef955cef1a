"""Somebody is told when few vouchers are left: once, until more have come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session

from catalog import tables as catalog
from rewards_service.kit.actor import SYSTEM, Actor
from rewards_service.kit.audit import record_audit
from rewards_service.kit.database import UtcDateTime
from rewards_service.stock.errors import ThresholdUnusable
from rewards_service.stock.models import LowStockNotice, StockItem
from rewards_service.stock.policy import CONTENDED_MAX, LOW_STOCK_MAX, is_low
from rewards_service.stock.queries import count_available

STOCK_LOW = "stock.low"

_STOCK_ITEM = select(StockItem.id, StockItem.low_stock_threshold).where(
    StockItem.item_id == bindparam("item_id"), StockItem.organization_id == bindparam("organization_id")
)
_TOLD = select(LowStockNotice.stock_item_id).where(
    LowStockNotice.stock_item_id == bindparam("stock_item_id"),
    LowStockNotice.face_value_minor == bindparam("face_value_minor"),
)
_TELL_ONCE = text(
    "INSERT INTO low_stock_notice (stock_item_id, face_value_minor, told_at) "
    "VALUES (:stock_item_id, :face_value_minor, :told_at) ON CONFLICT (stock_item_id, face_value_minor) DO NOTHING"
).bindparams(bindparam("told_at", type_=UtcDateTime))


@dataclass(frozen=True, slots=True)
class Pool:
    """The vouchers of one item and face value that an organization has."""

    organization_id: int
    item_id: int
    face_value_minor: int

    def count(self, session: Session, *, today: date, enough: int) -> int:
        """Return how many may be handed out on ``today``, counting no further than ``enough``."""
        return count_available(
            session,
            organization_id=self.organization_id,
            item_id=self.item_id,
            face_value_minor=self.face_value_minor,
            today=today,
            enough=enough,
        )


def tell_low_stock(session: Session, *, pool: Pool, today: date, now: datetime) -> bool:
    """Record that few vouchers are left when that is so and nobody was told yet; tell whether this call did.

    What other transactions are handing out at this moment cannot be seen, so near the threshold the item is locked
    and counted again: the last of several at once sees them all.
    """
    connection = session.connection()
    item = {"item_id": pool.item_id, "organization_id": pool.organization_id}
    stock_item_id, threshold = connection.execute(_STOCK_ITEM, item).one()
    if pool.count(session, today=today, enough=threshold + CONTENDED_MAX + 1) > threshold + CONTENDED_MAX:
        return False
    key = {"stock_item_id": stock_item_id, "face_value_minor": pool.face_value_minor}
    if connection.execute(_TOLD, key).one_or_none() is not None:
        return False
    connection.execute(_STOCK_ITEM.with_for_update(), item)
    available = pool.count(session, today=today, enough=threshold + 1)
    if not is_low(available=available, threshold=threshold):
        return False
    if connection.execute(_TELL_ONCE, {**key, "told_at": now}).rowcount != 1:
        return False
    _record(session, pool=pool, available=available, threshold=threshold, now=now)
    return True


def forget_low_stock(session: Session, *, stock_item: StockItem, face_values: Iterable[int], today: date) -> None:
    """Let somebody be told again of those face values of which there is enough now."""
    enough = [
        face_value_minor
        for face_value_minor in sorted(set(face_values))
        if not is_low(
            available=Pool(stock_item.organization_id, stock_item.item_id, face_value_minor).count(
                session, today=today, enough=stock_item.low_stock_threshold + 1
            ),
            threshold=stock_item.low_stock_threshold,
        )
    ]
    session.execute(
        delete(LowStockNotice).where(
            LowStockNotice.stock_item_id == stock_item.id, LowStockNotice.face_value_minor.in_(enough)
        )
    )


def set_low_stock_threshold(
    session: Session, *, stock_item: StockItem, threshold: int, actor: Actor, now: datetime
) -> None:
    """Say from how many vouchers left somebody is told; 0 never. Counts anew for every face value of the item.

    Raises:
        ThresholdUnusable: it is negative or beyond ``LOW_STOCK_MAX``.
    """
    if not 0 <= threshold <= LOW_STOCK_MAX:
        raise ThresholdUnusable
    before = stock_item.low_stock_threshold
    stock_item.low_stock_threshold = threshold
    session.flush()
    session.execute(delete(LowStockNotice).where(LowStockNotice.stock_item_id == stock_item.id))
    record_audit(
        session,
        organization_id=stock_item.organization_id,
        actor=actor,
        action="stock.threshold_set",
        object_type="item",
        object_id=_public_id(session, item_id=stock_item.item_id),
        now=now,
        detail={"before": before, "after": threshold},
    )


def _record(session: Session, *, pool: Pool, available: int, threshold: int, now: datetime) -> None:
    """Keep the event where people and programs read what happened."""
    record_audit(
        session,
        organization_id=pool.organization_id,
        actor=SYSTEM,
        action=STOCK_LOW,
        object_type="item",
        object_id=_public_id(session, item_id=pool.item_id),
        now=now,
        detail={"face_value_minor": pool.face_value_minor, "available": available, "threshold": threshold},
    )


def _public_id(session: Session, *, item_id: int) -> str:
    """Return the item's public id."""
    public_id: str = session.scalars(select(catalog.item.c.public_id).where(catalog.item.c.id == item_id)).one()
    return public_id
