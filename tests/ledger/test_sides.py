"""The money side of value: only a program's own units have one."""

import pytest

from rewards_service.ledger.operations.sides import unit_of
from tests.ledger.stage import Stage


class TestUnitOf:
    def test_knows_points_and_promises_and_nothing_else(self, stage: Stage):
        program = stage.program
        assert unit_of(program, unit_id=program.points_unit.id) is program.points_unit
        assert unit_of(program, unit_id=program.promise_unit.id) is program.promise_unit
        with pytest.raises(AssertionError, match="own value units"):
            unit_of(program, unit_id=program.money_unit.id)
