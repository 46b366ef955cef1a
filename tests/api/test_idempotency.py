"""R6: whatever moves value has one effect and one answer per key, however often and however quickly it is sent."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from rewards_service.api.resources import RESOURCES
from rewards_service.codes.models import Code, CodeBatch
from rewards_service.delivery.models import Message
from rewards_service.kit.audit.models import AuditEvent
from rewards_service.kit.database import Base, read_session
from rewards_service.kit.idempotency import answers
from rewards_service.kit.jobs.models import Job
from rewards_service.ledger.models import Entry, Posting
from rewards_service.orders.models import Order, OrderEvent
from rewards_service.wallets.models import Award
from tests.api.client import Api, problem
from tests.api.made import Shop, award_body

Asked = tuple[str, dict[str, Any]]
TWINS = 10
UNKNOWN = "0000-0000-0000-0012"
EFFECTS: tuple[type[Base], ...] = (Entry, Posting, Award, Code, CodeBatch, Order, OrderEvent, Message, Job, AuditEvent)
REASON = {"reason": "Lost"}

MONEY: dict[str, Callable[[Shop], Asked]] = {
    "create_award": lambda _shop: ("/awards", award_body()),
    "issue_code": lambda _shop: ("/codes", {"program_id": "demo", "value_units": 5}),
    "claim_code": lambda shop: ("/codes/claim", {"code": shop.code()["code"], "wallet_id": shop.wallet()}),
    "split_code": lambda shop: ("/codes/split", {"code": shop.code(5)["code"], "parts_units": [2, 3]}),
    "merge_codes": lambda shop: ("/codes/merge", {"codes": [shop.code()["code"], shop.code()["code"]]}),
    "reissue_code": lambda shop: (f"/codes/{shop.code()['id']}/reissue", dict(REASON)),
    "create_code_batch": lambda shop: (
        "/code-batches",
        {"program_id": "demo", "external_id": shop.code()["id"], "count": 2, "value_units": 5},
    ),
    "place_order": lambda shop: ("/orders", shop.order_body({"wallet_id": shop.wallet()})),
    "cancel_order": lambda shop: (f"/orders/{ordered(shop, fulfil=False)}/cancel", {}),
    "refund_line": lambda shop: (f"/orders/{ordered(shop)}/lines/1/refund", dict(REASON)),
}
KEYED = sorted(route.name for each in RESOURCES for route in each.routes if route.is_keyed)
UNKEYED_THAT_WRITE = sorted(
    route.name for each in RESOURCES for route in each.routes if route.method == "POST" and not route.is_keyed
)


class TestMoneyEndpoints:
    def test_are_all_known_here(self):
        assert sorted(MONEY) == KEYED

    def test_are_those_that_move_value(self):
        assert UNKEYED_THAT_WRITE == [
            "block_code",
            "check_code",
            "create_member",
            "create_program",
            "extend_code",
            "quote_order",
            "resend_message",
            "reveal_credentials",
            "unblock_code",
        ]


@pytest.mark.parametrize("name", KEYED)
class TestRepeats:
    def test_have_one_effect_and_the_same_bytes(self, shop: Shop, name: str):
        path, body = MONEY[name](shop)
        first = shop.api.post(path, body, idempotency_key="k1")
        assert first.status_code in {200, 201, 202}, first.get_data(as_text=True)
        before = effects()
        again = shop.api.post(path, dict(reversed(body.items())), idempotency_key="k1")
        assert (again.status_code, again.data, again.mimetype) == (first.status_code, first.data, first.mimetype)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert "Idempotency-Replayed" not in first.headers
        assert effects() == before

    def test_with_other_content_are_refused(self, shop: Shop, name: str):
        path, body = MONEY[name](shop)
        assert shop.api.post(path, body, idempotency_key="k1").status_code < 300
        before = effects()
        other = {**body, "reason": "Another one"} if "reason" in body or not body else changed(body)
        problem(shop.api.post(path, other, idempotency_key="k1"), 422, "idempotency_mismatch")
        assert effects() == before

    def test_need_a_key(self, shop: Shop, name: str):
        path, body = MONEY[name](shop)
        before = effects()
        problem(shop.api.post(path, body, idempotency_key=None), 400, "idempotency_key_missing")
        problem(shop.api.post(path, None, idempotency_key=None), 400, "idempotency_key_missing")
        assert pointers_of(shop.api.post(path, body, idempotency_key="x" * 256)) == ["/Idempotency-Key"]
        assert effects() == before

    def test_by_another_key_are_their_own(self, app, shop: Shop, name: str, program, make_key):
        path, body = MONEY[name](shop)
        first = shop.api.post(path, body, idempotency_key="k1")
        other = Api(app, make_key(program, whole_organization=True)).post(path, body, idempotency_key="k1")
        assert "Idempotency-Replayed" not in other.headers
        assert other.data != first.data or other.status_code != first.status_code

    def test_of_a_refusal_are_refused_with_the_same_bytes(self, shop: Shop, name: str):
        path, body = refused(*MONEY[name](shop))
        first = shop.api.post(path, body, idempotency_key="k2")
        assert 400 < first.status_code < 500, first.get_data(as_text=True)
        again = shop.api.post(path, body, idempotency_key="k2")
        assert (again.status_code, again.data) == (first.status_code, first.data)

    def test_after_a_failure_of_ours_complete_it(self, shop: Shop, name: str, monkeypatch):
        path, body = MONEY[name](shop)
        before = effects()
        with monkeypatch.context() as broken:
            broken.setattr(answers, "_keep", fail)
            problem(shop.api.post(path, body, idempotency_key="k1"), 500, "internal_error")
        assert effects() == before
        done = shop.api.post(path, body, idempotency_key="k1")
        assert done.status_code in {200, 201, 202}
        assert "Idempotency-Replayed" not in done.headers

    def test_after_an_answer_that_was_lost_are_told_it_again(self, shop: Shop, name: str, monkeypatch):
        path, body = MONEY[name](shop)
        before = effects()
        with monkeypatch.context() as cut:
            cut.setattr(answers, "pass_failpoint", lose_the_answer)
            assert shop.api.post(path, body, idempotency_key="k1").status_code == 500
        done = effects()
        assert done != before
        told = shop.api.post(path, body, idempotency_key="k1")
        assert told.status_code in {200, 201, 202}
        assert told.headers["Idempotency-Replayed"] == "true"
        assert effects() == done

    def test_at_the_same_moment_have_one_effect(self, shop: Shop, name: str):
        path, body = MONEY[name](shop)
        before = effects()
        assert shop.api.post(path, body, idempotency_key="alone").status_code < 300
        one_effect = difference(effects(), before)
        path, body = MONEY[name](shop)
        before = effects()
        with ThreadPoolExecutor(TWINS) as pool:
            twins = list(pool.map(lambda _: shop.api.post(path, body, idempotency_key="together"), range(TWINS)))
        answered = [twin for twin in twins if twin.status_code != 409 or not is_in_progress(twin)]
        assert answered
        assert len({(twin.status_code, twin.data) for twin in answered}) == 1
        assert sum("Idempotency-Replayed" not in twin.headers for twin in answered) == 1
        assert difference(effects(), before) == one_effect


def ordered(shop: Shop, *, fulfil: bool = True) -> str:
    """Return the id of an order."""
    return str(shop.order({"wallet_id": shop.wallet()}, fulfil=fulfil)["id"])


def refused(path: str, body: dict[str, Any]) -> Asked:
    """Return the same request about something that is not there."""
    for name, other in (("program_id", "nothing"), ("code", UNKNOWN), ("codes", [UNKNOWN, UNKNOWN])):
        if name in body:
            return path, {**body, name: other}
    return path.replace("ord_", "ord_x").replace("cod_", "cod_x"), body


def effects() -> dict[str, int]:
    """Return how many rows there are of everything that a request may leave behind."""
    with read_session() as session:
        return {model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0 for model in EFFECTS}


def difference(after: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    """Return how many rows came."""
    return {name: count - before[name] for name, count in after.items()}


def changed(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with another value in its last field."""
    *_, last = body
    return {**body, last: [*body[last], *body[last]] if isinstance(body[last], list) else "another"} | (
        {"value_units": 7} if "value_units" in body else {}
    )


def is_in_progress(response: Any) -> bool:
    """Tell whether a twin waited for the first one in vain."""
    return bool(json.loads(response.data)["code"] == "idempotency_in_progress")


def pointers_of(response: Any) -> list[str]:
    """Return the fields that a problem names."""
    return [each["pointer"] for each in problem(response, 422, "validation_failed")["errors"]]


def lose_the_answer(name: str, _subject: str) -> None:
    """Cut the line after everything was committed and before it is answered."""
    if name == "after_answer":
        raise ConnectionError("the line was cut")


def fail(*_: object, **__: object) -> None:
    """Fail as a defect would, after everything was done and before it is committed."""
    raise RuntimeError("a defect")
