"""Whatever exists in several places is in all of them: jobs and handlers, kinds and strategies, routes and rules."""

import ast
import importlib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from catalog.kinds import KINDS
from rewards_service.app import JOB_KINDS, create_app
from rewards_service.config import read_settings
from rewards_service.fulfillment.strategies import STRATEGIES
from rewards_service.identity.policy import GUEST_PERMISSIONS, MEMBER_PERMISSIONS, PERMISSIONS
from rewards_service.kit.access import ACCESS_RULES, PUBLIC, undeclared_endpoints
from rewards_service.kit.crypto import new_key_ring
from rewards_service.kit.database import Base
from rewards_service.kit.errors import Refusal
from rewards_service.kit.jobs import JobKind
from rewards_service.kit.triggers import append_only_tables
from rewards_service.web.console.words import JOB_NAMES
from tests.architecture.test_environment import PROJECT
from tests.support.schema import import_all_models
from tests.support.source import ROOT, Module, modules

ENTRY_POINTS = {"api", "web", "worker", "cli", "kit", "app", "config"}
NO_HTTP = "features never see HTTP"
DECLARED_BY_THE_APP = """
import json, rewards_service.app
from rewards_service.kit.database import Base
from rewards_service.kit.triggers import append_only_tables
print(json.dumps([sorted(Base.metadata.tables), sorted(append_only_tables())]))
"""


@pytest.fixture(scope="module")
def whole_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application with every route; nothing is asked of its database."""
    home = tmp_path_factory.mktemp("home")
    settings = read_settings({"REWARDS_ENV": "test", "REWARDS_HOME": str(home)})
    return create_app(settings, keys=new_key_ring())


def imported(module: Module) -> object:
    """Return a module of the product, imported."""
    parts = Path(module.path).with_suffix("").parts
    return importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))


def filed_kinds(module: Module) -> Iterator[str]:
    """Yield the names of the jobs that ``module`` files, constants looked up in it."""
    calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    for call in calls:
        if isinstance(call.func, ast.Name) and call.func.id == "enqueue":
            kind = next(keyword.value for keyword in call.keywords if keyword.arg == "kind")
            yield from named_kinds(module, kind)


def named_kinds(module: Module, kind: ast.expr) -> Iterator[str]:
    """Yield what the argument ``kind`` of a call can be; an attribute of another thing is that thing's business."""
    if isinstance(kind, ast.Constant):
        yield kind.value
    elif isinstance(kind, ast.Name):
        yield getattr(imported(module), kind.id)
    elif isinstance(kind, ast.Subscript) and isinstance(kind.value, ast.Name):
        yield from getattr(imported(module), kind.value.id).values()
    else:
        assert isinstance(kind, ast.Attribute), f"{module.at(kind)} files a job whose kind nobody can look up"


def refusals() -> list[type[Refusal]]:
    """Return every refusal of the product."""
    found, waiting = [], [Refusal]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        found += kinds
        waiting += kinds
    return [kind for kind in found if kind.__module__.startswith("rewards_service")]


class TestJobs:
    def test_are_all_in_the_registry(self):
        declared: list[JobKind] = []
        for module in modules("rewards_service"):
            if module.path != "rewards_service/app.py" and "JOB_KINDS" in module.text:
                declared += getattr(imported(module), "JOB_KINDS", [])

        assert Counter(kind.name for kind in JOB_KINDS) == Counter(kind.name for kind in declared)
        assert len({kind.name for kind in JOB_KINDS}) == len(JOB_KINDS)

    def test_that_are_filed_have_a_handler(self):
        filed = {name: module.path for module in modules("rewards_service") for name in filed_kinds(module)}

        assert {name: path for name, path in filed.items() if name not in {kind.name for kind in JOB_KINDS}} == {}
        assert filed

    def test_have_a_name_in_the_console(self):
        assert JOB_NAMES.keys() == {kind.name for kind in JOB_KINDS}


class TestKindsOfItems:
    def test_have_one_strategy_each(self):
        assert STRATEGIES.keys() == KINDS.keys()


class TestRoutes:
    def test_say_who_may_call_them_and_within_which_tenant(self, whole_app: Flask):
        assert undeclared_endpoints(rule.endpoint for rule in whole_app.url_map.iter_rules()) == []

    def test_that_are_declared_exist(self, whole_app: Flask):
        assert ACCESS_RULES.keys() - {rule.endpoint for rule in whole_app.url_map.iter_rules()} == set()

    def test_ask_for_permissions_that_somebody_can_have(self):
        known = {PUBLIC} | PERMISSIONS | MEMBER_PERMISSIONS | GUEST_PERMISSIONS

        assert {name: rule.permission for name, rule in ACCESS_RULES.items() if rule.permission not in known} == {}


class TestTables:
    def test_are_all_declared_once_the_application_is_imported(self):
        """Migrations put triggers back from what is declared; a table that nobody imported would lose its own."""
        import_all_models()
        answer = subprocess.run(
            [sys.executable, "-c", DECLARED_BY_THE_APP], cwd=ROOT, check=True, capture_output=True, text=True
        )

        assert answer.stdout.strip() == str([sorted(Base.metadata.tables), sorted(append_only_tables())]).replace(
            "'", '"'
        )


class TestRefusals:
    def test_of_one_code_have_one_status(self):
        statuses: dict[str, set[int]] = {}
        for kind in refusals():
            statuses.setdefault(kind.code, set()).add(kind.status)

        assert {code: found for code, found in statuses.items() if len(found) > 1} == {}


class TestLayers:
    def test_forbid_http_to_every_feature(self):
        contracts = PROJECT["tool"]["importlinter"]["contracts"]
        listed = next(contract for contract in contracts if contract["name"] == NO_HTTP)["source_modules"]
        features = {
            f"rewards_service.{path.name}"
            for path in (ROOT / "rewards_service").iterdir()
            if (path / "__init__.py").exists() and path.name not in ENTRY_POINTS
        }

        assert features - set(listed) == set()
