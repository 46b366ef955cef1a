"""Which orders a visitor may see: a member's own, a guest's those that his codes paid or that a link opened."""

from sqlalchemy.orm import Session

from rewards_service.codes.queries import code_by_public_id
from rewards_service.orders.models import Order
from rewards_service.orders.queries import Holder, order_by_reference, order_of_holder, orders_of_holder
from rewards_service.web.shop.visitors import Visitor


def holder_of(session: Session, visitor: Visitor) -> Holder:
    """Return what the orders' queries limit themselves to."""
    if visitor.member is not None:
        return Holder(member_id=visitor.member.id)
    organization_id = visitor.program.organization_id
    codes = [
        code_by_public_id(session, organization_id=organization_id, public_id=public_id)
        for public_id in visitor.code_ids
    ]
    return Holder(account_ids=[code.account_id for code in codes])


def own_order(session: Session, visitor: Visitor, order_id: str) -> Order:
    """Return an order the visitor may see. Raises ``OrderNotFound``."""
    program = visitor.program
    if order_id in visitor.order_ids:
        return order_by_reference(session, organization_id=program.organization_id, reference=order_id)
    return order_of_holder(session, program_id=program.id, holder=holder_of(session, visitor), public_id=order_id)


def own_orders(session: Session, visitor: Visitor) -> list[Order]:
    """Return every order the visitor may see, newest first."""
    program = visitor.program
    held = orders_of_holder(session, program_id=program.id, holder=holder_of(session, visitor))
    known = {order.public_id for order in held}
    opened = [own_order(session, visitor, order_id) for order_id in visitor.order_ids if order_id not in known]
    return sorted([*held, *opened], key=lambda order: order.id, reverse=True)
