"""A blueprint as a table one can read: address, name, view, who may call it, and within which tenant.

Adding a route declares its rule in the registry that the API uses too; a view without a rule cannot be added.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Blueprint
from flask.typing import ResponseReturnValue

from rewards_service.kit.access import AccessRule, TenantScope, declare_access

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Route:
    """One address of a blueprint; ``permission`` is a string of ``identity.policy`` or ``kit.access.PUBLIC``."""

    path: str
    name: str
    view: View
    permission: str
    scope: TenantScope
    method: str = "GET"


def add_routes(blueprint: Blueprint, routes: Iterable[Route]) -> None:
    """Give ``blueprint`` its addresses and declare who may call each."""
    for route in routes:
        blueprint.add_url_rule(route.path, route.name, route.view, methods=[route.method])
        declare_access(f"{blueprint.name}.{route.name}", AccessRule(route.permission, route.scope))
