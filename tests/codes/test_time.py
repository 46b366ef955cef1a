"""R25 for codes: what is shown as valid at a moment can be used at that moment, in every time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from rewards_service.codes.entering import check_code
from rewards_service.codes.errors import CodeNotUsable
from rewards_service.codes.operations import CodeTerms, issue_code
from rewards_service.codes.policy import CodeState
from rewards_service.kit.actor import SYSTEM
from rewards_service.programs.policy import end_of_day
from tests.codes.conftest import Desk
from tests.conftest import NOW

INSTANT = timedelta(microseconds=1)
ZONES = ("Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Kathmandu", "Pacific/Kiritimati")


class TestCode:
    @pytest.mark.parametrize("zone", ZONES)
    def test_is_good_while_it_is_shown_as_good_and_not_an_instant_longer(self, desk: Desk, zone: str):
        end = end_of_day(date(2027, 10, 31), zone)
        new = desk.issue(expires_at=end)
        assert desk.state(new.code, at=end - INSTANT) == CodeState.ACTIVE
        assert check_code(desk.session, text=new.text.reveal(), vault=desk.vault, now=end - INSTANT).code == new.code
        assert desk.state(new.code, at=end) == CodeState.EXPIRED
        with pytest.raises(CodeNotUsable):
            check_code(desk.session, text=new.text.reveal(), vault=desk.vault, now=end)

    def test_is_good_again_for_as_long_as_the_clock_was_ahead(self, desk: Desk):
        new = desk.issue(expires_at=NOW + timedelta(hours=1))
        ahead = NOW + timedelta(hours=1)
        assert [desk.state(new.code, at=at) for at in (ahead, NOW)] == [CodeState.EXPIRED, CodeState.ACTIVE]


class TestCodeWithoutAnEnd:
    @pytest.mark.parametrize(
        ("issued", "days", "last_day"),
        [
            pytest.param(date(2028, 1, 31), 29, date(2028, 2, 29), id="leap day"),
            pytest.param(date(2027, 1, 31), 28, date(2027, 2, 28), id="end of a short month"),
            pytest.param(date(2027, 12, 1), 30, date(2027, 12, 31), id="end of a year"),
            pytest.param(date(2027, 3, 27), 1, date(2027, 3, 28), id="clocks go forward"),
            pytest.param(date(2027, 10, 30), 1, date(2027, 10, 31), id="clocks go back"),
        ],
    )
    def test_lasts_for_whole_days_of_its_program(self, desk: Desk, issued: date, days: int, last_day: date):
        for zone in ZONES:
            desk.program.time_zone, desk.program.code_days = zone, days
            late = datetime.combine(issued, time(23, 59), tzinfo=ZoneInfo(zone)).astimezone(UTC)
            terms = CodeTerms(100, desk.program.points_unit)
            new = issue_code(desk.session, program=desk.program, terms=terms, vault=desk.vault, actor=SYSTEM, now=late)
            assert new.code.expires_at == end_of_day(last_day, zone)
