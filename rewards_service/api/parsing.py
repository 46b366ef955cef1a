"""Reading requests: strict JSON, strict schemas, and every problem named at once."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

import marshmallow
from flask import Request, request
from webargs.core import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge

from rewards_service.api.errors import BodyTooLarge, JsonUnusable, MediaTypeRefused
from rewards_service.api.loose_types import Json, Options
from rewards_service.api.sentences import problems_of
from rewards_service.kit.errors import ValidationFailed

BODY_BYTES_MAX = 1_000_000
JSON_TYPES = frozenset({"application/json"})


def strict_parser() -> "StrictParser":
    """Return a parser that refuses fields that no schema names, in addresses as well."""
    parser = StrictParser()
    parser.DEFAULT_UNKNOWN_BY_LOCATION = {"json": marshmallow.RAISE, "query": marshmallow.RAISE}
    return parser


class StrictParser(FlaskParser):
    """Reads bodies as JSON alone, and says what is wrong with each field."""

    def load_json(self, req: Request, schema: marshmallow.Schema) -> Json:  # noqa: ARG002 — webargs' own
        """Return the JSON document of a request; nothing at all counts as an empty object.

        Raises:
            JsonUnusable: it is no JSON document.
            MediaTypeRefused: it does not say that it is one.
            BodyTooLarge: it is larger than ``BODY_BYTES_MAX``.
        """
        body = _body(req)
        if not body:
            return missing
        if req.mimetype not in JSON_TYPES:
            raise MediaTypeRefused
        return read_json(body)

    def handle_error(self, error: marshmallow.ValidationError, *_: Options, **__: Options) -> NoReturn:
        """Refuse what the schema refused, with a pointer to each place."""
        messages = error.messages
        assert isinstance(messages, Mapping), "webargs files messages by location"
        problems = tuple(problem for found in messages.values() for problem in problems_of(found))
        raise ValidationFailed("Some fields cannot be used as they are; errors[] names each.", problems=problems)


def read_json(body: bytes) -> Json:
    """Return the one JSON value in ``body``.

    Raises:
        JsonUnusable: it is none, is nested without end, names a field twice, or holds NaN or Infinity.
    """
    try:
        return json.loads(body.decode(), parse_constant=_refuse_constant, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise JsonUnusable from error


def canonical_json(value: object) -> bytes:
    """Return a JSON value as bytes that do not depend on spaces or on the order of fields."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def content_of_request() -> bytes:
    """Return what makes the present request itself: its body, by meaning, not by spelling."""
    body = _body(request)
    return canonical_json(read_json(body)) if body else b""


def _body(req: Request) -> bytes:
    """Return the bytes of a request's body. Raises ``BodyTooLarge``."""
    req.max_content_length = BODY_BYTES_MAX
    try:
        return req.get_data(cache=True)
    except RequestEntityTooLarge as error:
        raise BodyTooLarge from error


def _refuse_constant(name: str) -> NoReturn:
    """Refuse the three words that Python takes for numbers and JSON does not know."""
    raise ValueError(f"{name} is no JSON")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose fields are named once each."""
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a field is named twice")
    return document
