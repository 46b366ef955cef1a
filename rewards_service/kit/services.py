"""What the application hands to its entry points: settings, time, keys, jobs, vendors."""

from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app

from rewards_service.config import Settings
from rewards_service.kit.clock import Clock
from rewards_service.kit.crypto import Vault
from rewards_service.kit.jobs import JobRegistry
from rewards_service.kit.signing import Signer

_EXTENSION = "rewards"


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an entry point may use that is not in its request.

    Attributes:
        gateways: the vendors, as ``rewards_service.gateways.Gateways``; this layer does not know them.
    """

    settings: Settings
    clock: Clock
    vault: Vault
    signer: Signer
    registry: JobRegistry
    gateways: Any


def keep_services(app: Flask, services: Services) -> None:
    """Hand ``services`` to every request, job and command of ``app``."""
    app.extensions[_EXTENSION] = services


def services_of(app: Flask) -> Services:
    """Return what ``app`` was given."""
    return cast("Services", app.extensions[_EXTENSION])


def current_services() -> Services:
    """Return what the application of this request or command was given."""
    return cast("Services", current_app.extensions[_EXTENSION])
