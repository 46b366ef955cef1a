"""Cells that would run in a spreadsheet program."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards_service.kit.tabular.formulas import is_formula, neutralise, restore


class TestNeutralise:
    @pytest.mark.parametrize("cell", ["=1+1", "+49 151", "-25,00", "@SUM(A1)", "\t=1", "\r=1", "\x00=1"])
    def test_puts_a_quote_before_what_would_run(self, cell: str):
        assert neutralise(cell) == f"'{cell}"

    @pytest.mark.parametrize("cell", ["", "Ana", "25,00", "'quoted'", "1-2"])
    def test_leaves_everything_else(self, cell: str):
        assert neutralise(cell) == cell

    @given(st.text() | st.text(alphabet="'=+-@\t\rx", max_size=6))
    def test_is_undone_by_restore_and_leaves_nothing_that_runs(self, cell: str):
        assert restore(neutralise(cell)) == cell
        assert not is_formula(neutralise(cell))
