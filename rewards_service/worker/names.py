"""Names of workers, by which a worker knows what a dead one of the same machine left behind.

Machines may be called the same: the containers of one service often are, and each runs its worker as process 1. So a
name also says whose numbers of processes it speaks of.
"""

import os
import secrets
import socket
from hashlib import sha256
from pathlib import Path

HOST_LENGTH_MAX = 50
TOKEN_BYTES = 4
BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Drawn by the kernel at each start (Linux, random(4))."""

NAMESPACE = Path("/proc/self/ns/pid")
"""Leads to whom this process shares its numbers of processes with (Linux, pid_namespaces(7))."""

_ALIVE_HERE: set[str] = set()


def new_worker_name() -> str:
    """Return ``host/processes/pid/token``, unique for ever; it counts as alive until ``retire``."""
    name = f"{_machine()}/{os.getpid()}/{secrets.token_hex(TOKEN_BYTES)}"
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
    machine, separator, process = name.rpartition("/")[0].rpartition("/")
    if not separator or machine != _machine() or not process.isdecimal():
        return False
    if int(process) == os.getpid():
        return name not in _ALIVE_HERE
    return not _is_running(int(process))


def _machine() -> str:
    """Return the name of this machine, and what tells its processes from those of another of the same name."""
    return f"{socket.gethostname()[:HOST_LENGTH_MAX]}/{_processes()}"


def _processes() -> str:
    """Return a few symbols for this boot and this namespace; where the kernel names none, they are like nobody's."""
    try:
        named = f"{BOOT.read_text()}{NAMESPACE.readlink()}"
    except OSError:
        return secrets.token_hex(TOKEN_BYTES)
    return sha256(named.encode()).hexdigest()[: 2 * TOKEN_BYTES]


def _is_running(process: int) -> bool:
    """Tell whether a process of that number exists."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
