"""A guard: whoever opens a connection beyond this machine in a test gets an error that says so."""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", ""})


class NetworkRefused(AssertionError):
    """A test reached for another machine; use a server on loopback or the gateway's in-memory twin."""


def refuse_network() -> None:
    """Let sockets of this process reach loopback and unix sockets only, names included, until the process ends."""
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    socket.getaddrinfo = _guarded_lookup(socket.getaddrinfo)


def _guarded(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``original``, a method of sockets that takes an address, behind the guard."""

    def guarded(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1]
        if self.family in {socket.AF_INET, socket.AF_INET6} and isinstance(address, tuple):
            _require_local(address[0])
        return original(self, *arguments)

    return guarded


def _guarded_lookup(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``socket.getaddrinfo`` behind the guard: a look-up of a foreign name leaves the machine too."""

    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        _require_local(host)
        return original(host, *arguments, **options)

    return guarded


def _require_local(host: Any) -> None:
    """Refuse any host that is not this machine.

    Raises:
        NetworkRefused: it is not.
    """
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in LOCAL_NAMES:
        return
    try:
        local = ipaddress.ip_address(name.partition("%")[0]).is_loopback or ipaddress.ip_address(name).is_unspecified
    except ValueError:
        local = False
    if not local:
        raise NetworkRefused(f"a test reached for {name}")
