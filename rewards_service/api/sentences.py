"""Sentences of validation, each with the stable code that callers branch on."""

from collections.abc import Iterator, Mapping
from typing import NoReturn, Self

from marshmallow import ValidationError

from rewards_service.kit.errors import FieldProblem

PROBLEMS_MAX = 100
NAME_LENGTH_MAX = 100
"""A field's name in a pointer: what was sent under a name of ours is shorter, and nobody needs more of another."""

_WHOLE = "_schema"


class Said(str):
    """A sentence that knows its code; its places are filled in as in any text."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, sentence: str) -> Self:
        """Return ``sentence`` with its code."""
        said = super().__new__(cls, sentence)
        said.code = code
        return said

    def __deepcopy__(self, _: object) -> "Said":
        """Return itself: it never changes."""
        return self

    def format(self, *args: object, **kwargs: object) -> "Said":
        """Return the sentence with its places filled in, and the same code."""
        return Said(self.code, super().format(*args, **kwargs))


REQUIRED = Said("required", "This field is missing.")
NOT_NULL = Said("null", "This field cannot be null.")
UNKNOWN = Said("unknown_field", "There is no such field.")
NOT_AN_OBJECT = Said("not_an_object", "Use a JSON object.")
COMMON: dict[str, str] = {"required": REQUIRED, "null": NOT_NULL}


def problems_of(messages: object, pointer: str = "") -> tuple[FieldProblem, ...]:
    """Return marshmallow's nested messages as problems with JSON pointers (RFC 6901), at most ``PROBLEMS_MAX``."""
    found = [problem for problem, _ in zip(_walk(messages, pointer), range(PROBLEMS_MAX), strict=False)]
    return tuple(found)


def _walk(messages: object, pointer: str) -> Iterator[FieldProblem]:
    """Yield every message with the pointer of what it speaks of."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _walk(inner, pointer if name == _WHOLE else f"{pointer}/{_escaped(str(name))}")
        return
    for message in messages if isinstance(messages, list) else [messages]:
        if isinstance(message, Mapping):
            yield from _walk(message, pointer)
        else:
            yield FieldProblem(pointer, getattr(message, "code", "unusable"), str(message))


def _escaped(name: str) -> str:
    """Return a field's name as one step of a JSON pointer."""
    printable = name[:NAME_LENGTH_MAX].encode("utf-8", "replace").decode()
    return printable.replace("~", "~0").replace("/", "~1")


def refuse_fields(said: Said, *names: str) -> NoReturn:
    """Refuse several fields of one object with the same sentence."""
    raise ValidationError({name: [said] for name in names})
