"""Whose telephone numbers come without a country code."""

import pytest

from rewards_service.earning.award_files.phones import detect_region, is_assigned

GERMAN = ["0151/31977951", "0151/26802341", "030 901820"]


class TestDetectRegion:
    def test_is_where_most_national_numbers_exist(self):
        assert detect_region(GERMAN, country="NL", language="de") == "DE"

    def test_tries_the_countries_of_the_international_numbers_too(self):
        assert detect_region(["+49 151 17982458", *GERMAN], country=None, language="") == "DE"

    @pytest.mark.parametrize(
        ("country", "language", "region"), [("AT", "de", "AT"), (None, "nl", "NL"), (None, "xx", None)]
    )
    def test_follows_program_and_header_where_no_number_decides(
        self, country: str | None, language: str, region: str | None
    ):
        assert detect_region(["", "keine"], country=country, language=language) == region

    def test_is_unknown_where_there_is_nothing_to_ask(self):
        assert detect_region([*GERMAN, "+999 1"], country=None, language="xx") is None


class TestIsAssigned:
    def test_tells_a_number_that_exists_from_one_that_might(self):
        assert is_assigned("+4915117982458")
        assert not is_assigned("+4915000000")
