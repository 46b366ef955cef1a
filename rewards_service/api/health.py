"""Addresses for machines that watch: is the process alive, can it do its work, and figures over time."""

import json

from flask import Blueprint, Flask, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from rewards_service.api.metrics import METRICS_TYPE, RequestTimes, metrics_text
from rewards_service.kit.access import PUBLIC, AccessRule, TenantScope, declare_access
from rewards_service.kit.database import db, read_session
from rewards_service.kit.schema import newest_revision, revision_of
from rewards_service.kit.services import current_services

NAME = "health"


def register_health(app: Flask) -> None:
    """Serve ``/healthz``, ``/readyz`` and ``/metrics``, and measure every request from now on."""
    blueprint = Blueprint(NAME, __name__)
    for path, name, view in (
        ("/healthz", "alive", alive),
        ("/readyz", "ready", ready),
        ("/metrics", "metrics", metrics),
    ):
        blueprint.add_url_rule(path, name, view)
        declare_access(f"{NAME}.{name}", AccessRule(PUBLIC, TenantScope.NONE))
    app.register_blueprint(blueprint)
    RequestTimes.of(app).watch(app)


def alive() -> Response:
    """Say that the process answers; nothing else is asked."""
    return _json(200, {"status": "ok"})


def ready() -> Response:
    """Say whether requests can be served: the database answers and has the schema that this version needs."""
    checks = {"database": _database(), "schema": _schema()}
    is_ready = all(answer == "ok" for answer in checks.values())
    return _json(200 if is_ready else 503, {"status": "ok" if is_ready else "not ready", "checks": checks})


def metrics() -> Response:
    """Return the figures in Prometheus' text format."""
    with read_session() as session:
        body = metrics_text(session, now=current_services().clock.now())
    return Response(body, headers={"Content-Type": METRICS_TYPE, "Cache-Control": "no-store"})


def _database() -> str:
    """Return ``ok`` when the database answers."""
    try:
        with read_session() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "does not answer"
    return "ok"


def _schema() -> str:
    """Return ``ok`` when the schema is the one this version needs."""
    try:
        found = revision_of(db.engine)
    except SQLAlchemyError:
        return "unknown"
    return "ok" if found == newest_revision() else f"is {found or 'empty'}, needs {newest_revision()}"


def _json(status: int, document: dict[str, object]) -> Response:
    """Return a small JSON answer that nobody keeps."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return Response(json.dumps(document), status=status, headers=headers)
