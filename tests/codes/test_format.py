"""How a code is written, checked and read."""

import itertools
import random

import pytest

from rewards_service.codes.errors import CodeMistyped
from rewards_service.codes.format import ALPHABET, TEXT_LENGTH_MAX, check_symbol, grouped, normal_form
from rewards_service.codes.generation import generate_codes

CODE = "7K3QH2M9XW4TRBN3"


class TestCheckSymbol:
    @pytest.mark.parametrize(
        ("data", "symbol"),
        [("000000000000001", "2"), ("ABCDEFGHJKMNPQR", "B"), ("7K3QH2M9XW4TRBN", "3"), ("0123456789A", "M")],
    )
    def test_agrees_with_the_published_vectors(self, data: str, symbol: str):
        assert check_symbol(data) == symbol

    @pytest.mark.parametrize("length", [11, 15, 23])
    def test_catches_every_single_substitution(self, length: int, chance: random.Random):
        data = "".join(chance.choices(ALPHABET, k=length))
        for position, symbol in itertools.product(range(length), ALPHABET):
            changed = data[:position] + symbol + data[position + 1 :]
            assert (check_symbol(changed) == check_symbol(data)) == (changed == data)

    def test_catches_every_swap_of_neighbours(self):
        for first, second in itertools.permutations(ALPHABET, 2):
            assert check_symbol(first + second) != check_symbol(second + first)


class TestNormalForm:
    @pytest.mark.parametrize(
        "typed",
        [
            "7K3Q-H2M9-XW4T-RBN3",
            "7k3q h2m9 xw4t rbn3",
            "  7K3QH2M9XW4TRBN3\n",
            "7K3Q‐H2M9‑XW4T–RBN3",
            "7K3Q—H2M9―XW4T−RBN3",
            "７Ｋ３Ｑ－Ｈ２Ｍ９－ＸＷ４Ｔ－ＲＢＮ３",
            "7K3Q\u00a0H2M9\u200bXW4T\u00adRBN3",
            "7K3Q⸺H2M9﹣XW4T\tRBN3",
        ],
    )
    def test_forgives_how_it_was_typed(self, typed: str):
        assert normal_form(typed) == CODE

    def test_reads_o_as_zero_and_i_and_l_as_one(self):
        assert normal_form("oOo0 0000 IiLl 10I" + check_symbol("000000001111101")) == "000000001111101" + check_symbol(
            "000000001111101"
        )

    @pytest.mark.parametrize("length", [12, 16, 24])
    def test_takes_every_length_that_programs_may_use(self, length: int):
        (code,) = generate_codes(1, symbols=length)
        assert normal_form(grouped(code)) == code

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            "----",
            "7K3Q-H2M9-XW4T-RBN",
            "7K3Q-H2M9-XW4T-RBN4",
            "7K3Q-H2M9-XW4T-RBNU",
            "7K3Q-H2M9-XW4T-RBN3-7",
            "7K3Q.H2M9.XW4T.RBN3",
            "7K3Q_H2M9_XW4T_RBN3",
            "7K3Q-H2M9-XW4T-RBÑ3",
            "7K3Q-H2M9-XW4T-RBß",
            "٧K3Q-H2M9-XW4T-RBN3",
            "ABCDEFGHJKM",
            "0" * 29,
            " " * TEXT_LENGTH_MAX + CODE,
        ],
    )
    def test_refuses_what_is_no_code(self, typed: str):
        with pytest.raises(CodeMistyped):
            normal_form(typed)


class TestGrouped:
    def test_shows_groups_of_four(self):
        assert grouped(CODE) == "7K3Q-H2M9-XW4T-RBN3"
        assert grouped("AC" + CODE) == "AC-7K3Q-H2M9-XW4T-RBN3"
