"""Who does something: kept with every change."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["system", "member", "staff", "api_key", "guest", "job"]


@dataclass(frozen=True, slots=True)
class Actor:
    """One who acts: a kind and a public reference, never a name or an address."""

    kind: ActorKind
    reference: str


SYSTEM = Actor(kind="system", reference="system")
