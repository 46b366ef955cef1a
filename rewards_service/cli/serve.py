"""``rewards serve``: the web processes and, beside them, a worker."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from granian.constants import Interfaces
from granian.server.mp import MPServer

from rewards_service.cli.context import CommandContext, fail
from rewards_service.cli.worker_beside import WorkerBeside
from rewards_service.config import Settings
from rewards_service.kit.crypto.keys import key_path
from rewards_service.kit.logs import configure_logs

THREADS_PER_PROCESS = 4
BACKPRESSURE = 64
TARGET = "rewards_service.app:create_wsgi_app"


@click.command()
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--no-worker", is_flag=True, help="Serve pages only; jobs run elsewhere with `rewards worker`.")
@click.pass_obj
def serve(context: CommandContext, *, workers: int, no_worker: bool) -> None:
    """Serve shop, console and API, and run jobs, until a signal ends it."""
    settings = context.read_settings()
    path = key_path(settings.keys)
    if path is not None and not path.exists():
        fail(f"There is no key file {path}. Run `rewards init` first, or set REWARDS_KEYS.")
    click.echo(
        f"Rewards: {settings.base_url}  API: {settings.base_url}/api/v1/docs  Console: {settings.base_url}/console"
    )
    configure_logs(level=settings.log_level)
    with _embedded_worker(wanted=not no_worker):
        _web_processes(settings, workers=workers).serve()


def _web_processes(settings: Settings, *, workers: int) -> MPServer:
    """Return the server: processes that restart when they fail, each with threads of its own."""
    return MPServer(
        TARGET,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS_PER_PROCESS,
        backpressure=BACKPRESSURE,
        respawn_failed_workers=True,
        factory=True,
        websockets=False,
        log_access=False,
    )


@contextmanager
def _embedded_worker(*, wanted: bool) -> Iterator[None]:
    """Run a worker process beside the web processes, again when it crashes, and end it with them."""
    if not wanted:
        yield
        return
    worker = WorkerBeside()
    try:
        yield
    finally:
        worker.stop()
