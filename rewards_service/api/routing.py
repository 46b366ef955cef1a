"""The table of an API: address, view, schemas, who may call it, and what a repeat of it means."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from marshmallow import Schema
from sqlalchemy.orm import Session

from rewards_service.api.calls import Call
from rewards_service.kit.access import AccessRule, TenantScope
from rewards_service.kit.errors import Refusal

BLUEPRINT = "api"

View = Callable[..., Any]
Admission = Callable[[Call, Sequence[Any]], None]
"""Turns callers away before anything is written; raises what says why."""
RefusedHook = Callable[[Call, Session, Refusal], None]
"""Writes what outlives a refusal, e.g. a wrong try, in the transaction that keeps it."""


class Effect(Enum):
    """What an endpoint does to the database, and so how it is run."""

    READS = "reads"
    WRITES = "writes"
    MOVES_VALUE = "moves value"
    """Needs an Idempotency-Key: its effect happens once and its answer is kept for repeats."""


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the API.

    Attributes:
        view: takes the ``Call``, then its query and body (as its schemas load them), then the path's parts by name; its
            name is the operation's, its docstring the description.
        status: HTTP's of a first success; ``repeat_status`` that of the same fact told again, where it can be.
        secrets: the fields of the answer that must not be kept; a late repeat has null in them.
        admit: called with the call and what was parsed, in a session that cannot write, before anything else.
        refused: called when a refusal undid what the view did.
    """

    method: str
    path: str
    view: View
    permission: str
    scope: TenantScope
    gives: type[Schema]
    effect: Effect = Effect.READS
    query: type[Schema] | None = None
    body: type[Schema] | None = None
    status: int = 200
    repeat_status: int | None = None
    secrets: tuple[str, ...] = ()
    admit: Admission | None = None
    refused: RefusedHook | None = None

    @property
    def name(self) -> str:
        """The operation's id, and the last part of its endpoint's name."""
        name: str = self.view.__name__
        return name

    @property
    def endpoint(self) -> str:
        """The name by which Flask and the registry of access know it."""
        return f"{BLUEPRINT}.{self.name}"

    @property
    def rule(self) -> AccessRule:
        """Who may call it."""
        return AccessRule(self.permission, self.scope)

    @property
    def is_keyed(self) -> bool:
        """Whether it needs an Idempotency-Key."""
        return self.effect is Effect.MOVES_VALUE


@dataclass(frozen=True, slots=True)
class Resource:
    """The addresses of one sort of thing, as the description groups them."""

    name: str
    about: str
    routes: tuple[Route, ...]
