"""Those who call: machines with keys, staff, members, guests and strangers."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from tests.isolation.world import Tenant

CSRF_SALT = "wtf-csrf-token"


@dataclass(frozen=True)
class Sent:
    """What is sent to an endpoint: the parts of its address, and a query, a JSON body or a form."""

    values: dict[str, Any]
    query: dict[str, str] | None = None
    body: dict[str, Any] | None = None
    form: dict[str, str] | None = None


@dataclass(frozen=True)
class Caller:
    """Somebody who calls.

    Attributes:
        own: what belongs to him, and names where he calls from.
        covers: the names of the tenants whose things he may see.
        is_everywhere: whether he is of the whole organization, or else of one program.
    """

    name: str
    own: Tenant
    covers: frozenset[str]
    key: str | None = None
    cookie: tuple[str, str] | None = None
    is_everywhere: bool = False

    def call(self, app: Flask, endpoint: str, sent: Sent) -> TestResponse:
        """Send one request to an endpoint."""
        rule = next(app.url_map.iter_rules(endpoint))
        method = next(method for method in ("GET", "POST") if method in rule.methods)
        with app.test_request_context():
            built = app.url_map.bind("localhost").build(endpoint, sent.values)
        client = app.test_client()
        headers = {"Idempotency-Key": secrets.token_hex(8)}
        if self.key is not None:
            headers["Authorization"] = f"Bearer {self.key}"
        form = None if sent.form is None else {**sent.form, **self._form_token(app, client)}
        if self.cookie is not None:
            client.set_cookie(*self.cookie)
        return client.open(
            built,
            method=method,
            query_string=sent.query,
            data=json.dumps(sent.body) if sent.body is not None else form,
            content_type="application/json" if sent.body is not None else None,
            headers=headers,
            environ_base={"REMOTE_ADDR": f"198.51.{secrets.randbelow(250)}.{secrets.randbelow(250)}"},
        )

    @staticmethod
    def _form_token(app: Flask, client: Any) -> dict[str, str]:
        """Return the field by which a form is believed, after giving the browser its other half."""
        raw = secrets.token_hex(20)
        with client.session_transaction() as session:
            session["csrf_token"] = raw
        return {"csrf_token": str(URLSafeTimedSerializer(app.secret_key, salt=CSRF_SALT).dumps(raw))}
