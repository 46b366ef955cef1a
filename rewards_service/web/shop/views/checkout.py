"""Views of the basket and of placing an order."""

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from rewards_service.kit.database import read_session, transact
from rewards_service.orders.operations import put_in_basket, set_basket_quantity
from rewards_service.orders.requests import WantedLine
from rewards_service.programs.models import Program
from rewards_service.web.amounts import read_amount
from rewards_service.web.context import present
from rewards_service.web.forms import TOO_LONG, number_field, read_form, shows_again, text_field
from rewards_service.web.shop.basket import QUANTITY_MAX, basket_key, current_basket
from rewards_service.web.shop.checkout import checkout_of
from rewards_service.web.shop.item_pages import require_offered
from rewards_service.web.shop.ordering import order_basket
from rewards_service.web.shop.pages import current_balance, shop_page
from rewards_service.web.shop.views.browsing import item
from rewards_service.web.shop.visitors import current_visitor, keep_visitor

OTHER = "other"


class LineForm(Schema):
    """An item and the amount chosen for it."""

    item_id = text_field(length_max=40)
    face_value_minor = text_field(length_max=20)
    other_amount = fields.String(load_default="", validate=validate.Length(max=30, error=TOO_LONG))
    quantity = number_field(most=QUANTITY_MAX, usual=1)


class RemoveForm(Schema):
    """One line of the basket."""

    item_id = text_field(length_max=40)
    face_value_minor = number_field()


def basket() -> ResponseReturnValue:
    """Show the basket, what pays for it, and the button that orders it."""
    visitor = current_visitor()
    chosen = request.values.getlist("pay") if "chosen" in request.values or request.method == "POST" else None
    with read_session() as session:
        lines, balance = current_basket(session, visitor), current_balance(session)
        page = checkout_of(session, visitor=visitor, balance=balance, lines=lines, chosen=chosen, now=present())
        return shop_page(session, "shop/basket.html", checkout=page)


def item_again() -> ResponseReturnValue:
    """Show the item whose form was refused."""
    return item(request.form.get("item_id", ""))


@shows_again(item_again)
def add_line() -> ResponseReturnValue:
    """Put an item into the basket."""
    visitor, line = current_visitor(), _wanted(read_form(LineForm))
    with read_session() as session:
        require_offered(session, program=visitor.program, line=line)
    _change_basket(put_in_basket, line)
    return redirect(url_for("shop.basket", program=visitor.program.external_id))


def remove_line() -> ResponseReturnValue:
    """Take a line out of the basket."""
    form = read_form(RemoveForm)
    _change_basket(set_basket_quantity, WantedLine(form["item_id"], form["face_value_minor"], 0))
    return redirect(url_for("shop.basket", program=_program().external_id))


@shows_again(basket)
def place_order() -> ResponseReturnValue:
    """Order what is in the basket, and lead on to the order; pressing twice makes one."""
    order_id = order_basket(current_visitor())
    return redirect(url_for("shop.order", program=_program().external_id, order_id=order_id))


def _program() -> Program:
    """Return the program whose shop this is."""
    return current_visitor().program


def _change_basket(change: Callable[..., list[WantedLine]], line: WantedLine) -> None:
    """Change a line of the visitor's basket, whoever he is by then."""

    def operation(session: Session) -> None:
        key = basket_key(keep_visitor(session, current_visitor()))
        change(session, program=_program(), holder_key=key, line=line, now=present())

    transact(operation)


def _wanted(form: dict[str, Any]) -> WantedLine:
    """Return the line a form asks for. Raises ``FormIncomplete`` when the amount is none."""
    currency = _program().currency
    if form["face_value_minor"] == OTHER:
        face_value_minor = read_amount(form["other_amount"], currency, field="other_amount")
    else:
        face_value_minor = int(form["face_value_minor"]) if form["face_value_minor"].isdecimal() else 0
    return WantedLine(form["item_id"], face_value_minor, form["quantity"])
