"""The blueprint of the API, made from its tables, and what stands around every endpoint of it."""

from collections.abc import Callable
from functools import cache

import flask_smorest
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from rewards_service.api.answering import answer_request, read_idempotency_key, send
from rewards_service.api.authorization import authorize_request
from rewards_service.api.converters import add_converters
from rewards_service.api.describing import document
from rewards_service.api.loose_types import Parsed
from rewards_service.api.parsing import strict_parser
from rewards_service.api.problems import allowed_methods, problem_answer, refusal_of_failure, refusal_of_http
from rewards_service.api.resources import RESOURCES
from rewards_service.api.routing import BLUEPRINT, Route
from rewards_service.kit.access import declare_access
from rewards_service.kit.errors import Refusal
from rewards_service.kit.logs import current_request_id

PREFIX = "/api/v1"
OWN_ADDRESSES = "/api/"
"""Every address below it is answered in JSON, those that do not exist included."""

_KEYED = {route.endpoint for resource in RESOURCES for route in resource.routes if route.is_keyed}


@cache
def api_blueprint() -> flask_smorest.Blueprint:
    """Return the blueprint with every operation of ``RESOURCES``; each has its rule in the registry of access."""
    blueprint = flask_smorest.Blueprint(BLUEPRINT, __name__, url_prefix=PREFIX)
    blueprint.ARGUMENTS_PARSER = strict_parser()
    blueprint.record(add_converters)
    for resource in RESOURCES:
        for route in resource.routes:
            blueprint.add_url_rule(
                route.path, route.name, _endpoint(blueprint, route), methods=[route.method], tags=[resource.name]
            )
            declare_access(route.endpoint, route.rule)
    _put_rules_around(blueprint)
    return blueprint


def answer_unrouted(app: Flask) -> None:
    """Let addresses below ``/api/`` that no endpoint has, or not with that method, be answered like all others."""
    app.before_request(_unrouted)


def problem_of_failure(error: Exception) -> Response:
    """Return the problem document of any exception."""
    return send(problem_answer(error if isinstance(error, Refusal) else refusal_of_failure(error)))


def add_headers(response: Response) -> Response:
    """Add the headers of every answer: nothing of it may be kept by a cache or taken for something else."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    request_id = current_request_id()
    if request_id is not None:
        response.headers["X-Request-Id"] = request_id
    return response


def _put_rules_around(blueprint: flask_smorest.Blueprint) -> None:
    """Check every request before its endpoint sees it, and answer whatever goes wrong with a problem document."""
    blueprint.before_request(authorize_request)
    blueprint.before_request(_read_key_where_needed)
    blueprint.after_request(add_headers)
    blueprint.register_error_handler(Exception, problem_of_failure)


def _read_key_where_needed() -> None:
    """Refuse a request that moves value and has no usable key, before its body is looked at."""
    if request.endpoint in _KEYED:
        read_idempotency_key()


def _endpoint(blueprint: flask_smorest.Blueprint, route: Route) -> Callable[..., Response]:
    """Return what Flask calls for ``route``: its arguments are read by its schemas, its view runs in a transaction."""
    schema = route.gives()

    def endpoint(*parsed: Parsed, **path: Parsed) -> Response:
        return answer_request(route, schema, parsed, path)

    endpoint.__name__, endpoint.__doc__ = route.name, route.view.__doc__
    documented = document(blueprint, route, endpoint)
    documented.provide_automatic_options = False  # type: ignore[attr-defined]  # where Flask looks for it
    return documented


def _unrouted() -> Response | None:
    """Answer an address of ours that no endpoint has; the router's redirects pass."""
    error = request.routing_exception
    if error is None or isinstance(error, RequestRedirect) or not request.path.startswith(OWN_ADDRESSES):
        return None
    assert isinstance(error, HTTPException), "the router raises errors of HTTP"
    response = add_headers(send(problem_answer(refusal_of_http(error))))
    allowed = allowed_methods(error, request)
    if allowed:
        response.headers["Allow"] = ", ".join(allowed)
    return response
