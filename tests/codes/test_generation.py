"""Making codes: right, different, evenly spread, and decent."""

from collections import Counter

import pytest

from rewards_service.codes import generation
from rewards_service.codes.format import ALPHABET, CODE_SYMBOLS, check_symbol
from rewards_service.codes.generation import BANNED_WORDS, generate_codes

MANY = 20_000


class TestGenerateCodes:
    def test_completes_each_with_its_check_symbol(self):
        for symbols in (12, 16, 24):
            assert all(check_symbol(code[:-1]) == code[-1] for code in generate_codes(500, symbols=symbols))

    def test_checks_the_prefix_too(self):
        codes = generate_codes(500, symbols=20, prefix="ACME")
        assert all(check_symbol(code[:-1]) == code[-1] for code in codes)
        assert {(code[:4], len(code)) for code in codes} == {("ACME", 24)}

    def test_makes_as_many_as_asked_for_and_no_two_alike(self):
        codes = generate_codes(MANY)
        assert len(codes) == len(set(codes)) == MANY
        assert {len(code) for code in codes} == {CODE_SYMBOLS}

    def test_uses_every_symbol_at_every_place_alike(self):
        columns = zip(*generate_codes(MANY), strict=True)
        for column in columns:
            counts = Counter(column)
            assert set(counts) == set(ALPHABET)
            assert max(counts.values()) < 1.35 * MANY / len(ALPHABET)

    def test_spells_no_banned_word(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(generation, "_BANNED", ("7", "AB"))
        assert not any("7" in code or "AB" in code for code in generate_codes(200))

    def test_knows_banned_words_as_they_would_be_read(self):
        assert "T1TS" in generation._BANNED
        assert not any(set("OILU") & set(word) for word in generation._BANNED)
        assert all(word.isalpha() and word.isupper() for word in BANNED_WORDS)

    @pytest.mark.parametrize("count", [0, generation.GENERATE_MAX + 1])
    def test_works_in_blocks_that_fit_in_memory(self, count: int):
        with pytest.raises(AssertionError):
            generate_codes(count)
