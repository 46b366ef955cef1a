"""Views of adding another address to a wallet: asked for there, proved by its message."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from rewards_service.kit.database import read_session
from rewards_service.web.forms import read_form, shows_again
from rewards_service.web.shop.pages import shop_page
from rewards_service.web.shop.signing_in import send_login_message, sign_in_by_code
from rewards_service.web.shop.views.signing_in import LOGIN_MINUTES, AddressForm, CodeForm
from rewards_service.web.shop.views.wallet import wallet
from rewards_service.web.shop.visitors import current_visitor


@shows_again(wallet)
def add_address() -> ResponseReturnValue:
    """Send a message to the address, and lead on to where its code can be typed."""
    visitor = current_visitor()
    send_login_message(visitor, address_typed=read_form(AddressForm)["address"], is_adding=True)
    return redirect(url_for("shop.address_sent", program=visitor.program.external_id))


def address_sent() -> ResponseReturnValue:
    """Say that the message is on its way, and take its code."""
    with read_session() as session:
        return shop_page(session, "shop/address_sent.html", minutes=LOGIN_MINUTES)


@shows_again(address_sent)
def enter_address_code() -> ResponseReturnValue:
    """Add the address by the code of the message: what waited for it, or was registered with it, joins the wallet."""
    visitor = current_visitor()
    sign_in_by_code(visitor, code=read_form(CodeForm)["code"], is_adding=True)
    return redirect(url_for("shop.wallet", program=visitor.program.external_id))
