"""Every request has an id of ours, known to logs, audit and answers alike."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from rewards_service.kit.logs import request_scope

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def give_request_ids(app: Flask) -> None:
    """Give every request of ``app`` an id, from before it is routed until its answer is made."""
    inner: WSGIApplication = app.wsgi_app

    def within_scope(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        with request_scope():
            return inner(environ, start_response)

    app.wsgi_app = within_scope  # type: ignore[method-assign]  # Flask's own way to wrap an application
