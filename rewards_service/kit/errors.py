"""Refusals: named facts with a status and a stable code, raised where they are learnt and mapped once at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with one field.

    Attributes:
        pointer: where it is: a JSON pointer or a column.
        code: stable, for programs.
        sentence: English, with ``{named}`` places; the edge translates it before it fills in ``params``.
    """

    pointer: str
    code: str
    sentence: str
    params: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The English sentence with its places filled in."""
        return self.sentence.format(**self.params) if self.params else self.sentence


class Refusal(Exception):
    """A business error: expected, explained, and safe to show to the caller.

    ``detail`` is an English sentence with ``{named}`` places; the edge translates it before it fills in ``params``.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "This cannot be done"

    def __init__(
        self, detail: str = "", *, problems: tuple[FieldProblem, ...] = (), **params: str | int | None
    ) -> None:
        self.detail = detail or self.title
        self.params = params
        self.problems = problems
        super().__init__(self.detail)

    def __str__(self) -> str:
        """Return the English sentence with its places filled in."""
        return self.detail.format(**self.params) if self.params else self.detail


class ValidationFailed(Refusal):
    """The input has the wrong shape or value; ``problems`` names each field."""

    status = 422
    code = "validation_failed"
    title = "Some fields need another look"


class NotFound(Refusal):
    """There is no such thing, or none that the caller may know of: both answer alike."""

    status = 404
    code = "not_found"
    title = "There is nothing here"


class Conflict(Refusal):
    """The state of things does not allow this now."""

    status = 409
    code = "conflict"
    title = "This does not fit the present state"


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    status = 403
    code = "forbidden"
    title = "This is not yours to do"


class Unauthenticated(Refusal):
    """The caller is not known."""

    status = 401
    code = "unauthenticated"
    title = "Please sign in"


NO_EMAIL = "This is not an email address."
NO_PHONE = "This is not a telephone number; one from abroad begins with + and its country code."
WRONG_LENGTH = "This cannot be a telephone number: its length is wrong."

IN_SECONDS_MAX = 120
"""Longer waits are told in minutes."""


class RateLimited(Refusal):
    """Too many tries; ``params["retry_after"]`` says how many seconds to wait."""

    status = 429
    code = "rate_limited"
    title = "Too many tries"

    def __init__(self, *, retry_after: int) -> None:
        minutes = -(-retry_after // 60)
        detail = (
            "Too many tries. Please wait {retry_after} seconds."
            if retry_after <= IN_SECONDS_MAX
            else "Too many tries. Please wait {minutes} minutes."
        )
        super().__init__(detail, retry_after=retry_after, minutes=minutes)
        self.retry_after = retry_after
