"""The shop of a program: what a recipient sees, with or without an account.

Invariants: whoever typed a code can spend its value and see what it bought, and nothing else; a number is shown only
after somebody pressed a button; the state of a page is in its address.
"""

from flask import Blueprint

from rewards_service.kit.access import PUBLIC, TenantScope
from rewards_service.web.errors import show_errors
from rewards_service.web.routing import Route, add_routes
from rewards_service.web.security import guard
from rewards_service.web.sessions import set_cookies
from rewards_service.web.shop.views import adding, browsing, checkout, claiming, orders, signing_in, wallet
from rewards_service.web.shop.visitors import admit

OWN = "shop.own"
MEMBER = "shop.member"

ROUTES = (
    Route("/", "home", browsing.home, PUBLIC, TenantScope.PROGRAM),
    Route("/codes", "check_codes", browsing.check_codes, PUBLIC, TenantScope.PROGRAM, "POST"),
    Route("/catalog", "catalog", browsing.catalog, PUBLIC, TenantScope.PROGRAM),
    Route("/items/<item_id>", "item", browsing.item, PUBLIC, TenantScope.PROGRAM),
    Route("/help", "help", browsing.show_help, PUBLIC, TenantScope.PROGRAM),
    Route("/sign-in", "sign_in", signing_in.sign_in, PUBLIC, TenantScope.PROGRAM),
    Route("/sign-in", "send_login", signing_in.send_login, PUBLIC, TenantScope.PROGRAM, "POST"),
    Route("/sign-in/sent", "sign_in_sent", signing_in.sign_in_sent, PUBLIC, TenantScope.PROGRAM),
    Route("/sign-in/sent", "enter_login_code", signing_in.enter_login_code, PUBLIC, TenantScope.PROGRAM, "POST"),
    Route("/sign-in/<link_token>", "login_link", signing_in.login_link, PUBLIC, TenantScope.PROGRAM),
    Route("/sign-in/<link_token>", "use_login_link", signing_in.use_login_link, PUBLIC, TenantScope.PROGRAM, "POST"),
    Route("/k/<token>", "claim", claiming.claim, PUBLIC, TenantScope.PROGRAM),
    Route("/k/<token>", "enter_claim", claiming.enter_claim, PUBLIC, TenantScope.PROGRAM, "POST"),
    Route("/basket", "basket", checkout.basket, PUBLIC, TenantScope.PROGRAM),
    Route("/basket/lines", "add_line", checkout.add_line, PUBLIC, TenantScope.PROGRAM, "POST"),
    Route("/basket/lines/remove", "remove_line", checkout.remove_line, PUBLIC, TenantScope.PROGRAM, "POST"),
    Route("/orders", "place_order", checkout.place_order, OWN, TenantScope.OWN, "POST"),
    Route("/orders", "orders", orders.orders, OWN, TenantScope.OWN),
    Route("/orders/<order_id>", "order", orders.order, OWN, TenantScope.OWN),
    Route("/orders/<order_id>/cancel", "cancel_order", orders.cancel_order, OWN, TenantScope.OWN, "POST"),
    Route("/orders/<order_id>/lines/<int:line_number>", "reveal", orders.reveal, OWN, TenantScope.OWN, "POST"),
    Route("/o/<token>", "order_link", orders.order_link, PUBLIC, TenantScope.PROGRAM),
    Route("/o/<token>", "enter_order_link", orders.enter_order_link, PUBLIC, TenantScope.PROGRAM, "POST"),
    Route("/wallet", "wallet", wallet.wallet, MEMBER, TenantScope.OWN),
    Route("/wallet/codes", "claim_code", wallet.claim_code, MEMBER, TenantScope.OWN, "POST"),
    Route("/wallet/addresses", "add_address", adding.add_address, MEMBER, TenantScope.OWN, "POST"),
    Route("/wallet/addresses/sent", "address_sent", adding.address_sent, MEMBER, TenantScope.OWN),
    Route("/wallet/addresses/sent", "enter_address_code", adding.enter_address_code, MEMBER, TenantScope.OWN, "POST"),
    Route("/sign-out", "leave", signing_in.leave, PUBLIC, TenantScope.PROGRAM, "POST"),
)


def make_blueprint() -> Blueprint:
    """Return the blueprint ``shop``, at ``/s/<program>``."""
    blueprint = Blueprint("shop", __name__, url_prefix="/s/<program>", template_folder="templates")
    guard(blueprint)
    set_cookies(blueprint)
    show_errors(blueprint)
    add_routes(blueprint, ROUTES)
    blueprint.before_request(admit)
    return blueprint
