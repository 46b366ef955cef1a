"""The composition root: the only module that knows every other one.

``create_app`` builds the application from settings and hands each entry point what it needs; ``main`` is the
``rewards`` command.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

import click
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from rewards_service.api.registration import register_api
from rewards_service.cli.api_key import api_key
from rewards_service.cli.awards import awards
from rewards_service.cli.books import books
from rewards_service.cli.catalog import catalog
from rewards_service.cli.codes import codes
from rewards_service.cli.context import CommandContext, fail
from rewards_service.cli.doctor import doctor
from rewards_service.cli.gauntlet import gauntlet
from rewards_service.cli.init import init
from rewards_service.cli.jobs import jobs
from rewards_service.cli.ledger import ledger
from rewards_service.cli.orders import orders
from rewards_service.cli.serve import serve
from rewards_service.cli.stock import stock
from rewards_service.cli.wallets import wallets
from rewards_service.codes.jobs import JOB_KINDS as CODE_JOBS
from rewards_service.codes.message_secrets import code_secret_readers
from rewards_service.config import Settings, SettingUnusable, read_settings
from rewards_service.delivery.jobs import JOB_KINDS as DELIVERY_JOBS
from rewards_service.fulfillment.jobs import JOB_KINDS as FULFILLMENT_JOBS
from rewards_service.gateways import Gateways, GatewayUrlUnusableError
from rewards_service.gateways.mail.selection import mail_gateway
from rewards_service.gateways.sms.selection import sms_gateway
from rewards_service.identity.message_secrets import login_secret_readers
from rewards_service.kit.access import UndeclaredAccessError, undeclared_endpoints
from rewards_service.kit.clock import Clock, SystemClock
from rewards_service.kit.crypto import KeyRing, Vault, read_keys
from rewards_service.kit.database import connect_database
from rewards_service.kit.jobs import JobRegistry, install_registry
from rewards_service.kit.logs import configure_logs
from rewards_service.kit.request_ids import give_request_ids
from rewards_service.kit.services import Services, keep_services
from rewards_service.kit.signing import Signer
from rewards_service.ledger.jobs import JOB_KINDS as LEDGER_JOBS
from rewards_service.wallets.jobs import JOB_KINDS as WALLET_JOBS
from rewards_service.web.registration import register_web
from rewards_service.worker import Worker
from rewards_service.worker.command import worker
from rewards_service.worker.upkeep import JOB_KINDS as UPKEEP_JOBS

JOB_KINDS = (*CODE_JOBS, *DELIVERY_JOBS, *FULFILLMENT_JOBS, *LEDGER_JOBS, *UPKEEP_JOBS, *WALLET_JOBS)
"""Every sort of job there is; a test holds it against what features declare."""

COMMANDS: tuple[click.Command, ...] = (
    api_key,
    awards,
    books,
    catalog,
    codes,
    doctor,
    gauntlet,
    init,
    jobs,
    ledger,
    orders,
    serve,
    stock,
    wallets,
    worker,
)
OUTBOX = "outbox"
SMS_OUTBOX = "sms"


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    keys: KeyRing | None = None,
    gateways: Gateways | None = None,
) -> Flask:
    """Return the application on the database, keys and vendors that ``settings`` name.

    ``clock``, ``keys`` and ``gateways`` are for tests; else the machine's clock, the key file and the vendors of the
    settings are used.

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
    vault, signer = Vault(ring), Signer([key for _, key in ring.signing.newest_first])
    services = Services(
        settings=settings,
        clock=clock or SystemClock(),
        vault=vault,
        signer=signer,
        registry=registry,
        gateways=gateways or _gateways(settings, vault=vault, signer=signer),
    )
    keep_services(app, services)
    _believe_proxies(app, count=settings.trusted_proxies)
    give_request_ids(app)
    register_api(app)
    register_web(app)
    _require_declared_access(app)
    return app


def create_wsgi_app() -> Flask:
    """Return the application that the environment describes, for a WSGI server."""
    settings = read_settings(os.environ)
    configure_logs(level=settings.log_level)
    return create_app(settings)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rewards")
def rewards() -> None:
    """Self-hosted rewards: points, codes, gift cards, and books that agree."""


for _command in COMMANDS:
    rewards.add_command(_command)


def main() -> None:
    """Run the ``rewards`` command."""
    try:
        rewards.main(obj=command_context(os.environ))
    except (SettingUnusable, GatewayUrlUnusableError) as error:
        fail(str(error))


def command_context(environ: Mapping[str, str]) -> CommandContext:
    """Return what commands are given in an environment."""
    return CommandContext(read_settings=lambda: read_settings(environ), create_app=create_app, drain=_drain)


def _believe_proxies(app: Flask, *, count: int) -> None:
    """Take a caller's address from the last ``count`` hops of ``X-Forwarded-For``, which the proxies in front wrote.

    What stands before them was written by anybody. Host and scheme are never taken from a header: the settings say
    how the world reaches us.
    """
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=0)  # type: ignore[method-assign]  # as Flask documents it


def _require_declared_access(app: Flask) -> None:
    """Refuse to start with a route of which nobody said who may call it.

    Raises:
        UndeclaredAccessError: there is one; its name is said.
    """
    undeclared = undeclared_endpoints(app.view_functions)
    if undeclared:
        raise UndeclaredAccessError(", ".join(undeclared))


def _drain(services: Services, queues: Sequence[str]) -> int:
    """Run the jobs of ``queues`` that are due, within a command, and return how many that were."""
    running = Worker(registry=services.registry, gateways=services.gateways, clock=services.clock, context=nullcontext)
    return running.drain(queues=queues)


def _gateways(settings: Settings, *, vault: Vault, signer: Signer) -> Gateways:
    """Return the vendors of the settings, and the readers of what messages say in clear."""
    return Gateways(
        mail=mail_gateway(settings.mail_url, outbox=settings.home / OUTBOX),
        sms=sms_gateway(settings.sms_url, outbox=settings.home / SMS_OUTBOX),
        vault=vault,
        signer=signer,
        base_url=settings.base_url,
        mail_from=settings.mail_from,
        secrets={**login_secret_readers(vault), **code_secret_readers(vault)},
    )


def _cookie_key(ring: KeyRing) -> str:
    """Return the key of Flask's own cookie, derived from the installation's signing key."""
    _, key = ring.signing.newest_first[0]
    return hashlib.blake2b(b"flask-session", key=key, digest_size=32).hexdigest()


if __name__ == "__main__":
    main()
