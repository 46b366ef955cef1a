from hypothesis import given
from hypothesis import strategies as st

from rewards_service.ledger.chart import CHART, COMPONENT, AccountKey, Role, book_name
from rewards_service.ledger.lots import LotChange
from rewards_service.ledger.policy import Movement, carrying, pair, share_of, signed_lines

LINES = st.lists(st.tuples(st.integers(1, 6), st.integers(-(10**15), 10**15)), min_size=1, max_size=12)


class TestPair:
    def test_follows_the_order_of_the_lines(self):
        movements = pair([(1, 100), (2, 50), (3, -60), (4, -90)], unit_id=7)
        assert movements == [Movement(1, 3, 7, 60), Movement(1, 4, 7, 40), Movement(2, 4, 7, 50)]

    def test_an_account_owes_itself_nothing(self):
        assert pair([(1, 5), (1, -5)], unit_id=7) == []

    @given(LINES)
    def test_loses_no_unit(self, lines: list[tuple[int, int]]):
        balanced = [*lines, (9, -sum(amount for _, amount in lines))]
        net: dict[int, int] = {}
        for account, amount in balanced:
            net[account] = net.get(account, 0) + amount
        seen = dict.fromkeys(net, 0)
        for account, _, amount in signed_lines(pair(balanced, unit_id=7)):
            seen[account] += amount
        assert seen == net


class TestSignedLines:
    def test_finds_the_lines_that_were_paired(self):
        lines = [(1, 2000), (2, -1860), (3, -140), (4, 50), (2, -50)]
        found = signed_lines(pair(lines, unit_id=7))
        assert sorted(found) == sorted((account, 7, amount) for account, amount in lines)

    def test_keeps_units_apart(self):
        movements = [*pair([(1, 5), (2, -5)], unit_id=7), *pair([(1, 3), (2, -3)], unit_id=8)]
        assert signed_lines(movements) == [(1, 7, 5), (2, 7, -5), (1, 8, 3), (2, 8, -3)]


class TestCarrying:
    def test_the_last_unit_clears_the_lot_exactly(self):
        change = LotChange(1, 1, base_units=300, base_minor=100, available_delta=-300, held_delta=0, units_after=0)
        assert change.carrying_delta_minor == -100

    @given(st.integers(1, 10**15), st.integers(0, 10**15), st.data())
    def test_depends_on_what_is_left_and_not_on_the_path(self, base_units: int, base_minor: int, data: st.DataObject):
        lot = LotChange(1, 1, base_units, base_minor, 0, 0, base_units)
        left, released = base_units, 0
        while left:
            taken = data.draw(st.integers(max(1, left // 3), left))
            released += carrying(lot, units=left) - carrying(lot, units=left - taken)
            left -= taken
        assert released == base_minor


class TestShareOf:
    @given(st.integers(0, 10**15), st.lists(st.integers(1, 1000), min_size=1, max_size=20))
    def test_the_parts_add_up_to_the_total(self, total_minor: int, steps: list[int]):
        done, parts = 0, 0
        for units in steps:
            parts += share_of(total_minor, done=done, units=units, of_units=sum(steps))
            done += units
        assert parts == total_minor


class TestChart:
    def test_names_every_role_as_other_programs_read_it(self):
        for role in Role:
            name = book_name(AccountKey(role, 1, "Owner-1"), program="Demo")
            root, *components = name.split(":")
            assert root in {"Assets", "Liabilities", "Equity", "Income", "Expenses"}
            assert components
            assert all(COMPONENT.fullmatch(component) for component in components)

    def test_has_a_row_for_every_role(self):
        assert set(CHART) == set(Role)
