"""R17: exactly the documented cells are allowed, for roles of staff, scopes of keys, and sorts of visitors."""

import functools
import re

import pytest
from flask import Flask

from rewards_service.api.documentation.specification import specification
from rewards_service.api.resources import RESOURCES
from rewards_service.identity.policy import (
    API_SCOPES,
    GUEST_PERMISSIONS,
    MEMBER_PERMISSIONS,
    PERMISSIONS,
    ROLES_BY_PERMISSION,
    Role,
)
from rewards_service.kit.access import ACCESS_RULES, PUBLIC, TenantScope
from tests.isolation.callers import Caller
from tests.isolation.cases import API, CASES, CONSOLE, SHOP
from tests.isolation.world import World
from tests.support.source import ROOT

CELL = re.compile(r"^\| `([a-z_.]+)` \|(.*)\|$", re.MULTILINE)
DOCUMENT = ROOT / "docs" / "permissions.md"


def documented() -> dict[str, frozenset[str]]:
    """Return permission → columns with a mark, as the documentation's table has them."""
    text = DOCUMENT.read_text(encoding="utf8")
    header = next(line for line in text.splitlines() if line.startswith("| permission |"))
    columns = [name.strip() for name in header.strip("|").split("|")][1:]
    rows = {}
    for permission, cells in CELL.findall(text):
        marks = [cell.strip() for cell in cells.split("|")]
        rows[permission] = frozenset(column for column, mark in zip(columns, marks, strict=True) if mark)
    return rows


class TestDocumentedTable:
    def test_names_every_permission_and_no_other(self):
        assert documented().keys() == PERMISSIONS

    @pytest.mark.parametrize("permission", sorted(PERMISSIONS))
    def test_has_the_marks_that_hold(self, permission: str):
        held = {role.value.replace("_", " ") for role in ROLES_BY_PERMISSION[permission]}
        assert documented()[permission] == held | ({"key"} if permission in API_SCOPES else set())


class TestScopes:
    def test_in_the_description_are_those_that_are_asked_for(self):
        described = {
            f"api.{details['operationId']}": details["security"][0]["apiKey"][0]
            for methods in specification()["paths"].values()
            for details in methods.values()
            if isinstance(details, dict)
        }
        assert described == {
            route.endpoint: ACCESS_RULES[route.endpoint].permission for each in RESOURCES for route in each.routes
        }

    @pytest.mark.parametrize("endpoint", sorted(API))
    def test_alone_let_in_and_all_others_do_not(self, world: World, endpoint: str):
        permission = ACCESS_RULES[endpoint].permission
        assert permission in API_SCOPES
        with_it, without_it = (frozenset({permission}), API_SCOPES - {permission})
        assert status(world, machine(world, with_it), endpoint) != 403
        assert status(world, machine(world, without_it), endpoint) == 403


@pytest.mark.parametrize("endpoint", sorted(CONSOLE))
class TestRoles:
    def test_see_exactly_their_pages(self, world: World, endpoint: str):
        permission = ACCESS_RULES[endpoint].permission
        if permission == PUBLIC:
            return
        for role in Role:
            is_let_in = status(world, worker(world, role), endpoint) != 403
            assert is_let_in == (role in ROLES_BY_PERMISSION[permission]), role

    def test_of_one_program_see_nothing_of_the_whole_organization(self, world: World, endpoint: str):
        rule = ACCESS_RULES[endpoint]
        if rule.scope is TenantScope.ORGANIZATION:
            assert status(world, worker(world, Role.OWNER, everywhere=False), endpoint) == 403


@pytest.mark.parametrize("endpoint", sorted(SHOP))
class TestVisitors:
    def test_see_exactly_their_pages(self, world: World, endpoint: str):
        permission, tenant = ACCESS_RULES[endpoint].permission, world.tenants["alpha"]
        if permission == PUBLIC:
            return
        held = {
            "member": (MEMBER_PERMISSIONS, world.member_cookie(tenant)),
            "guest": (GUEST_PERMISSIONS, world.guest_cookie(tenant)),
            "stranger": (frozenset(), None),
        }
        for name, (permissions, cookie) in held.items():
            visitor = Caller(name, tenant, frozenset(), cookie=cookie)
            is_let_in = status(world, visitor, endpoint) not in {401, 403}
            assert is_let_in == (permission in permissions), name


class TestNoRoute:
    def test_is_open_that_is_not_meant_to_be(self, app_of: Flask):
        public = {name for name, rule in ACCESS_RULES.items() if rule.permission == PUBLIC}
        assert {name for name in public if name.startswith("api.")} == set()
        assert {name for name in public if name.startswith("console.")} == {
            "console.sign_in",
            "console.enter",
            "console.sign_out",
        }


@pytest.fixture
def app_of(world: World) -> Flask:
    """The application, whose making declares every route."""
    return world.app


@functools.cache
def machine(world: World, scopes: frozenset[str]) -> Caller:
    """A machine of the whole organization with these scopes."""
    key = world.key("alpha", whole_organization=True, scopes=scopes)
    return Caller("machine", world.tenants["alpha"], frozenset(), key=key)


@functools.cache
def worker(world: World, role: Role, *, everywhere: bool = True) -> Caller:
    """Somebody with one role, who stays signed in."""
    cookie = world.worker_cookie(role, "alpha", everywhere=everywhere)
    return Caller(role, world.tenants["alpha"], frozenset(), cookie=cookie)


def status(world: World, caller: Caller, endpoint: str) -> int:
    """Return how a call about something of the caller's own is answered."""
    sent = CASES[endpoint][0].send(caller.own, caller.own)
    found = caller.call(world.app, endpoint, sent).status_code
    assert found < 500
    return found
