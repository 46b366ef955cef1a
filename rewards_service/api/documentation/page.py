"""The description to read: one page made on the server from the OpenAPI document, without a script."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, render_template

from rewards_service.api.documentation.reading import known_errors, operations_by_resource
from rewards_service.api.documentation.specification import specification, specification_text
from rewards_service.kit.access import PUBLIC, AccessRule, TenantScope, declare_access
from rewards_service.kit.services import current_services

NAME = "api_documentation"
CONTENT_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
STYLE = Path(__file__).parent / "static" / "docs.css"
FOR_A_YEAR = "public, max-age=31536000, immutable"


def register_documentation(app: Flask) -> None:
    """Serve ``/api/v1/openapi.json`` and ``/api/v1/docs``."""
    blueprint = Blueprint(NAME, __name__, url_prefix="/api/v1", template_folder="templates")
    for path, name, view in (
        ("/openapi.json", "document", show_document),
        ("/docs", "page", show_page),
        ("/docs/<version>/style.css", "style", show_style),
    ):
        blueprint.add_url_rule(path, name, view)
        declare_access(f"{NAME}.{name}", AccessRule(PUBLIC, TenantScope.NONE))
    blueprint.after_request(_add_headers)
    app.register_blueprint(blueprint)


def show_document() -> Response:
    """Return the OpenAPI document."""
    return Response(specification_text(), headers={"Content-Type": "application/json", "Cache-Control": "no-cache"})


def show_page() -> Response:
    """Return the page."""
    base_url = current_services().settings.base_url
    body = render_template(
        "api/docs.html",
        info=specification()["info"],
        groups=operations_by_resource(base_url),
        errors=known_errors(),
        style_version=_style_version(),
    )
    return Response(body, headers={"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache"})


def show_style(version: str) -> Response:
    """Return the page's style; another version is another address."""
    if version != _style_version():
        return Response(status=404)
    return Response(STYLE.read_bytes(), headers={"Content-Type": "text/css", "Cache-Control": FOR_A_YEAR})


@cache
def _style_version() -> str:
    """Return what changes when the style does."""
    return hashlib.sha256(STYLE.read_bytes()).hexdigest()[:12]


def _add_headers(response: Response) -> Response:
    """Let nothing on the page run or be framed."""
    response.headers["Content-Security-Policy"] = CONTENT_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
