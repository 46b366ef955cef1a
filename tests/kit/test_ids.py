from datetime import UTC, datetime, timedelta

from rewards_service.kit.clock import FixedClock, SystemClock
from rewards_service.kit.ids import ALPHABET, new_public_id

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class TestNewPublicId:
    def test_sorts_by_time(self) -> None:
        moments = [NOW + timedelta(milliseconds=step) for step in (0, 1, 5, 86_400_000, 10**12)]
        ids = [new_public_id("ord", now=moment) for moment in moments]
        assert ids == sorted(ids)

    def test_is_not_the_same_twice_in_a_millisecond(self) -> None:
        assert len({new_public_id("ord", now=NOW) for _ in range(1000)}) == 1000

    def test_says_what_it_names_in_an_alphabet_without_look_alikes(self) -> None:
        prefix, _, tail = new_public_id("ord", now=NOW).partition("_")
        assert (prefix, len(tail)) == ("ord", 26)
        assert set(tail) <= set(ALPHABET)


class TestClocks:
    def test_tell_aware_moments(self) -> None:
        assert SystemClock().now().utcoffset() == timedelta(0)

    def test_stand_still_until_they_are_moved(self) -> None:
        clock = FixedClock(NOW)
        clock.advance(timedelta(hours=-1))
        assert clock.now() == NOW - timedelta(hours=1)
