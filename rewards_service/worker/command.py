"""``rewards worker``: run jobs until a signal ends it."""

import os
import signal
from contextlib import AbstractContextManager
from typing import Protocol

import click
from flask import current_app

from rewards_service.kit.logs import configure_logs
from rewards_service.kit.services import Services
from rewards_service.worker.dispatcher import Worker
from rewards_service.worker.signs import FOLDER

ENDINGS = frozenset({signal.SIGTERM, signal.SIGINT})
LOOK_SECONDS = 2


class OpensServices(Protocol):
    """What the command line hands to every command."""

    def open_services(self) -> AbstractContextManager[Services]:
        """Open the application and give what it was handed."""
        ...


@click.command("worker")
@click.option("--beside", type=int, hidden=True, help="End with the process of this number, however that ends.")
@click.pass_obj
def worker(context: OpensServices, *, beside: int | None) -> None:
    """Run background jobs until a signal ends it; what was begun is finished first."""
    # Blocked before any thread starts: the signal is waited for, so no handler runs in the middle of anything.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    with context.open_services() as services:
        configure_logs(level=services.settings.log_level)
        running = Worker(
            registry=services.registry,
            gateways=services.gateways,
            clock=services.clock,
            context=current_app.app_context,
        )
        running.start(signs=services.settings.home / FOLDER)
        _wait_for_end(beside)
        running.stop()


def _wait_for_end(beside: int | None) -> None:
    """Wait for a signal, or for the end of the process that started this one to run beside it."""
    while signal.sigtimedwait(ENDINGS, LOOK_SECONDS) is None:
        if beside is not None and os.getppid() != beside:
            return
