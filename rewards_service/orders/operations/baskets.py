"""What somebody means to order, kept until he does.

Whoever opens a member's basket to write has locked the member before: that it is still his is known then
(``keep_living_member``). Next come baskets, in the order of their keys, and last the value that pays. Only a merge
takes baskets after value: it has both members for itself by then, so nobody else holds their baskets.
"""

from collections.abc import Sequence
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
    """Give what a guest has put into his basket to who he turned out to be, and return all that is in that one now.

    Raises:
        OrderInvalid: together they have more units than an order may; both stay as they are.
    """
    source_id, target_id = _open_both(session, program=program, keys=(from_key, to_key), now=now)
    lines = [*basket_lines(session, basket_id=target_id), *basket_lines(session, basket_id=source_id)]
    moved = _fill(session, basket_id=target_id, lines=_joined(lines))
    _fill(session, basket_id=source_id, lines=[])
    return moved


def join_baskets(session: Session, *, program: Program, from_key: str, to_key: str, now: datetime) -> None:
    """Give what somebody has put into his basket to another who he is too, as far as one order takes both together."""
    source_id, target_id = _open_both(session, program=program, keys=(from_key, to_key), now=now)
    lines = [*basket_lines(session, basket_id=target_id), *basket_lines(session, basket_id=source_id)]
    _fill(session, basket_id=target_id, lines=_joined(_fitting(lines)))
    _fill(session, basket_id=source_id, lines=[])


def empty_basket(session: Session, *, program: Program, holder_key: str, now: datetime) -> None:
    """Take everything out of somebody's basket, because it was ordered or is not wanted any more."""
    _fill(session, basket_id=_open(session, program=program, holder_key=holder_key, now=now), lines=[])


def _open(session: Session, *, program: Program, holder_key: str, now: datetime) -> int:
    """Return somebody's basket, locked until this transaction ends."""
    row = {"program_id": program.id, "holder_key": holder_key, "changed_at": now}
    basket_id: int = session.connection().execute(_OPEN, row).scalar_one()
    return basket_id


def _open_both(session: Session, *, program: Program, keys: tuple[str, str], now: datetime) -> tuple[int, int]:
    """Return two baskets, locked in the order of their keys."""
    found = {key: _open(session, program=program, holder_key=key, now=now) for key in sorted(keys)}
    return found[keys[0]], found[keys[1]]


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


def _fitting(lines: Sequence[WantedLine]) -> list[WantedLine]:
    """Return the lines from the first on, as many units as one order takes."""
    fitting, room = [], UNITS_MAX
    for line in lines:
        quantity = min(line.quantity, room)
        room -= quantity
        if quantity:
            fitting.append(WantedLine(line.item_id, line.face_value_minor, quantity))
    return fitting


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
