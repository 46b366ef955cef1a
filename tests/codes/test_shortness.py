"""What a program's codes are worth is looked up, not read through, however many there are."""

from sqlalchemy import event, text

from rewards_service.codes.operations import CodeTerms, block_code, claim_code, create_batch, issue_chunk
from rewards_service.codes.shortness import has_codes_worth_much
from rewards_service.kit.actor import SYSTEM
from rewards_service.wallets.operations import Recipient
from rewards_service.wallets.operations.opening import wallet_for
from tests.codes.conftest import Desk
from tests.conftest import NOW

EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
CODES = 2_000
WORTH_MUCH = 10_001
"""Points; 10,000 are 100 euro."""


def is_much_there(desk: Desk) -> bool:
    return has_codes_worth_much(desk.session, program=desk.program, now=NOW)


def plans_of_look_up(desk: Desk) -> list[str]:
    """Return how the database finds the answer, one plan for each statement."""
    connection, seen = desk.session.connection(), []

    def see(_, __, statement, parameters, *___) -> None:
        if "FROM code" in statement:
            seen.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", see)
    is_much_there(desk)
    event.remove(connection, "before_cursor_execute", see)
    explain = EXPLAIN[connection.dialect.name]
    plans = [connection.exec_driver_sql(f"{explain} {statement}", parameters) for statement, parameters in seen]
    return [" ".join(str(row[-1]) for row in plan) for plan in plans]


class TestHasCodesWorthMuch:
    def test_is_said_of_those_alone_that_can_still_be_used(self, desk: Desk):
        desk.issue(WORTH_MUCH - 1)
        answers = [is_much_there(desk)]
        code = desk.issue(WORTH_MUCH).code
        answers.append(is_much_there(desk))
        block_code(desk.session, code=code, actor=SYSTEM, reason="lost", now=NOW)
        answers.append(is_much_there(desk))
        assert answers == [False, True, True]

    def test_is_not_said_of_one_that_was_claimed(self, desk: Desk):
        code = desk.issue(WORTH_MUCH).code
        unit = desk.program.points_unit
        recipient = Recipient(address="ana@example.com")
        wallet = wallet_for(desk.session, program=desk.program, recipient=recipient, unit=unit, now=NOW)
        claim_code(desk.session, code=code, wallet=wallet, actor=SYSTEM, now=NOW)
        assert not is_much_there(desk)

    def test_is_said_of_a_promise_too(self, desk: Desk):
        desk.issue(WORTH_MUCH, unit=desk.program.promise_unit)
        assert is_much_there(desk)

    def test_is_found_by_an_index(self, desk: Desk):
        terms = CodeTerms(100, desk.program.points_unit)
        batch = create_batch(
            desk.session, program=desk.program, external_id="B", count=CODES, terms=terms, actor=SYSTEM, now=NOW
        )
        issue_chunk(desk.session, batch=batch, chunk=1, issued=0, vault=desk.vault, actor=SYSTEM, now=NOW)
        desk.session.execute(text("ANALYZE"))
        plans = plans_of_look_up(desk)
        assert plans
        assert all("ix_code_worth" in plan for plan in plans), plans
