"""The composition root: the only module that knows every other one.

``create_app`` builds the application from settings and hands each entry point what it needs; ``main`` is the
``rewards`` command.
"""

import hashlib
import os

import click
from flask import Flask

from rewards_service.api.registration import register_api
from rewards_service.cli.awards import awards
from rewards_service.cli.catalog import catalog
from rewards_service.cli.context import CommandContext, fail
from rewards_service.cli.init import init
from rewards_service.cli.jobs import jobs
from rewards_service.cli.serve import serve
from rewards_service.config import Settings, SettingUnusable, read_settings
from rewards_service.kit.clock import Clock, SystemClock
from rewards_service.kit.crypto import KeyRing, Vault, read_keys
from rewards_service.kit.database import connect_database
from rewards_service.kit.jobs import JobRegistry, install_registry
from rewards_service.kit.request_ids import give_request_ids
from rewards_service.kit.services import Services, keep_services
from rewards_service.kit.signing import Signer
from rewards_service.wallets.jobs import JOB_KINDS as WALLET_JOBS

JOB_KINDS = (*WALLET_JOBS,)
"""Every sort of job there is; a test holds it against what features declare."""

COMMANDS: tuple[click.Command, ...] = (awards, catalog, init, jobs, serve)


def create_app(settings: Settings, *, clock: Clock | None = None, keys: KeyRing | None = None) -> Flask:
    """Return the application on the database and keys that ``settings`` name.

    ``clock`` and ``keys`` are for tests; else the machine's clock and the key file are used.

    Raises:
        KeysUnusable: the key file is missing or open to others.
    """
    ring = keys or read_keys(settings.keys)
    app = Flask("rewards_service", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key or _cookie_key(ring),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        TESTING=settings.env == "test",
    )
    connect_database(app)
    registry = JobRegistry(JOB_KINDS)
    install_registry(registry)
    services = Services(
        settings=settings,
        clock=clock or SystemClock(),
        vault=Vault(ring),
        signer=Signer([key for _, key in ring.signing.newest_first]),
        registry=registry,
        gateways=None,
    )
    keep_services(app, services)
    give_request_ids(app)
    register_api(app)
    return app


def create_wsgi_app() -> Flask:
    """Return the application that the environment describes, for a WSGI server."""
    return create_app(read_settings(os.environ))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rewards")
def rewards() -> None:
    """Self-hosted rewards: points, codes, gift cards, and books that agree."""


def main() -> None:
    """Run the ``rewards`` command."""
    for command in COMMANDS:
        rewards.add_command(command)
    try:
        rewards.main(obj=CommandContext(read_settings=lambda: read_settings(os.environ), create_app=create_app))
    except SettingUnusable as error:
        fail(str(error))


def _cookie_key(ring: KeyRing) -> str:
    """Return the key of Flask's own cookie, derived from the installation's signing key."""
    _, key = ring.signing.newest_first[0]
    return hashlib.blake2b(b"flask-session", key=key, digest_size=32).hexdigest()


if __name__ == "__main__":
    main()
