"""Views behind the link of a message that brings a code: looking uses nothing up, a button lets in."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from rewards_service.kit.database import read_session
from rewards_service.web.context import present
from rewards_service.web.forms import shows_again
from rewards_service.web.security import hide_referrer
from rewards_service.web.shop.balances import holding_of
from rewards_service.web.shop.claiming import code_behind, enter_by_link
from rewards_service.web.shop.pages import shop_page
from rewards_service.web.shop.visitors import current_visitor


def claim(token: str) -> ResponseReturnValue:
    """Show what waits behind a link, and a button."""
    hide_referrer()
    with read_session() as session:
        entered = code_behind(session, current_visitor(), token=token)
        return shop_page(session, "shop/claim.html", token=token, found=holding_of(session, entered, now=present()))


@shows_again(claim)
def enter_claim(token: str) -> ResponseReturnValue:
    """Let in whoever pressed the button: the session now knows the code."""
    visitor = current_visitor()
    enter_by_link(visitor, token=token)
    return redirect(url_for("shop.home", program=visitor.program.external_id, _anchor="found"))
