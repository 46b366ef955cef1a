"""Placing what lies in the basket: one form, one order, however often it is sent."""

from collections.abc import Sequence

from flask import request
from sqlalchemy.orm import Session

from rewards_service.delivery.kinds import is_clean
from rewards_service.fulfillment.operations import reveal_line
from rewards_service.identity.addresses import normalise_email
from rewards_service.kit.database import transact
from rewards_service.kit.services import current_services
from rewards_service.orders.errors import OrderNotFound
from rewards_service.orders.operations import cancel_order, empty_basket, lock_basket, place_order
from rewards_service.orders.queries import line_by_number, order_by_reference
from rewards_service.orders.recipients import NOBODY, OrderRecipient
from rewards_service.programs.models import Program
from rewards_service.stock.operations import Credentials
from rewards_service.web.context import present
from rewards_service.web.forms import once_reference
from rewards_service.web.i18n import get_locale
from rewards_service.web.shop.balances import Balance, Holding, balance_of
from rewards_service.web.shop.basket import BasketChanged, basket_fingerprint, basket_key
from rewards_service.web.shop.checkout import tenders_of
from rewards_service.web.shop.holders import own_order
from rewards_service.web.shop.visitors import Visitor, keep_visitor

SHOWN_TO_OWNER = "shown to whoever ordered it"


def order_basket(visitor: Visitor) -> str:
    """Order what the form's page showed, paid by what the form names, and return the order's public id.

    The same form sent again is the same order, also after the basket was emptied by it.

    Raises:
        BasketChanged: the basket, or what it costs, is not what the page showed.
        AddressUnusable: the address typed is none.
        Refusal: whatever ``place_order`` refuses.
    """
    return transact(lambda session: _place(session, keep_visitor(session, visitor)))


def open_voucher(visitor: Visitor, *, order_id: str, line_number: int) -> Credentials:
    """Return what opens one line of the visitor's own order; it is noted that it was shown.

    Raises:
        OrderNotFound, LineNotFound: the visitor has no such order, or the order no such line.
        Refusal: the line is not there to be shown; see ``reveal_line``.
    """

    def reveal(session: Session) -> Credentials:
        order = own_order(session, visitor, order_id)
        return reveal_line(
            session,
            order=order,
            line=line_by_number(session, order=order, number=line_number),
            actor=visitor.actor,
            vault=current_services().vault,
            reason=SHOWN_TO_OWNER,
            now=present(),
        )

    return transact(reveal)


def take_back(visitor: Visitor, *, order_id: str) -> None:
    """Cancel the visitor's own order; every part goes back to where it came from.

    Raises:
        OrderNotFound: the visitor has no such order.
        OrderAlreadyCancelled, OrderNotCancellable: it is too late.
    """

    def cancel(session: Session) -> None:
        program = session.get_one(Program, visitor.program.id)
        order = own_order(session, visitor, order_id)
        cancel_order(session, program=program, order=order, actor=visitor.actor, now=present())

    transact(cancel)


def _place(session: Session, visitor: Visitor) -> str:
    """Place the order and empty the basket, in one transaction, unless the form's order is there already.

    That is asked once the basket is locked: one that the same form emptied a moment ago tells of its order.
    """
    program, now = session.get_one(Program, visitor.program.id), present()
    key = basket_key(visitor)
    reference = once_reference(owner=key)
    lines = lock_basket(session, program=program, holder_key=key, now=now)
    known = _placed_before(session, program, reference)
    if known:
        return known
    if not lines or basket_fingerprint(session, program=program, lines=lines, now=now) != request.form.get("basket"):
        raise BasketChanged("Please look again at what is in it and what it costs now. Nothing was ordered.")
    balance = balance_of(session, visitor=visitor, basket_count=0, now=now)
    placed = place_order(
        session,
        program=program,
        external_id=reference,
        lines=lines,
        tenders=tenders_of(_chosen(balance, request.form.getlist("pay"))),
        recipient=_recipient(visitor),
        member=visitor.member,
        actor=visitor.actor,
        vault=current_services().vault,
        now=now,
    )
    empty_basket(session, program=program, holder_key=key, now=now)
    return placed.order.public_id


def _chosen(balance: Balance, references: Sequence[str]) -> list[Holding]:
    """Return the visitor's own wallets and codes among those the form names."""
    return [holding for holding in balance.holdings if holding.reference in references]


def _placed_before(session: Session, program: Program, reference: str) -> str:
    """Return the public id of the order this form made already, or an empty text."""
    try:
        return order_by_reference(
            session, organization_id=program.organization_id, reference=reference, program_id=program.id
        ).public_id
    except OrderNotFound:
        return ""


def _recipient(visitor: Visitor) -> OrderRecipient:
    """Return to whom word is sent: the member, or the address a guest left; perhaps nobody."""
    member = visitor.member
    if member is not None:
        name = member.name if is_clean(member.name) else None
        return OrderRecipient(name, member.email, member.phone, member.locale)
    typed = request.form.get("email", "").strip()
    if not typed:
        return NOBODY
    return OrderRecipient(email=normalise_email(typed), locale=str(get_locale() or visitor.program.locale))
