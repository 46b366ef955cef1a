"""The API's own description, as a document and as a page."""

import re
from typing import Any

import pytest
from marshmallow import Schema

from rewards_service.api.documentation.reading import known_errors
from rewards_service.api.documentation.specification import specification
from rewards_service.api.examples import example_of
from rewards_service.api.resources import RESOURCES
from rewards_service.api.routing import Route
from tests.web.browser import Page

ROUTES = [route for each in RESOURCES for route in each.routes]
REMOTE = re.compile(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""")


@pytest.fixture
def database_url(databases, tmp_path):
    """One database: the description does not depend on it."""
    with databases.filled("sqlite", tmp_path) as url:
        yield url


class TestDocument:
    def test_is_openapi_31_for_everybody(self, app):
        response = app.test_client().get("/api/v1/openapi.json")
        assert (response.status_code, response.mimetype) == (200, "application/json")
        assert response.get_json() == specification()
        assert specification()["openapi"] == "3.1.0"

    def test_has_every_route_with_words_examples_and_problems(self):
        for route in ROUTES:
            details = operation(route)
            assert details["summary"], route.name
            assert details["security"] == [{"apiKey": [route.permission]}]
            success = details["responses"][str(route.status)]["content"]["application/json"]
            assert success["example"], route.name
            assert {"401", "403", "404", "500", "503"} <= details["responses"].keys()

    def test_asks_for_a_key_where_one_is_needed(self):
        named = {"$ref": "#/components/parameters/IdempotencyKey"}
        assert {route.name for route in ROUTES if named in operation(route).get("parameters", [])} == {
            route.name for route in ROUTES if route.is_keyed
        }
        assert specification()["components"]["parameters"]["IdempotencyKey"]["required"]

    @pytest.mark.parametrize("route", [route for route in ROUTES if route.body], ids=lambda route: route.name)
    def test_has_examples_that_are_accepted(self, route: Route):
        assert route.body is not None
        schema: Schema = route.body()
        assert schema.validate(example_of(schema)) == {}

    def test_has_no_reference_that_leads_nowhere(self):
        for reference in references(specification()):
            target: Any = specification()
            for step in reference.removeprefix("#/").split("/"):
                target = target[step]
            assert target

    def test_is_sent_again_only_when_it_changed(self, app):
        assert app.test_client().get("/api/v1/openapi.json").headers["Cache-Control"] == "no-cache"


class TestPage:
    def test_shows_every_operation_and_every_error(self, app):
        page = Page(app.test_client().get("/api/v1/docs"))
        assert page.status == 200
        anchors = {given["id"] for _, given in page.tags if given.get("id")}
        assert {route.name for route in ROUTES} <= anchors
        assert {error["code"] for error in known_errors()} <= anchors
        assert "insufficient_value" in anchors

    def test_loads_nothing_from_elsewhere_and_runs_nothing(self, app):
        response = app.test_client().get("/api/v1/docs")
        page = Page(response)
        assert REMOTE.search(page.html) is None
        assert {tag for tag, _ in page.tags} & {"script", "style", "iframe"} == set()
        assert not any("style" in given for _, given in page.tags)
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]

    def test_has_a_style_of_its_own(self, app):
        client = app.test_client()
        page = Page(client.get("/api/v1/docs"))
        (address,) = [given["href"] for tag, given in page.tags if tag == "link" and given["rel"] == "stylesheet"]
        style = client.get(address)
        assert (style.status_code, style.mimetype) == (200, "text/css")
        assert "immutable" in style.headers["Cache-Control"]
        assert REMOTE.search(style.get_data(as_text=True)) is None
        assert client.get("/api/v1/docs/0/style.css").status_code == 404

    def test_explains_each_error_once(self):
        codes = [(error["code"], error["status"]) for error in known_errors()]
        assert len(codes) == len(set(codes))
        assert all(error["about"] for error in known_errors())


def operation(route: Route) -> dict[str, Any]:
    """Return what the document says of a route."""
    path = "/api/v1" + re.sub(r"<\w+:(\w+)>", r"{\1}", route.path)
    details: dict[str, Any] = specification()["paths"][path][route.method.lower()]
    return details


def references(part: Any) -> list[str]:
    """Return every reference inside a part of the document."""
    if isinstance(part, list):
        return [found for each in part for found in references(each)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return own + [found for each in part.values() for found in references(each)]
