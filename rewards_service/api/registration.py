"""Putting the API into an application."""

from flask import Flask

from rewards_service.api.blueprint import answer_unrouted, api_blueprint
from rewards_service.api.documentation.page import register_documentation
from rewards_service.api.health import register_health


def register_api(app: Flask) -> None:
    """Serve the API, its description, and the addresses that machines watch; ``keep_services`` has run before."""
    app.register_blueprint(api_blueprint())
    register_documentation(app)
    register_health(app)
    answer_unrouted(app)
