"""How many failures are too many, as one table, and how a caller is counted."""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

IPV6_PREFIX = 64
"""Whoever has one IPv6 address has the other 2^64 of its network as well."""
SITE_KEY = "site"


class Scope(StrEnum):
    """Whose failures are counted together."""

    SESSION = "session"
    ADDRESS = "address"
    KEY = "key"
    RECIPIENT = "recipient"
    ORGANIZATION = "organization"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Limit:
    """``failures`` within ``window`` close the door.

    Attributes:
        wait: for how long after the last of them; ``None``: until the first of them is older than ``window``.
        spares_newcomers: lets in whoever has not failed yet, so that an attack on all does not lock out each.
    """

    scope: Scope
    failures: int
    window: timedelta
    wait: timedelta | None = None
    spares_newcomers: bool = False


@dataclass(frozen=True, slots=True)
class SiteBudget:
    """Failures of the whole installation within ``window`` that raise the alarm, and that ask everybody for proof.

    From ``watch`` on failures are counted one after another until the alarm is raised: as many as ``alarm`` is higher
    may be recorded at the same moment, and none of them sees the others.
    """

    watch: int
    alarm: int
    proof: int
    window: timedelta


_TEN_MINUTES = timedelta(minutes=10)
_HOUR = timedelta(hours=1)

GUESSES = (
    Limit(Scope.SESSION, 5, _TEN_MINUTES, wait=timedelta(minutes=1)),
    Limit(Scope.SESSION, 10, _TEN_MINUTES, wait=timedelta(minutes=5)),
    Limit(Scope.SESSION, 15, _TEN_MINUTES, wait=timedelta(minutes=30)),
    Limit(Scope.ADDRESS, 20, _HOUR),
    Limit(Scope.KEY, 300, _HOUR),
    Limit(Scope.ORGANIZATION, 300, _HOUR, spares_newcomers=True),
)
"""Wrong tries at anything that is guessed."""

SENDINGS = (Limit(Scope.RECIPIENT, 3, _TEN_MINUTES), Limit(Scope.ADDRESS, 20, _HOUR))
"""Messages that a stranger makes us send; here every sending is counted, not only failures."""

TEXT_MESSAGES = (*SENDINGS, Limit(Scope.ORGANIZATION, 1_000, _HOUR))
"""Text messages cost money each, so there is an end to what all strangers together make an organization send."""

LIMITS: dict[str, tuple[Limit, ...]] = {"sign_in_request": SENDINGS, "sms": TEXT_MESSAGES}
"""What differs from ``GUESSES``, by purpose."""

SITE_BUDGET = SiteBudget(watch=200, alarm=300, proof=1000, window=_HOUR)
"""Never a hard stop: an attacker must not be able to close the shop."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who tries, as far as it is known.

    Attributes:
        session: what names the browser's session; kept as a hash.
        address: the IP address; an IPv4 counts alone, an IPv6 with its /64.
        key: what names the API key of a machine, which speaks for many people; kept as a hash.
        organization_id: whose thing is tried.
        recipient: the email address or number that a message would go to; kept as a hash.
    """

    session: str | None = None
    address: str | None = None
    key: str | None = None
    organization_id: int | None = None
    recipient: str | None = None

    def counted_as(self) -> dict[Scope, str]:
        """Return under which key this caller is counted in each scope that applies."""
        found = {
            Scope.SESSION: _digest(self.session),
            Scope.ADDRESS: _network(self.address),
            Scope.KEY: _digest(self.key),
            Scope.RECIPIENT: _digest(self.recipient),
            Scope.ORGANIZATION: None if self.organization_id is None else str(self.organization_id),
            Scope.SITE: SITE_KEY,
        }
        return {scope: key for scope, key in found.items() if key is not None}


def limits_of(purpose: str) -> tuple[Limit, ...]:
    """Return the limits of a purpose: those of guessing, unless the table says otherwise."""
    return LIMITS.get(purpose, GUESSES)


def _digest(text: str | None) -> str | None:
    """Return the hash under which a session or a recipient is counted."""
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def _network(address: str | None) -> str | None:
    """Return the network that an address is counted with, or ``None`` where there is no address."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
        parsed = parsed.ipv4_mapped
    return str(parsed)
