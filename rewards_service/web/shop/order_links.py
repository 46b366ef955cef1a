"""The link of a message about an order: it lets a guest back in to that one order, and to nothing else.

A guest has no account to come back with, and a code that is used up opens nothing any more. So the message to the
address he left carries a signed link; a button behind it notes the order in this browser's own signed cookie. A
member's order asks the member to sign in.
"""

from datetime import timedelta

from flask import session as cookie
from sqlalchemy.orm import Session

from rewards_service.kit.services import current_services
from rewards_service.orders.errors import OrderNotFound
from rewards_service.orders.models import Order
from rewards_service.orders.queries import order_by_reference
from rewards_service.programs.models import Program
from rewards_service.web.context import present

PURPOSE = "order"
"""What ``delivery`` signs the links of such messages for."""

LINK_LIFETIME = timedelta(days=90)
OPEN_FOR = timedelta(hours=24)
ORDERS_KEPT_MAX = 10


def order_behind(session: Session, program: Program, *, token: str) -> Order:
    """Return the order that a link of this program leads to.

    Raises:
        TokenForged, TokenExpired: the link is not ours, or too old.
        OrderNotFound: the program has no such order.
    """
    reference = current_services().signer.read(PURPOSE, token, max_age=LINK_LIFETIME, now=present())
    order = order_by_reference(session, organization_id=program.organization_id, reference=str(reference))
    if order.program_id != program.id:
        raise OrderNotFound
    return order


def let_in(program: Program, order: Order) -> None:
    """Let this browser open a guest's order for ``OPEN_FOR``. Raises ``OrderNotFound`` for a member's."""
    if order.member_id is not None:
        raise OrderNotFound
    until = int((present() + OPEN_FOR).timestamp())
    kept = {order_id: ends for order_id, ends in _kept(program).items() if order_id != order.public_id}
    newest = [*kept.items(), (order.public_id, until)][-ORDERS_KEPT_MAX:]
    cookie[_key(program)] = dict(newest)


def opened_orders(program: Program) -> tuple[str, ...]:
    """Return the public ids of the orders this browser may open by links, in the order in which it was let in."""
    now = present().timestamp()
    return tuple(order_id for order_id, ends in _kept(program).items() if now < ends)


def forget_orders(program: Program) -> None:
    """Close them again."""
    cookie.pop(_key(program), None)


def _kept(program: Program) -> dict[str, int]:
    """Return what the cookie says: public ids and the second at which each closes."""
    kept: dict[str, int] = cookie.get(_key(program), {})
    return kept


def _key(program: Program) -> str:
    """Return where the orders of one shop are kept."""
    return f"orders-{program.id}"
