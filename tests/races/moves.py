"""What members of a crew do, each in one transaction of its own."""

import os
import signal
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards_service.fulfillment.operations import fulfil_line
from rewards_service.kit.actor import Actor
from rewards_service.kit.crypto import Vault
from rewards_service.ledger.models import Lot
from rewards_service.ledger.operations import capture_hold, void_hold
from rewards_service.orders.models import Order
from rewards_service.orders.operations import cancel_order, place_order, refund_line
from rewards_service.orders.requests import PayByCode, PayByWallet, WantedLine
from rewards_service.programs.queries import program_by_reference
from rewards_service.stock.operations import hand_out_voucher

ACTOR = Actor("guest", "race")


def order(
    session: Session,
    *,
    vault: Vault,
    now: datetime,
    item_id: str,
    external_id: str,
    codes: Sequence[str] = (),
    wallets: Sequence[str] = (),
    quantity: int = 1,
) -> str:
    """Place an order for 25.00 and return its public id."""
    placed = place_order(
        session,
        program=program_by_reference(session, reference="demo"),
        external_id=external_id,
        lines=[WantedLine(item_id, 2500, quantity)],
        tenders=[*(PayByWallet(wallet) for wallet in wallets), *(PayByCode(code) for code in codes)],
        actor=ACTOR,
        vault=vault,
        now=now,
    )
    return placed.order.public_id


def hand_out(session: Session, *, vault: Vault, now: datetime, item_id: int, order_line_id: int) -> int:
    """Take one voucher of 25.00 for a line and return its key."""
    program = program_by_reference(session, reference="demo")
    return hand_out_voucher(
        session,
        organization_id=program.organization_id,
        item_id=item_id,
        face_value_minor=2500,
        order_line_id=order_line_id,
        today=now.date(),
        now=now,
    ).voucher_id


def fulfil(session: Session, *, vault: Vault, now: datetime, order_line_id: int) -> str:
    """Fulfil a line, as its job does."""
    return fulfil_line(session, order_line_id=order_line_id, actor=ACTOR, now=now)


def cancel(session: Session, *, vault: Vault, now: datetime, public_id: str) -> str:
    """Cancel an order."""
    return cancel_order(
        session, program=_program(session), order=_order(session, public_id), actor=ACTOR, now=now
    ).state


def refund(session: Session, *, vault: Vault, now: datetime, public_id: str, face_value_minor: int | None) -> int:
    """Refund the first line of an order and return how much that gave back."""
    return refund_line(
        session,
        program=_program(session),
        order=_order(session, public_id),
        number=1,
        reason="race",
        actor=ACTOR,
        now=now,
        face_value_minor=face_value_minor,
    ).face_value_minor


def void(session: Session, *, vault: Vault, now: datetime, line_ref: str) -> int:
    """Void what is held for a line, past all states of orders."""
    return void_hold(session, program=_program(session), line_ref=line_ref, actor=ACTOR, now=now)


def capture(session: Session, *, vault: Vault, now: datetime, line_ref: str) -> int:
    """Capture what is held for a line, past all states of orders."""
    return capture_hold(session, program=_program(session), line_ref=line_ref, settlement=[], actor=ACTOR, now=now)


def add_up(session: Session, *, vault: Vault, now: datetime, **_: Any) -> int:
    """Return what all lots hold, in units."""
    return session.scalar(select(func.sum(Lot.units_available + Lot.units_held))) or 0


def die(session: Session, **_: Any) -> None:
    """Die at once, in the middle of a transaction."""
    os.kill(os.getpid(), signal.SIGKILL)


def _program(session: Session) -> Any:
    return program_by_reference(session, reference="demo")


def _order(session: Session, public_id: str) -> Order:
    return session.scalars(select(Order).where(Order.public_id == public_id)).one()
