"""Names of workers, and the signs by which they know which of them are gone.

For as long as it lives, a worker keeps a file of its name locked in the home of its installation. The kernel ends the
lock with the process, however that ends: so a file that nobody locks is the sign of a worker that is certainly gone,
and whoever starts next takes its jobs over at once, after a kill as after a power cut. Where there is no file, nothing
is known, and the lease runs out in its own time.

Containers on one volume see each other's locks; machines with homes of their own do not even see each other's files,
whatever they are called. Numbers would not do: a restarted container has the host name and process of the one before,
and so has its living neighbour. Nor would a lock in PostgreSQL: it ends with a connection, and a worker that lost its
connection may still be in the middle of a letter.
"""

import fcntl
import os
import secrets
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rewards_service.kit.logs import logger_of

HOST_LENGTH_MAX = 50
TOKEN_BYTES = 4
FOLDER = "workers"
"""Where signs are kept, in the home of the installation."""

log = logger_of(__name__)


def new_worker_name() -> str:
    """Return ``host-process-token``, unique for ever; the first two are for people."""
    return f"{socket.gethostname()[:HOST_LENGTH_MAX]}-{os.getpid()}-{secrets.token_hex(TOKEN_BYTES)}"


@contextmanager
def sign_of_life(folder: Path, *, name: str) -> Iterator[None]:
    """Keep a sign of the worker of that name; one that cannot be kept is gone without, and that is said."""
    try:
        sign = _lock_new(folder, name)
    except OSError as error:
        log.warning("worker_without_sign", worker=name, error=str(error))
        yield
        return
    with sign:
        yield


def find_gone(folder: Path) -> set[str]:
    """Return the names of workers of this home that are certainly gone."""
    return {sign.name for sign in folder.glob("[!.]*") if _is_free(sign)}


def remove_signs(folder: Path, *, names: Iterable[str]) -> None:
    """Remove the signs of workers that are gone and left nothing behind; one that cannot be removed stays."""
    for name in names:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            log.warning("sign_not_removed", worker=name, error=str(error))


def _lock_new(folder: Path, name: str) -> BinaryIO:
    """Return the new sign of ``name``; it is hidden until it is locked, so that nobody finds it free."""
    folder.mkdir(parents=True, exist_ok=True)
    hidden = folder / f".{name}"
    sign = hidden.open("xb")
    try:
        fcntl.flock(sign, fcntl.LOCK_EX)
        hidden.rename(folder / name)
    except OSError:
        sign.close()
        hidden.unlink(missing_ok=True)
        raise
    return sign


def _is_free(sign: Path) -> bool:
    """Tell whether nobody locks a sign; one that cannot be asked counts as locked."""
    try:
        with sign.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
