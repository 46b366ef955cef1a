"""R23: the API behaves as its own description says, whatever it is sent, on a program with something in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from rewards_service.api.documentation.specification import specification
from rewards_service.app import create_app
from rewards_service.config import read_settings
from rewards_service.identity.operations import create_api_key
from rewards_service.identity.policy import API_SCOPES
from rewards_service.kit.clock import FixedClock
from rewards_service.kit.crypto import new_key_ring
from rewards_service.kit.database import db, unit_of_work
from rewards_service.kit.services import services_of
from tests.api.client import Api
from tests.api.made import Shop
from tests.conftest import NOW
from tests.support.databases import KINDS, Databases
from tests.support.made_up import make_program

EXAMPLES = 25
OPERATIONS = sorted(
    (details["operationId"], path, method)
    for path, methods in specification()["paths"].items()
    for method, details in methods.items()
    if method != "parameters"
)
SETTINGS = settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    deadline=None,
    database=None,
)


@dataclass(frozen=True)
class Contract:
    """The description, bound to an application, and real things to name in requests."""

    schema: Any
    headers: dict[str, str]
    real: dict[str, Any]


@pytest.fixture(scope="module", params=KINDS)
def contract(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Contract]:
    """A program with members, value, codes, orders and messages."""
    directory = tmp_path_factory.mktemp("contract")
    with databases.filled(request.param, directory) as url:
        configured = read_settings({"REWARDS_ENV": "test", "REWARDS_HOME": str(directory), "REWARDS_DATABASE_URL": url})
        app = create_app(configured, clock=FixedClock(NOW), keys=new_key_ring())
        with app.app_context():
            with unit_of_work() as session:
                program = make_program(session, external_id="demo", now=NOW)
                key = create_api_key(
                    session, organization_id=program.organization_id, name="test", now=NOW, scopes=API_SCOPES
                ).key
            real = fill(Shop(Api(app, key), program, services_of(app).vault, NOW))
        yield Contract(
            schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app),
            {"Authorization": f"Bearer {key}"},
            real,
        )
        with app.app_context():
            db.engine.dispose()


@pytest.mark.parametrize(("name", "path", "method"), OPERATIONS, ids=[name for name, _, _ in OPERATIONS])
class TestEveryOperation:
    def test_behaves_as_described(self, contract: Contract, name: str, path: str, method: str):
        operation = contract.schema[path][method.upper()]
        mixed = st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        )

        @SETTINGS
        @given(case=mixed, is_real=st.booleans())
        def ask(case: Any, *, is_real: bool) -> None:
            if is_real:
                name_real_things(case, contract.real)
            case.call_and_validate(headers=contract.headers, excluded_checks=unfit_checks(case, is_real=is_real))

        ask()


def fill(shop: Shop) -> dict[str, Any]:
    """Make one of everything, and return what requests name them by."""
    wallet, code = shop.wallet(), shop.code(deliver={"channel": "email", "to": "ana@example.com"})
    order = shop.order({"wallet_id": wallet})
    batch = {"program_id": "demo", "external_id": "B1", "count": 1, "value_units": 1}
    return {
        "program_id": "demo",
        "member_id": shop.member()["id"],
        "wallet_id": wallet,
        "code_id": code["id"],
        "batch_id": shop.api.made("/code-batches", batch, status=202)["id"],
        "item_id": order["lines"][0]["item_id"],
        "order_id": order["id"],
        "number": 1,
        "message_id": code["message_id"],
        "code": shop.code()["code"],
    }


def name_real_things(case: Any, real: dict[str, Any]) -> None:
    """Put real ids into the places of a request that want one."""
    for part in (case.path_parameters, case.query):
        for name in set(part or {}) & real.keys():
            part[name] = real[name]
    if isinstance(case.body, dict):
        for name in case.body.keys() & real.keys():
            case.body[name] = real[name]


def unfit_checks(case: Any, *, is_real: bool) -> list[Any]:
    """Return the checks that say nothing about this request.

    What fits the schema may still be refused for what it means (422). What does not fit must be refused, unless what
    did not fit was replaced here: a header by the key, a part by something real.
    """
    broken = {location for location, part in case.meta.components.items() if part.mode is GenerationMode.NEGATIVE}
    replaced = is_real or not broken & {ParameterLocation.BODY, ParameterLocation.QUERY}
    return [positive_data_acceptance, *([negative_data_rejection] if replaced else [])]
