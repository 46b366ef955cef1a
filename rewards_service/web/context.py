"""What pages are given from outside: the time, the keys, the address the world knows us by."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, current_app

from rewards_service.kit.clock import Clock
from rewards_service.kit.crypto import Vault
from rewards_service.kit.signing import Signer

_EXTENSION = "rewards.web"


@dataclass(frozen=True, slots=True)
class WebContext:
    """Everything a page may use that is not in its request.

    Attributes:
        base_url: scheme and host that links in mails begin with, without a slash at the end.
    """

    clock: Clock
    vault: Vault
    signer: Signer
    base_url: str

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach us by TLS, so that cookies may insist on it."""
        return self.base_url.startswith("https://")


def keep_context(app: Flask, context: WebContext) -> None:
    """Hand ``context`` to every page of ``app``."""
    app.extensions[_EXTENSION] = context


def web_context() -> WebContext:
    """Return what the application of this request was given."""
    return cast("WebContext", current_app.extensions[_EXTENSION])


def present() -> datetime:
    """Return the moment of this request."""
    return web_context().clock.now()
