"""Views of signing in and out."""

from datetime import timedelta
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from rewards_service.identity.operations import login_of_token
from rewards_service.identity.policy import LOGIN_LIFETIME
from rewards_service.identity.tokens import digest, login_secrets
from rewards_service.kit.database import read_session
from rewards_service.kit.services import current_services
from rewards_service.web.context import present
from rewards_service.web.forms import read_form, shows_again, text_field
from rewards_service.web.redirects import next_page
from rewards_service.web.security import hide_referrer
from rewards_service.web.sessions import known_browser_nonce
from rewards_service.web.shop.pages import shop_page
from rewards_service.web.shop.signing_in import send_login_message, sign_in_by_code, sign_in_by_link, sign_out
from rewards_service.web.shop.visitors import current_visitor

LOGIN_MINUTES = LOGIN_LIFETIME // timedelta(minutes=1)


class AddressForm(Schema):
    """The email address or telephone number to send to."""

    address = text_field(length_max=254)


class CodeForm(Schema):
    """The code of a message."""

    code = text_field(length_max=40)


def sign_in() -> ResponseReturnValue:
    """Ask for an address."""
    with read_session() as session:
        return shop_page(session, "shop/sign_in.html")


@shows_again(sign_in)
def send_login() -> ResponseReturnValue:
    """Send the message, and lead on to where its code can be typed."""
    send_login_message(current_visitor(), address_typed=read_form(AddressForm)["address"])
    return redirect(_shop("shop.sign_in_sent", next=request.form.get("next") or None))


def sign_in_sent() -> ResponseReturnValue:
    """Say that the message is on its way, and take its code."""
    with read_session() as session:
        return shop_page(session, "shop/sign_in_sent.html", minutes=LOGIN_MINUTES)


@shows_again(sign_in_sent)
def enter_login_code() -> ResponseReturnValue:
    """Sign in by the code of the message."""
    sign_in_by_code(current_visitor(), code=read_form(CodeForm)["code"])
    return redirect(next_page(_shop("shop.home")))


def login_link(link_token: str) -> ResponseReturnValue:
    """Show a button, or in another browser than the one that asked, the code to type there. Nothing is used up."""
    hide_referrer()
    program, vault = current_visitor().program, current_services().vault
    with read_session() as session:
        login = login_of_token(session, program_id=program.id, link_token=link_token, vault=vault, now=present())
        is_here = login.browser_sha256 == digest(known_browser_nonce())
        code = "" if is_here else login_secrets(vault, login.public_id).code
        is_adding = login.member_id is not None
        return shop_page(session, "shop/sign_in_link.html", link_token=link_token, code=code, is_adding=is_adding)


def use_login_link(link_token: str) -> ResponseReturnValue:
    """Sign in by the button behind the link, or add the address that the message went to."""
    is_adding = sign_in_by_link(current_visitor(), link_token=link_token)
    return redirect(_shop("shop.wallet" if is_adding else "shop.home"))


def leave() -> ResponseReturnValue:
    """Sign out, or forget the codes of a guest."""
    sign_out(current_visitor())
    return redirect(_shop("shop.home"))


def _shop(endpoint: str, **values: Any) -> str:  # noqa: ANN401 — parts of an address
    """Return the address of a page of this shop."""
    return url_for(endpoint, program=current_visitor().program.external_id, **values)
