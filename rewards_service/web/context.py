"""What pages ask of the application: the present moment, and how browsers reach it."""

from datetime import datetime
from urllib.parse import urlsplit

from flask import Flask

from rewards_service.kit.services import current_services, services_of


def present() -> datetime:
    """Return the moment of this request."""
    return current_services().clock.now()


def is_secure(app: Flask | None = None) -> bool:
    """Tell whether browsers reach ``app`` (the present one) by TLS, so that cookies may insist on it."""
    services = current_services() if app is None else services_of(app)
    return services.settings.base_url.startswith("https://")


def own_host() -> str:
    """Return the name by which the world knows us."""
    return urlsplit(current_services().settings.base_url).hostname or ""
