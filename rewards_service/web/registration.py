"""Putting the pages into an application."""

from flask import Flask

from rewards_service.web import assets, console, front, shop
from rewards_service.web.errors import show_unrouted_errors
from rewards_service.web.i18n import init_i18n
from rewards_service.web.rendering import prepare_templates
from rewards_service.web.security import secure_cookies

TEMPLATES = "web/templates"


def register_web(app: Flask) -> None:
    """Serve the shop, the console and their files; ``keep_services`` has run before.

    ``app`` has no static folder of its own, and its templates are those of ``web/templates``.
    """
    app.template_folder = TEMPLATES
    secure_cookies(app)
    init_i18n(app)
    prepare_templates(app)
    show_unrouted_errors(app)
    for blueprint in (assets.make_blueprint(), front.make_blueprint(), shop.make_blueprint(), console.make_blueprint()):
        app.register_blueprint(blueprint)
