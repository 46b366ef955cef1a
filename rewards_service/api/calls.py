"""What an endpoint is given and what it gives back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from rewards_service.identity.queries import ApiKeyIdentity
from rewards_service.kit.actor import Actor
from rewards_service.kit.errors import FieldProblem, NotFound, ValidationFailed
from rewards_service.kit.services import Services
from rewards_service.programs.models import Program
from rewards_service.programs.queries import ProgramNotFound, program_by_id, program_by_reference


class OfProgram(Protocol):
    """A row that belongs to one program, or to the whole organization."""

    @property
    def program_id(self) -> int | None:
        """The internal key of its program."""
        ...


Row = TypeVar("Row", bound=OfProgram)


class ProgramNotNamed(ValidationFailed):
    """The key may touch several programs, and the request does not say which it is about."""

    def __init__(self) -> None:
        message = "This key is good for every program of the organization: say which one."
        super().__init__(message, problems=(FieldProblem("/program_id", "required", message),))


@dataclass(frozen=True, slots=True)
class Call:
    """One authorized request within its transaction.

    Attributes:
        key: the machine that calls; it fixes the organization and perhaps the program.
    """

    session: Session
    key: ApiKeyIdentity
    services: Services
    now: datetime

    @property
    def organization_id(self) -> int:
        """The internal key of the only organization whose rows this request may touch."""
        return self.key.organization_id

    @property
    def program_ids(self) -> frozenset[int] | None:
        """The only programs whose rows it may touch; none: all of the organization."""
        return None if self.key.program_id is None else frozenset({self.key.program_id})

    @property
    def actor(self) -> Actor:
        """Who is recorded as having done it."""
        return Actor("api_key", self.key.public_id)

    def page(self, query: dict[str, Any]) -> dict[str, Any]:
        """Take what says which page is asked for out of ``query``, and return it as listings want it."""
        return {"signer": self.services.signer, "cursor": query.pop("cursor", None), "limit": query.pop("limit")}

    def program(self, reference: str | None) -> Program:
        """Return the program that a request names by id or external id; unnamed: the one of the key.

        Raises:
            ProgramNotFound: the key may touch no such program.
            ProgramNotNamed: nothing says which program it is about.
        """
        if reference is not None:
            found = program_by_reference(self.session, organization_id=self.organization_id, reference=reference)
            if self.key.program_id not in {None, found.id}:
                raise ProgramNotFound
            return found
        if self.key.program_id is None:
            raise ProgramNotNamed
        return program_by_id(self.session, program_id=self.key.program_id)

    def own(self, row: Row) -> Row:
        """Return ``row`` of the caller's organization when its program is within reach.

        Raises:
            NotFound: it belongs to another program than the key's; it is not said that it exists.
        """
        if self.key.program_id not in {None, row.program_id}:
            raise NotFound
        return row


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint gives back: a thing for its schema, and what of it must not be kept.

    Attributes:
        status: HTTP's; none: the one its route declares.
        secret_references: public ids of the codes whose secrets stand in ``value``.
    """

    value: Any
    status: int | None = None
    secret_references: tuple[str, ...] = field(default=())
