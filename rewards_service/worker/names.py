"""Names of workers, by which a worker knows what a dead one of the same machine left behind."""

import os
import secrets
import socket

HOST_LENGTH_MAX = 50
TOKEN_BYTES = 4

_ALIVE_HERE: set[str] = set()


def new_worker_name() -> str:
    """Return ``host/pid/token``, unique for ever; it counts as alive until ``retire``."""
    name = f"{_host()}/{os.getpid()}/{secrets.token_hex(TOKEN_BYTES)}"
    _ALIVE_HERE.add(name)
    return name


def retire(name: str) -> None:
    """Let a worker of this process count as gone."""
    _ALIVE_HERE.discard(name)


def is_gone(name: str) -> bool:
    """Tell whether the worker of that name ran on this machine and is certainly no more.

    Nothing is said about other machines, nor while another process has the same number by now: there the lease runs
    out in its own time.
    """
    host, separator, process = name.rpartition("/")[0].rpartition("/")
    if not separator or host != _host() or not process.isdecimal():
        return False
    if int(process) == os.getpid():
        return name not in _ALIVE_HERE
    return not _is_running(int(process))


def _host() -> str:
    """Return the name of this machine."""
    return socket.gethostname()[:HOST_LENGTH_MAX]


def _is_running(process: int) -> bool:
    """Tell whether a process of that number exists."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
