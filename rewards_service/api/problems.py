"""The one table of what goes wrong: refusals, HTTP's own errors and defects as problem documents (RFC 9457)."""

import json
import traceback

from flask import Request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from rewards_service.api.errors import (
    AddressUnknown,
    BodyTooLarge,
    DatabaseAway,
    InternalFailure,
    MethodRefused,
    RequestUnreadable,
)
from rewards_service.kit.errors import Refusal, Unauthenticated
from rewards_service.kit.idempotency import Answer
from rewards_service.kit.logs import current_request_id, logger_of

PROBLEM_TYPE = "application/problem+json"
TYPE_BASE = "/api/v1/docs#"
"""Where each code is explained; the code is the fragment."""
RETRY_SECONDS = 5
"""When to come back after a failure of ours that passes."""

_log = logger_of(__name__)

HTTP_REFUSALS: dict[int, type[Refusal]] = {404: AddressUnknown, 405: MethodRefused, 413: BodyTooLarge}
"""Errors that the router and the server raise, by status; others of theirs are ``RequestUnreadable``."""


def problem_answer(refusal: Refusal) -> Answer:
    """Return a refusal as it is sent and, where it answers a keyed request, kept."""
    document = {
        "type": TYPE_BASE + refusal.code,
        "title": refusal.title,
        "status": refusal.status,
        "code": refusal.code,
        "detail": str(refusal),
        "errors": [
            {"pointer": problem.pointer, "code": problem.code, "message": problem.message}
            for problem in refusal.problems
        ],
        "request_id": current_request_id(),
    }
    body = json.dumps(document, ensure_ascii=False).encode()
    return Answer(status=refusal.status, headers=_headers(refusal), body=body)


def refusal_of_failure(error: Exception) -> Refusal:
    """Return what a caller is told of an exception that is no refusal; a defect is logged with its trace."""
    if isinstance(error, HTTPException):
        return refusal_of_http(error)
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout) or _lost_connection(error):
        _log.error("database_unavailable", exception="".join(traceback.format_exception(error)))
        return DatabaseAway()
    _log.error("api_broken", exception="".join(traceback.format_exception(error)))
    return InternalFailure()


def refusal_of_http(error: HTTPException) -> Refusal:
    """Return an error of the router or of the server as a refusal."""
    if isinstance(error, RequestEntityTooLarge):
        return BodyTooLarge()
    return HTTP_REFUSALS.get(error.code or 0, RequestUnreadable)()


def allowed_methods(error: HTTPException, request: Request) -> list[str]:
    """Return, sorted, the methods that an address answers to, where ``error`` says that this one is none."""
    if not isinstance(error, MethodNotAllowed):
        return []
    return sorted(set(error.valid_methods or ()) - {"OPTIONS"} or {request.method})


def _headers(refusal: Refusal) -> tuple[tuple[str, str], ...]:
    """Return the headers that go with a problem."""
    headers = [("Content-Type", PROBLEM_TYPE)]
    retry_after = refusal.params.get("retry_after", RETRY_SECONDS if refusal.status == DatabaseAway.status else None)
    if retry_after is not None:
        headers.append(("Retry-After", str(retry_after)))
    if refusal.status == Unauthenticated.status:  # RFC 9110 asks for the challenge with it
        headers.append(("WWW-Authenticate", 'Bearer realm="rewards"'))
    return tuple(headers)


def _lost_connection(error: Exception) -> bool:
    """Tell whether the database ended the connection in the middle of something."""
    return isinstance(error, DBAPIError) and error.connection_invalidated
