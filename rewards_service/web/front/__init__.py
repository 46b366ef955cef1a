"""The front door: it knows no program, and leads on to the right shop.

Invariants: an answer does not tell whether an address or a code is known; nothing is used up by looking.
"""

from flask import Blueprint

from rewards_service.kit.access import PUBLIC, TenantScope
from rewards_service.web.errors import show_errors
from rewards_service.web.front import views
from rewards_service.web.routing import Route, add_routes
from rewards_service.web.security import guard
from rewards_service.web.sessions import set_cookies

ROUTES = (
    Route("/", "door", views.door, PUBLIC, TenantScope.NONE),
    Route("/", "find_place", views.find_place, PUBLIC, TenantScope.NONE, "POST"),
    Route("/claim/<token>", "claim", views.claim, PUBLIC, TenantScope.NONE),
)


def make_blueprint() -> Blueprint:
    """Return the blueprint ``front``."""
    blueprint = Blueprint("front", __name__, template_folder="templates")
    guard(blueprint)
    set_cookies(blueprint)
    show_errors(blueprint)
    add_routes(blueprint, ROUTES)
    return blueprint
