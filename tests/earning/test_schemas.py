"""Mappings as they are saved and handed in."""

import json

import pytest

from rewards_service.earning.award_files.aliases import Field
from rewards_service.earning.award_files.columns import MappingUnusable
from rewards_service.earning.award_files.mapping import GivenMapping
from rewards_service.earning.schemas import describe_mapping, load_mapping
from tests.earning.files import GOOD, award_file


class TestLoadMapping:
    def test_reads_what_was_saved(self):
        file = award_file(GOOD)

        given = load_mapping(json.dumps(describe_mapping(file)).encode())

        assert award_file(GOOD, given=given).mapping == file.mapping

    def test_takes_a_part(self):
        assert load_mapping(b'{"columns": {"email": "Mail"}}') == GivenMapping({Field.EMAIL: "Mail"})

    @pytest.mark.parametrize(
        ("text", "pointer"),
        [
            ("no json", "/"),
            ("[]", "/_schema"),
            ('{"columns": {"colour": "Farbe"}}', "/columns"),
            ('{"decimal_sign": ";"}', "/decimal_sign"),
            ('{"date_format": "%H"}', "/date_format"),
            ('{"region": "Germany"}', "/region"),
            ('{"unit": "€"}', "/unit"),
        ],
    )
    def test_refuses_what_no_file_can_be_read_by(self, text: str, pointer: str):
        with pytest.raises(MappingUnusable) as refusal:
            load_mapping(text.encode())

        assert [problem.pointer for problem in refusal.value.problems] == [pointer]

    def test_refuses_what_is_not_utf_8(self):
        with pytest.raises(MappingUnusable):
            load_mapping('{"columns": {"email": "Übermittelt"}}'.encode("latin-1"))


class TestDescribeMapping:
    def test_says_what_was_not_used(self):
        file = award_file("A-1;ana@example.com;25,00;9", header="Ref;Email;Amount;Menge;")

        assert describe_mapping(file) == {
            "columns": {"reference": "Ref", "email": "Email", "amount": "Amount"},
            "decimal_sign": ",",
            "date_format": "%Y-%m-%d",
            "region": "GB",
            "unit": "EUR",
            "encoding": "utf-8",
            "separator": ";",
            "not_used": ["Menge"],
        }
