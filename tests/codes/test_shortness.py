"""Whether a program has codes that are worth too much to be short."""

from rewards_service.codes.operations import block_code, claim_code
from rewards_service.codes.shortness import has_codes_worth_much
from rewards_service.kit.actor import SYSTEM
from rewards_service.wallets.operations import Recipient
from rewards_service.wallets.operations.opening import wallet_for
from tests.codes.conftest import Desk
from tests.conftest import NOW

WORTH_MUCH = 10_001
"""Points; 10,000 are 100 euro."""


def is_much_there(desk: Desk) -> bool:
    return has_codes_worth_much(desk.session, program=desk.program, now=NOW)


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
