"""R13: to a stranger unknown, expired, blocked, used up and foreign codes are one and the same."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from rewards_service.codes.format import check_symbol
from rewards_service.kit.database import db
from tests.api.client import Api, problem

UNKNOWN = "ABCDEFGHJKMNPQR" + check_symbol("ABCDEFGHJKMNPQR")
HEADERS_THAT_DIFFER = {"X-Request-Id"}


@pytest.fixture
def unusable(shop, foreign_shop, clock, now):
    """A code of each class, none of which may be told from another."""
    expired = shop.code(expires_at="2026-11-22T09:00:00Z")["code"]
    blocked = shop.code()
    shop.api.made(f"/codes/{blocked['id']}/block", {"reason": "Lost"}, status=200)
    spent = shop.code()["code"]
    shop.api.made("/codes/claim", {"code": spent, "wallet_id": shop.wallet()}, status=200)
    foreign = foreign_shop.code()["code"]
    clock.at = now + timedelta(days=2)
    return {"unknown": UNKNOWN, "expired": expired, "blocked": blocked["code"], "spent": spent, "foreign": foreign}


@pytest.mark.parametrize("is_program_key", [False, True], ids=["organization key", "program key"])
class TestStrangers:
    def test_are_answered_alike_by_the_same_statements(self, app, program, make_key, unusable, is_program_key):
        key = make_key(program, whole_organization=not is_program_key)
        seen = {
            name: self.asked(Api(app, key, address=f"192.0.2.{n}"), code)
            for n, (name, code) in enumerate(unusable.items(), 10)
        }
        first = seen["unknown"]
        assert first["status"] == 404
        assert len(first["statements"]) > 4
        for name, each in seen.items():
            assert each == first, name

    def test_are_answered_alike_where_value_would_move(self, app, program, make_key, unusable, is_program_key, shop):
        wallet = shop.wallet()
        caller = Api(app, make_key(program, whole_organization=not is_program_key))
        documents = [
            problem(caller.post("/codes/claim", {"code": code, "wallet_id": wallet}), 404, "code_not_usable")
            for code in unusable.values()
        ]
        assert len({(document["title"], document["detail"]) for document in documents}) == 1

    def asked(self, caller: Api, code: str) -> dict[str, object]:
        """Return everything that a stranger could tell one code from another by."""
        caller.get("/programs")  # the key is noted as used
        statements: list[str] = []

        def note(_connection, _cursor, statement, *_rest) -> None:
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            response = caller.post("/codes/check", {"code": code}, idempotency_key=None)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        document = response.get_json(force=True)
        document.pop("request_id")
        headers = sorted((name, value) for name, value in response.headers if name not in HEADERS_THAT_DIFFER)
        return {"status": response.status_code, "body": document, "headers": headers, "statements": statements}
