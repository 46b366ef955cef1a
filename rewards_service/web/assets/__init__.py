"""What every page loads or may change about its looks: files, pictures of items, theme and language."""

from flask import Blueprint

from rewards_service.kit.access import PUBLIC, TenantScope
from rewards_service.web.assets import views
from rewards_service.web.routing import Route, add_routes
from rewards_service.web.security import guard

ROUTES = (
    Route("/assets/<version>/<name>", "file", views.send_file, PUBLIC, TenantScope.NONE),
    Route("/art/<subject>/<seed>.svg", "art", views.send_picture, PUBLIC, TenantScope.NONE),
    Route("/appearance", "choose_theme", views.choose_theme, PUBLIC, TenantScope.NONE, "POST"),
    Route("/language", "choose_language", views.choose_language, PUBLIC, TenantScope.NONE, "POST"),
)


def make_blueprint() -> Blueprint:
    """Return the blueprint ``assets``."""
    blueprint = Blueprint("assets", __name__)
    guard(blueprint)
    add_routes(blueprint, ROUTES)
    return blueprint
