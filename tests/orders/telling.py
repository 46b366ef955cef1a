"""What tests ask of an order or a refusal."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards_service.orders.operations import PlacedOrder


def shares(placed: PlacedOrder) -> list[list[tuple[str, int]]]:
    """Who pays what of each line: the last four of a code, or 'wallet'."""
    return [[(tender.last4 or "wallet", tender.units) for tender in line.tenders] for line in placed.order.lines]


def problems(refusal: Any) -> list[tuple[str, str]]:
    """Where a refusal that was caught points to, and what it calls the problem."""
    return [(problem.pointer, problem.code) for problem in refusal.value.problems]


def count(session: Session, model: type) -> int:
    """How many rows there are."""
    return session.scalar(select(func.count()).select_from(model)) or 0
