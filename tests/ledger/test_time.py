"""R25: time cannot be cheated. A day ends where its people live, value ends at one instant, and clocks may step."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards_service.ledger.errors import InsufficientValue
from rewards_service.ledger.models import Entry
from rewards_service.ledger.operations import expire_lot
from rewards_service.ledger.queries import lots_of, spendable_units
from rewards_service.programs.policy import end_of_day, last_day, local_day
from tests.ledger.stage import Stage

INSTANT = timedelta(microseconds=1)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",  # its clocks change at midnight
    "Australia/Lord_Howe",  # … by half an hour
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
)
LONG_DAYS = {
    ("Europe/Berlin", date(2027, 3, 28)): 23,
    ("Europe/Berlin", date(2027, 10, 31)): 25,
    ("America/New_York", date(2027, 3, 14)): 23,
    ("America/New_York", date(2027, 11, 7)): 25,
    ("America/Santiago", date(2027, 4, 3)): 25,
    ("America/Santiago", date(2027, 9, 5)): 23,
    ("Australia/Lord_Howe", date(2027, 10, 3)): 23.5,
    ("Asia/Kathmandu", date(2027, 10, 31)): 24,
}
LAST_DAYS = (
    date(2027, 2, 28),
    date(2027, 3, 28),
    date(2027, 9, 4),
    date(2027, 10, 31),
    date(2027, 12, 31),
    date(2028, 2, 28),
    date(2028, 2, 29),
)
"""Clocks change, months and years end, and a leap day."""


class TestEndOfDay:
    @given(day=st.dates(date(2026, 1, 1), date(2040, 12, 31)), zone=st.sampled_from(ZONES))
    def test_is_the_first_instant_of_the_next_day(self, day: date, zone: str):
        end = end_of_day(day, zone)
        assert local_day(end - INSTANT, zone) == last_day(end, zone) == day
        assert local_day(end, zone) == day + timedelta(days=1)

    @pytest.mark.parametrize(("zone", "day"), LONG_DAYS)
    def test_of_a_day_on_which_clocks_change_comes_earlier_or_later(self, zone: str, day: date):
        began = end_of_day(day - timedelta(days=1), zone)
        assert (end_of_day(day, zone) - began) / timedelta(hours=1) == LONG_DAYS[zone, day]

    def test_follows_the_calendar_of_leap_years(self):
        ends = [local_day(end_of_day(date(year, 2, 28), "Asia/Kathmandu"), "Asia/Kathmandu") for year in (2027, 2028)]
        assert ends == [date(2027, 3, 1), date(2028, 2, 29)]

    def test_is_the_same_instant_nowhere_else(self):
        assert len({end_of_day(date(2027, 3, 28), zone) for zone in ZONES}) == len(ZONES)


class TestValue:
    @pytest.mark.parametrize("zone", ZONES)
    def test_can_be_spent_until_its_last_day_is_over_and_not_an_instant_longer(self, stage: Stage, zone: str):
        for number, day in enumerate(LAST_DAYS):
            name, end = f"M{number}", end_of_day(day, zone)
            stage.now = end - timedelta(days=3)
            stage.award(name, 100, days=3)
            stage.now = end - INSTANT
            assert usable(stage, name) == 100
            assert expire(stage, name) is None
            stage.hold(f"{name}/1", **{name: 40})
            stage.now = end
            assert usable(stage, name) == 0
            with pytest.raises(InsufficientValue), stage.session.begin_nested():
                stage.hold(f"{name}/2", **{name: 1})
            assert stage.lines(expire(stage, name))["Equity:Value:Expired"] == -60
            assert stage.lots(name) == [(0, 40)]

    @pytest.mark.parametrize("hour", range(-2, 4))
    def test_that_is_shown_as_usable_can_be_spent_at_that_moment(self, stage: Stage, hour: int):
        """Around the hour that Berlin's clocks show twice."""
        stage.now = datetime.combine(date(2027, 10, 30), time(0, 30), tzinfo=UTC)
        stage.award("ANA", 100, days=1)
        stage.now += timedelta(days=1, hours=hour)
        if usable(stage, "ANA"):
            assert stage.hold("L1", ANA=100)
        else:
            with pytest.raises(InsufficientValue), stage.session.begin_nested():
                stage.hold("L1", ANA=1)
        assert (hour < 0) == (stage.lots("ANA") == [(0, 100)])

    def test_that_has_ended_does_not_come_back_when_the_clock_steps_back(self, stage: Stage):
        stage.award("ANA", 100, days=1)
        (lot,) = lots_of(stage.session, account_id=stage.holder("ANA"))
        stage.pass_time(days=1)
        assert expire(stage, "ANA")
        stage.pass_time(hours=-1)
        assert (usable(stage, "ANA"), stage.balance("ANA")) == (0, 0)
        with pytest.raises(InsufficientValue), stage.session.begin_nested():
            stage.hold("L1", ANA=1)
        assert expire_lot(stage.session, program=stage.program, lot=lot, now=stage.now) is None

    def test_does_not_end_early_when_the_clock_steps_ahead_and_back_again(self, stage: Stage):
        stage.award("ANA", 100, days=1)
        stage.pass_time(hours=23, minutes=30)
        stage.pass_time(hours=1)
        assert usable(stage, "ANA") == 0
        stage.pass_time(hours=-1)
        assert usable(stage, "ANA") == 100
        assert stage.hold("L1", ANA=100)

    def test_given_back_while_the_clock_was_behind_ends_once_it_has_caught_up(self, stage: Stage):
        stage.award("ANA", 100, days=1)
        stage.hold("L1", ANA=60)
        stage.pass_time(days=1)
        assert expire(stage, "ANA")
        stage.pass_time(hours=-1)
        stage.void("L1")
        stage.hold("L2", ANA=10)
        stage.pass_time(hours=1)
        assert expire(stage, "ANA")
        assert stage.lots("ANA") == [(0, 10)]

    def test_given_back_after_its_end_lives_for_the_grace_and_no_longer(self, stage: Stage):
        stage.award("ANA", 100, days=1)
        stage.hold("L1", ANA=100)
        stage.capture("L1", 100)
        stage.pass_time(days=1)
        stage.refund("L1", 100)
        stage.pass_time(days=stage.program.grace_days)
        stage.now -= INSTANT
        assert usable(stage, "ANA") == 100
        stage.now += INSTANT
        assert usable(stage, "ANA") == 0


class TestBookedOn:
    @pytest.mark.parametrize("zone", ZONES)
    def test_is_the_day_where_the_organization_keeps_its_books(self, stage: Stage, zone: str):
        stage.program.organization.time_zone = zone
        for day in LAST_DAYS:
            noon, end = datetime.combine(day, time(12), tzinfo=ZoneInfo(zone)).astimezone(UTC), end_of_day(day, zone)
            booked = []
            for stage.now in (noon, end - INSTANT, end):
                booked.append(stage.session.get_one(Entry, stage.award("ANA", 1)).booked_on)
            assert booked == [day, day, day + timedelta(days=1)]


def usable(stage: Stage, name: str) -> int:
    """What a holder is shown to have."""
    account_id = stage.holder(name)
    return spendable_units(stage.session, account_ids=[account_id], now=stage.now).get(account_id, 0)


def expire(stage: Stage, name: str) -> int | None:
    """Do what the job does with the first lot of a holder, and return the entry."""
    lot = lots_of(stage.session, account_id=stage.holder(name))[0]
    return expire_lot(stage.session, program=stage.program, lot=lot, now=stage.now)
