"""Views of orders: the list, one of them, taking it back, and showing what opens a voucher."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from rewards_service.kit.database import read_session
from rewards_service.orders.queries import order_view, order_views
from rewards_service.stock.operations import Credentials
from rewards_service.web.forms import shows_again
from rewards_service.web.security import hide_referrer
from rewards_service.web.shop.holders import own_order, own_orders
from rewards_service.web.shop.order_links import let_in, order_behind
from rewards_service.web.shop.order_pages import order_page, order_rows
from rewards_service.web.shop.ordering import open_voucher, take_back
from rewards_service.web.shop.pages import shop_page
from rewards_service.web.shop.visitors import current_visitor


def orders() -> ResponseReturnValue:
    """List the visitor's orders, newest first."""
    visitor = current_visitor()
    with read_session() as session:
        found = own_orders(session, visitor)
        rows = order_rows(order_views(session, orders=found, with_timeline=False), program=visitor.program)
        return shop_page(session, "shop/orders.html", orders=rows)


def order(order_id: str, opened: dict[int, Credentials] | None = None) -> ResponseReturnValue:
    """Show one order; numbers stay hidden unless they were just opened."""
    visitor = current_visitor()
    with read_session() as session:
        view = order_view(session, order=own_order(session, visitor, order_id))
        page = order_page(session, program=visitor.program, order=view, opened=opened)
        return shop_page(session, "shop/order.html", page=page)


def order_again(order_id: str, line_number: int) -> ResponseReturnValue:  # noqa: ARG001 — whatever the address holds
    """Show the order whose line could not be opened."""
    return order(order_id)


@shows_again(order_again)
def reveal(order_id: str, line_number: int) -> ResponseReturnValue:
    """Show the number of one line on the page that answers this press, and on no other."""
    hide_referrer()
    credentials = open_voucher(current_visitor(), order_id=order_id, line_number=line_number)
    return order(order_id, opened={line_number: credentials})


@shows_again(order)
def cancel_order(order_id: str) -> ResponseReturnValue:
    """Take an order back, and show what became of it."""
    visitor = current_visitor()
    take_back(visitor, order_id=order_id)
    return redirect(url_for("shop.order", program=visitor.program.external_id, order_id=order_id))


def order_link(token: str) -> ResponseReturnValue:
    """Show a button behind the link of a message; a member's order asks the member to sign in. Nothing is used up."""
    hide_referrer()
    visitor = current_visitor()
    with read_session() as session:
        found = order_behind(session, visitor.program, token=token)
        if found.member_id is not None:
            return redirect(url_for("shop.order", program=visitor.program.external_id, order_id=found.public_id))
        return shop_page(session, "shop/order_link.html", token=token, order=found)


@shows_again(order_link)
def enter_order_link(token: str) -> ResponseReturnValue:
    """Let this browser open the guest's order."""
    program = current_visitor().program
    with read_session() as session:
        found = order_behind(session, program, token=token)
    let_in(program, found)
    return redirect(url_for("shop.order", program=program.external_id, order_id=found.public_id))
