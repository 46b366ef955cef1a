"""The whole description as one OpenAPI 3.1 document."""

import json
from functools import cache
from typing import Any

import flask_smorest
from flask import Flask

from rewards_service.api.blueprint import api_blueprint
from rewards_service.api.converters import CONVERTERS, IdConverter, LineConverter
from rewards_service.api.describing import KEY_PARAMETER, SECURITY_SCHEME, problem_statuses
from rewards_service.api.examples import example_of
from rewards_service.api.problems import PROBLEM_TYPE
from rewards_service.api.resources import RESOURCES
from rewards_service.api.schemas.problems import Problem
from rewards_service.kit.idempotency.keys import KEY_LENGTH_MAX

TITLE = "Rewards"
VERSION = "1.0.0"
OPENAPI = "3.1.0"
ABOUT = """\
Programs, members, awards, wallets, codes, the catalog, orders, messages and the books, over HTTP.

Values are integers in the smallest unit, with their unit beside them. Times are RFC 3339 in UTC. Ids are opaque.
Lists come in pages: send `next_cursor` back as `cursor`. Errors are problem documents (RFC 9457) with a stable `code`.
Requests that move value need an `Idempotency-Key`: sent again with the same key they have one effect and one answer."""


PROBLEMS = {
    400: "The request cannot be read, or lacks its key",
    401: "The API key is missing or not valid",
    403: "The key may not do this",
    404: "There is no such thing, or none that the key may know of",
    409: "The state of things does not allow it",
    413: "The request is too large",
    415: "The body is not JSON",
    422: "Some fields cannot be used",
    429: "Too many wrong codes; Retry-After says how long to wait",
    500: "A defect of ours",
    503: "Nothing can be stored right now; try again",
}
"""What each status of a problem document means."""


class _Api(flask_smorest.Api):  # type: ignore[misc]  # flask-smorest ships no types
    """flask-smorest's collector, with our own problem documents in place of its error payload."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Leave errors alone: this application only describes."""

    def _register_responses(self) -> None:
        """Describe the problem document of each status that any route may answer."""
        statuses = {status for resource in RESOURCES for route in resource.routes for status in problem_statuses(route)}
        for status in sorted(statuses):
            example = example_of(Problem()) | {"status": status}
            content = {PROBLEM_TYPE: {"schema": Problem, "example": example}}
            self.spec.components.response(f"Problem{status}", {"description": PROBLEMS[status], "content": content})
        self.spec.components.response("UNPROCESSABLE_ENTITY", {"description": "Replaced by ours"}, lazy=True)

    def _register_pagination_header(self) -> None:
        """Leave the header of flask-smorest's own pages out: ours say it in the body."""


@cache
def specification() -> dict[str, Any]:
    """Return the description of the API as a JSON object; made once in the life of the process."""
    api = _Api(
        Flask(__name__),
        spec_kwargs={
            "title": TITLE,
            "version": VERSION,
            "openapi_version": OPENAPI,
            "info": {"description": ABOUT, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
            "servers": [{"url": "/", "description": "This installation"}],
            "tags": [{"name": resource.name, "description": resource.about} for resource in RESOURCES],
        },
    )
    for converter in CONVERTERS.values():
        api.register_converter(converter, _schema_of_part)
    _describe_credentials(api)
    api.register_blueprint(api_blueprint())
    document: dict[str, Any] = json.loads(json.dumps(api.spec.to_dict()))
    document["tags"] = [tag for tag in document["tags"] if tag["description"]]
    return document


def specification_text() -> str:
    """Return the description as it is served and kept in the project's documentation."""
    return json.dumps(specification(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _describe_credentials(api: flask_smorest.Api) -> None:
    """Describe the key in ``Authorization`` and the header that makes repeats harmless."""
    about = "A key made with `rewards api-key create`, limited to its scopes and to its program or organization."
    api.spec.components.security_scheme(SECURITY_SCHEME, {"type": "http", "scheme": "bearer", "description": about})
    api.spec.components.parameter(
        KEY_PARAMETER,
        "header",
        {
            "name": "Idempotency-Key",
            "required": True,
            "description": "Your own name for this request, kept for 30 days: sent again, it gets the same answer.",
            "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX, "pattern": "^[\\x21-\\x7e]+$"},
            "example": "order-4711",
        },
    )


def _schema_of_part(converter: object) -> dict[str, Any]:
    """Return the schema of one part of an address."""
    if isinstance(converter, LineConverter):
        return {"type": "integer", "minimum": 1, "maximum": 9999}
    assert isinstance(converter, IdConverter), "there are two sorts"
    return {"type": "string", "pattern": f"^{converter.regex}$"}
