"""How days are read."""

from datetime import date

import pytest

from rewards_service.earning.award_files.dates import (
    FORMATS,
    DateImpossible,
    DateUnreadable,
    detect_date_format,
    example_of,
    read_date,
)


class TestDetectDateFormat:
    @pytest.mark.parametrize("date_format", FORMATS)
    def test_finds_every_format_by_a_day_that_only_it_reads(self, date_format: str):
        assert detect_date_format([example_of(date_format)], region=None) == date_format

    def test_lets_one_telling_cell_decide(self):
        assert detect_date_format(["03/04/2026", "12/31/2026"], region="GB") == "%m/%d/%Y"

    @pytest.mark.parametrize(("region", "date_format"), [("GB", "%d/%m/%Y"), (None, "%d/%m/%Y"), ("US", "%m/%d/%Y")])
    def test_follows_the_country_where_no_cell_decides(self, region: str | None, date_format: str):
        assert detect_date_format(["03/04/2026"], region=region) == date_format

    def test_is_not_led_astray_by_an_impossible_day(self):
        assert detect_date_format(["31.02.2026", "01.10.2026", ""], region=None) == "%d.%m.%Y"


class TestReadDate:
    @pytest.mark.parametrize("text", ["31.10.2026", " 31.10.2026 ", "31.10.2026 08:15", "31.10.2026 08:15:00"])
    def test_reads_the_day_and_drops_the_time(self, text: str):
        assert read_date(text, date_format="%d.%m.%Y") == date(2026, 10, 31)

    def test_reads_a_leap_day_in_a_leap_year_only(self):
        assert read_date("29.02.2028", date_format="%d.%m.%Y") == date(2028, 2, 29)
        with pytest.raises(DateImpossible):
            read_date("29.02.2026", date_format="%d.%m.%Y")

    @pytest.mark.parametrize("text", ["31.02.2026", "00.10.2026", "01.13.2026", "01.10.0026", "01.10.9999"])
    def test_tells_an_impossible_day(self, text: str):
        with pytest.raises(DateImpossible):
            read_date(text, date_format="%d.%m.%Y")

    @pytest.mark.parametrize("text", ["2026-10-31", "31/10/2026", "yesterday", "31.10.", "٣١.١٠.٢٠٢٦"])
    def test_refuses_what_is_written_in_another_way(self, text: str):
        with pytest.raises(DateUnreadable):
            read_date(text, date_format="%d.%m.%Y")
