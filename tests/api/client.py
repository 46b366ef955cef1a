"""A caller of the API: a key, and requests that say what went wrong when they are not answered as expected."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

PROBLEM = "application/problem+json"
_NUMBERS = itertools.count(1)


@dataclass
class Api:
    """Calls ``app`` as the machine behind ``key``."""

    app: Flask
    key: str
    address: str = "192.0.2.1"
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: object) -> TestResponse:
        """Ask for something."""
        return self.send("GET", path, query=query)

    def post(self, path: str, body: object = None, *, idempotency_key: str | None = "", **options: Any) -> TestResponse:
        """Do something, with a fresh idempotency key unless one is given; ``None`` sends none."""
        key = f"key-{next(_NUMBERS)}" if idempotency_key == "" else idempotency_key
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.send("POST", path, body=body, headers=headers, **options)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, object] | None = None,
        body: object = None,
        raw: bytes | None = None,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> TestResponse:
        """Send one request below ``/api/v1``."""
        data = raw if raw is not None else (None if body is None else json.dumps(body).encode())
        return self.app.test_client().open(
            f"/api/v1{path}",
            method=method,
            query_string=query,
            data=data,
            content_type=content_type if data is not None else None,
            headers={"Authorization": f"Bearer {self.key}", **self.headers, **(headers or {})},
            environ_base={"REMOTE_ADDR": self.address},
        )

    def made(self, path: str, body: object = None, *, status: int = 201) -> dict[str, Any]:
        """Do something that works, and return what it answers."""
        return self.expect(self.post(path, body), status)

    def read(self, path: str, **query: object) -> dict[str, Any]:
        """Ask for something that is there."""
        return self.expect(self.get(path, **query), 200)

    @staticmethod
    def expect(response: TestResponse, status: int) -> dict[str, Any]:
        """Return the document of an answer that has the status it should have."""
        assert response.status_code == status, (response.status_code, response.get_data(as_text=True))
        document: dict[str, Any] = json.loads(response.get_data())
        return document


def problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """Return the problem document of an answer that should be one, whole and of the right sort."""
    assert (response.status_code, response.mimetype) == (status, PROBLEM), response.get_data(as_text=True)
    document: dict[str, Any] = json.loads(response.get_data())
    assert document["code"] == code, document
    assert document["status"] == status
    assert document.keys() == {"type", "title", "status", "code", "detail", "errors", "request_id"}
    assert document["request_id"] == response.headers["X-Request-Id"]
    assert document["type"] == f"/api/v1/docs#{code}"
    return document


def pointers(document: dict[str, Any]) -> dict[str, str]:
    """Return the code of each field's problem by its pointer."""
    return {each["pointer"]: each["code"] for each in document["errors"]}
