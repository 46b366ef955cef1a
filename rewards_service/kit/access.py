"""Who may call which route, and within which tenant it is answered: one registry for pages and API alike.

A route that is not declared here is never served: the entry points refuse to start with it, and tests generate the
matrix of roles and tenants from these rules. What a permission means is decided in ``identity.policy``; here it is a
string.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

PUBLIC = "public"
"""The permission that everybody holds, signed in or not."""


class TenantScope(StrEnum):
    """Which rows a route may touch: it answers as if all others did not exist."""

    NONE = "none"  # nothing that belongs to a tenant: static files, health, sign-in forms
    ORGANIZATION = "organization"  # rows of the caller's organization
    PROGRAM = "program"  # rows of the one program that the URL, the key or the session names
    OWN = "own"  # what the signed-in member, or the guest's codes, hold themselves


@dataclass(frozen=True, slots=True)
class AccessRule:
    """The permission a caller needs, and the tenant the answer is limited to."""

    permission: str
    scope: TenantScope


class UndeclaredAccessError(LookupError):
    """A route exists for which nobody said who may call it."""


ACCESS_RULES: dict[str, AccessRule] = {}
"""Every declared route by its endpoint name, e.g. ``shop.basket`` or ``orders.OrderList``."""


def declare_access(endpoint: str, rule: AccessRule) -> AccessRule:
    """Say once who may call ``endpoint``. Raises ``ValueError`` when it was declared differently before."""
    if ACCESS_RULES.setdefault(endpoint, rule) != rule:
        raise ValueError(f"{endpoint} is already declared as {ACCESS_RULES[endpoint]}")
    return rule


def access_rule(endpoint: str) -> AccessRule:
    """Return the rule of ``endpoint``. Raises ``UndeclaredAccessError``."""
    rule = ACCESS_RULES.get(endpoint)
    if rule is None:
        raise UndeclaredAccessError(endpoint)
    return rule


def undeclared_endpoints(endpoints: Iterable[str]) -> list[str]:
    """Return, sorted, those of ``endpoints`` that nobody declared; an application starts only with an empty list."""
    return sorted(set(endpoints) - ACCESS_RULES.keys())
