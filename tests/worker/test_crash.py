"""Whoever dies, and wherever: after the next worker came by, everything is as if nobody had."""

import pytest

from rewards_service.app import JOB_KINDS
from rewards_service.kit.crypto import new_key_ring
from rewards_service.kit.database import read_session
from rewards_service.kit.failpoints import EXIT_STATUS
from rewards_service.kit.jobs import JobState, count_by_state
from tests.support.crew import rounds
from tests.support.databases import Databases
from tests.worker.crash import LATER, SCENES, Place, Shape, die

POINTS = ("after_commit", "after_claim", "before_settle")
KINDS = sorted(kind.name for kind in JOB_KINDS)
OPEN = (JobState.PENDING, JobState.RUNNING, JobState.UNKNOWN, JobState.DEAD)

DEATHS = rounds("R7-points")
"""How often a worker dies at each point for each kind; every death has a database of its own and takes a second."""

undisturbed: dict[str, Shape] = {}
"""What each kind comes to when nobody dies, found out once."""


def finish(place: Place) -> dict[JobState, int]:
    """Let the next worker do what is left, and return how many jobs are open still."""
    with place.worker(at=place.now + LATER) as worker:
        worker.take_over(signs=place.signs)
        worker._clock.advance(LATER)
        worker.tick()
        worker.drain()
        with read_session() as reader:
            counts = count_by_state(reader)
    return {state: counts[state] for state in OPEN if counts[state]}


@pytest.fixture
def place(database_url, tmp_path, now) -> Place:
    return Place(url=database_url, ring=new_key_ring(), outbox=tmp_path / "outbox", now=now)


@pytest.fixture
def expected(request, databases: Databases, tmp_path, now) -> Shape:
    kind = request.getfixturevalue("kind")
    if kind not in undisturbed:
        (tmp_path / "calm").mkdir()
        with databases.filled("sqlite", tmp_path / "calm") as url:
            calm = Place(url=url, ring=new_key_ring(), outbox=tmp_path / "calm", now=now)
            calm.file(kind)
            assert finish(calm) == {}
            undisturbed[kind] = calm.shape()
    return undisturbed[kind]


class TestEveryKind:
    def test_has_a_scene(self):
        assert sorted(SCENES) == KINDS

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("point", POINTS)
    @pytest.mark.parametrize("death", range(DEATHS))
    def test_survives_the_death_of_its_worker(self, place, expected, kind, point, death):
        if point != "after_commit":
            place.file(kind)
        assert die(place, point, kind) == EXIT_STATUS
        assert finish(place) == {}
        assert place.shape() == expected


class TestMessages:
    @pytest.mark.parametrize(("point", "letters"), [("after_commit", 1), ("after_claim", 1), ("before_settle", 2)])
    def test_are_doubled_only_where_they_were_taken_and_nobody_said_so(self, place, point, letters):
        kind = "delivery.send_email"
        if point != "after_commit":
            place.file(kind)
        die(place, point, kind)
        finish(place)
        written = [path.name for path in place.outbox.iterdir()]
        assert len(written) == letters
        assert len({name.partition("-")[0].removesuffix(".eml") for name in written}) == 1
