"""What somebody means to order, kept until he does.

Whoever opens a member's basket to write has locked the member before: that it is still his is known then
(``keep_living_member``). Next come baskets, in the order of their keys, and last the value that pays. Only a merge
takes baskets after value: it has both members for itself by then, so nobody else holds their baskets.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, text
from sqlalchemy.orm import Session

from rewards_service.kit.database import UtcDateTime
from rewards_service.orders.models import BasketLine
from rewards_service.orders.policy import UNITS_MAX
from rewards_service.orders.queries import basket_lines
from rewards_service.orders.requests import WantedLine, require_usable_lines
from rewards_service.programs.models import Program

_OPEN = text(
    "INSERT INTO basket (program_id, holder_key, changed_at) VALUES (:program_id, :holder_key, :changed_at) "
    "ON CONFLICT (program_id, holder_key) DO UPDATE SET changed_at = excluded.changed_at RETURNING id"
).bindparams(bindparam("changed_at", type_=UtcDateTime))


def lock_basket(session: Session, *, program: Program, holder_key: str, now: datetime) -> list[WantedLine]:
    """Return what is in somebody's basket, which nobody else changes until the transaction ends."""
    return basket_lines(session, basket_id=_open(session, program=program, holder_key=holder_key, now=now))


def put_in_basket(
    session: Session, *, program: Program, holder_key: str, line: WantedLine, now: datetime
) -> list[WantedLine]:
    """Add so many of an item to somebody's basket and return all that is in it; prices are asked for when it is shown.

    Raises:
        OrderInvalid: a value is of no use, or the basket would have more units than an order may.
    """
    require_usable_lines([line])
    basket_id = _open(session, program=program, holder_key=holder_key, now=now)
    return _fill(session, basket_id=basket_id, lines=_joined([*basket_lines(session, basket_id=basket_id), line]))


def set_basket_quantity(
    session: Session, *, program: Program, holder_key: str, line: WantedLine, now: datetime
) -> list[WantedLine]:
    """Say how many of an item are in somebody's basket, none with a quantity of zero, and return all that is in it.

    Raises:
        OrderInvalid: a value is of no use, or the basket would have more units than an order may.
    """
    wanted = [line] if line.quantity else []
    basket_id = _open(session, program=program, holder_key=holder_key, now=now)
    others = [kept for kept in basket_lines(session, basket_id=basket_id) if _key(kept) != _key(line)]
    return _fill(session, basket_id=basket_id, lines=[*others, *wanted])


def move_basket(session: Session, *, program: Program, from_key: str, to_key: str, now: datetime) -> list[WantedLine]:
    """Give all that is in one basket to another, as far as one order takes both, and return what was left out.

    What was in the other stays before what comes. The first is empty then, also of what was left out.
    """
    keys = sorted((from_key, to_key))
    basket_ids = {key: _open(session, program=program, holder_key=key, now=now) for key in keys}
    lines = [line for key in (to_key, from_key) for line in basket_lines(session, basket_id=basket_ids[key])]
    fitting, left_out = _parted(lines)
    _fill(session, basket_id=basket_ids[from_key], lines=[])
    _fill(session, basket_id=basket_ids[to_key], lines=_joined(fitting))
    return _joined(left_out)


def empty_basket(session: Session, *, program: Program, holder_key: str, now: datetime) -> None:
    """Take everything out of somebody's basket, because it was ordered or is not wanted any more."""
    _fill(session, basket_id=_open(session, program=program, holder_key=holder_key, now=now), lines=[])


def _open(session: Session, *, program: Program, holder_key: str, now: datetime) -> int:
    """Return somebody's basket, locked until this transaction ends."""
    row = {"program_id": program.id, "holder_key": holder_key, "changed_at": now}
    basket_id: int = session.connection().execute(_OPEN, row).scalar_one()
    return basket_id


def _fill(session: Session, *, basket_id: int, lines: Sequence[WantedLine]) -> list[WantedLine]:
    """Let a basket hold these lines and nothing else."""
    if lines:
        require_usable_lines(lines)
    session.execute(delete(BasketLine).where(BasketLine.basket_id == basket_id))
    rows = [
        {
            "basket_id": basket_id,
            "item_public_id": line.item_id,
            "face_value_minor": line.face_value_minor,
            "quantity": line.quantity,
        }
        for line in lines
    ]
    if rows:
        session.execute(insert(BasketLine), rows)
    return list(lines)


def _parted(lines: Sequence[WantedLine]) -> tuple[list[WantedLine], list[WantedLine]]:
    """Return as many units as one order takes, from the first line on, and what is left of the lines."""
    fitting, left, room = [], [], UNITS_MAX
    for line in lines:
        taken = min(line.quantity, room)
        room -= taken
        fitting.append(replace(line, quantity=taken))
        left.append(replace(line, quantity=line.quantity - taken))
    return [line for line in fitting if line.quantity], [line for line in left if line.quantity]


def _joined(lines: Sequence[WantedLine]) -> list[WantedLine]:
    """Return the lines with those of one item and face value made one, in the order first met."""
    joined: dict[tuple[str, int], WantedLine] = {}
    for line in lines:
        so_far = joined.get(_key(line))
        quantity = line.quantity + (so_far.quantity if so_far else 0)
        joined[_key(line)] = WantedLine(line.item_id, line.face_value_minor, quantity)
    return list(joined.values())


def _key(line: WantedLine) -> tuple[str, int]:
    """Return what makes two lines the same wish."""
    return line.item_id, line.face_value_minor
