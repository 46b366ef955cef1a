"""What the description says of one operation beyond its schemas."""

from collections.abc import Callable
from typing import Any, TypeVar

import flask_smorest

from rewards_service.api.examples import example_of
from rewards_service.api.routing import Effect, Route
from rewards_service.kit.access import TenantScope

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

KEY_PARAMETER = "IdempotencyKey"
SECURITY_SCHEME = "apiKey"
ALWAYS = (401, 403, 404, 500, 503)
WITH_BODY = (400, 413, 415, 422)


def document(blueprint: flask_smorest.Blueprint, route: Route, endpoint: Endpoint) -> Endpoint:
    """Return ``endpoint`` with its arguments read by the schemas of ``route``, and all of it described."""
    gives = route.gives()
    described = blueprint.response(route.status, gives, example=example_of(gives))(endpoint)
    if route.repeat_status is not None:
        described = blueprint.alt_response(
            route.repeat_status, schema=gives, example=example_of(gives), description="Told before; nothing changed"
        )(described)
    if route.body is not None:
        body = route.body()
        described = blueprint.arguments(body, location="json", required=_needs_body(route), example=example_of(body))(
            described
        )
    if route.query is not None:
        described = blueprint.arguments(route.query(), location="query")(described)
    assert not (route.is_keyed and route.query), "what moves value says everything in its body"
    result: Endpoint = blueprint.doc(**_said_of(route))(described)
    return result


def problem_statuses(route: Route) -> list[int]:
    """Return the statuses of the problem documents that ``route`` may answer."""
    statuses = set(ALWAYS)
    if route.body is not None:
        statuses.update(WITH_BODY)
    if route.query is not None:
        statuses.add(422)
    if route.effect is not Effect.READS:
        statuses.add(409)
    if route.is_keyed:
        statuses.update((400, 422))
    if route.refused is not None:
        statuses.update((409, 429))
    return sorted(statuses)


def _said_of(route: Route) -> dict[str, Any]:
    """Return the parts of an operation that are no schema."""
    summary = (route.view.__doc__ or "").partition("\n")[0].rstrip(".")
    said: dict[str, Any] = {
        "summary": summary,
        "operationId": route.name,
        "security": [{SECURITY_SCHEME: [route.permission]}],
        "responses": {
            status: {"$ref": f"#/components/responses/Problem{status}"} for status in problem_statuses(route)
        },
    }
    if route.scope is TenantScope.ORGANIZATION:
        said["x-organization-key"] = True
    if route.is_keyed:
        said["parameters"] = [KEY_PARAMETER]
    return said


def _needs_body(route: Route) -> bool:
    """Tell whether at least one field of the body must be there."""
    assert route.body is not None, "asked of requests with a body"
    return any(field.required for field in route.body().fields.values())
