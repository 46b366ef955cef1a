"""R16: one organization never sees another, one program not its sibling, one member not his neighbour."""

from collections.abc import Collection

import pytest

from rewards_service.identity.policy import Role
from rewards_service.kit.access import ACCESS_RULES, PUBLIC, TenantScope, undeclared_endpoints
from tests.isolation.callers import Caller
from tests.isolation.cases import API, CASES, CONSOLE, SHOP, Case
from tests.isolation.world import Tenant, World

REFUSED = {401, 403, 404}
EVERYBODY = frozenset({"alpha", "neighbour", "beta", "gamma"})


@pytest.fixture(scope="module")
def machines(world: World) -> list[Caller]:
    """Keys of each program and of each organization."""

    def machine(name: str, program: str, covers: set[str], *, everywhere: bool) -> Caller:
        key = world.key(program, whole_organization=everywhere)
        return Caller(name, world.tenants[program], frozenset(covers), key=key, is_everywhere=everywhere)

    return [
        machine("key of north", "alpha", {"alpha", "neighbour", "beta"}, everywhere=True),
        machine("key of alpha", "alpha", {"alpha", "neighbour"}, everywhere=False),
        machine("key of south", "gamma", {"gamma"}, everywhere=True),
    ]


@pytest.fixture
def workers(world: World) -> list[Caller]:
    """Owners of each program and of each organization."""

    def worker(program: str, covers: set[str], *, everywhere: bool) -> Caller:
        cookie = world.worker_cookie(Role.OWNER, program, everywhere=everywhere)
        name = f"owner of {program}{' and its siblings' if everywhere else ''}"
        return Caller(name, world.tenants[program], frozenset(covers), cookie=cookie, is_everywhere=everywhere)

    return [
        worker("alpha", {"alpha", "neighbour", "beta"}, everywhere=True),
        worker("alpha", {"alpha", "neighbour"}, everywhere=False),
        worker("gamma", {"gamma"}, everywhere=True),
    ]


@pytest.fixture
def visitors(world: World) -> list[Caller]:
    """A member, a guest and a stranger in one shop, and a member of another."""
    alpha, gamma = world.tenants["alpha"], world.tenants["gamma"]
    return [
        Caller("member of alpha", alpha, frozenset({"alpha"}), cookie=world.member_cookie(alpha)),
        Caller("guest of alpha", alpha, frozenset(), cookie=world.guest_cookie(alpha)),
        Caller("stranger to alpha", alpha, frozenset()),
        Caller("member of gamma", gamma, frozenset({"gamma"}), cookie=world.member_cookie(gamma)),
    ]


class TestEveryRoute:
    def test_says_who_may_call_it(self, world: World):
        assert undeclared_endpoints(world.app.view_functions) == []

    def test_is_called_by_these_tests(self, world: World):
        assert set(world.app.view_functions) - set(CASES) == set()

    def test_is_still_there(self, world: World):
        assert set(CASES) - set(world.app.view_functions) == set()


@pytest.mark.parametrize("endpoint", sorted(API))
class TestMachines:
    def test_see_nothing_of_others(self, world: World, machines: list[Caller], endpoint: str):
        for caller in machines:
            for case in CASES[endpoint]:
                require_isolation(world, caller, endpoint, case)


@pytest.mark.parametrize("endpoint", sorted(CONSOLE))
class TestWorkers:
    def test_see_nothing_of_others(self, world: World, workers: list[Caller], endpoint: str):
        for caller in workers:
            for case in CASES[endpoint]:
                require_isolation(world, caller, endpoint, case)


@pytest.mark.parametrize("endpoint", sorted(SHOP))
class TestVisitors:
    def test_see_nothing_of_others(self, world: World, visitors: list[Caller], endpoint: str):
        for caller in visitors:
            for case in CASES[endpoint]:
                require_isolation(world, caller, endpoint, case)


def require_isolation(world: World, caller: Caller, endpoint: str, case: Case) -> None:
    """Call an endpoint about things of everybody; fail when more is shown, or less refused, than should be."""
    if ACCESS_RULES[endpoint].scope is TenantScope.ORGANIZATION and not caller.is_everywhere:
        return
    for name in sorted(world.tenants, key=lambda name: (name in caller.covers, name)):
        response = caller.call(world.app, endpoint, case.send(caller.own, world.tenants[name]))
        seen = f"{response.headers}{response.get_data(as_text=True)}"
        shown = f"{caller.name} asked {endpoint} about {name}: {response.status} {seen[-600:]}"
        foreign = EVERYBODY - caller.covers - ({name} if case.echoes else set())
        assert [other for other in sorted(foreign) if world.tenants[other].secret in seen] == [], shown
        assert response.status_code in expected(caller, endpoint, case, world.tenants[name]), shown


def expected(caller: Caller, endpoint: str, case: Case, target: Tenant) -> Collection[int]:
    """Return the statuses with which a call may be answered."""
    if must_sign_in(caller, endpoint):
        return {302, 303, 401, 403}
    if not case.has_target:
        return range(500)
    is_within = case.reaches(caller.own, target) if case.reaches else target.name in caller.covers
    if not is_within:
        return case.refused
    if case.accepted:
        return case.accepted
    fits = not case.mixes or caller.own.program_name == target.program_name
    return set(range(500)) - (REFUSED if fits else set())


def must_sign_in(caller: Caller, endpoint: str) -> bool:
    """Tell whether the caller is nobody for this endpoint."""
    return caller.key is None and caller.cookie is None and ACCESS_RULES[endpoint].permission != PUBLIC
