"""By its sign a worker knows what a dead one of the same home left behind, and takes nothing from any other."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from rewards_service.kit.database import transact
from rewards_service.kit.jobs.leases import claim_jobs
from rewards_service.kit.jobs.models import Job
from rewards_service.kit.jobs.policy import QUEUES
from rewards_service.worker import signs
from rewards_service.worker.signs import find_gone, new_worker_name, remove_signs, sign_of_life
from tests.worker.kinds import kind

PROCESS_MAX = 2**22
"""The largest number that Linux gives a process."""
SECONDS_MAX = 60
LIVE = """
import sys
from pathlib import Path
from rewards_service.worker.signs import new_worker_name, sign_of_life
name = new_worker_name()
with sign_of_life(Path(sys.argv[1]), name=name):
    print(name, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path):
    """Where the workers of one installation keep their signs."""
    return tmp_path / "workers"


@pytest.fixture
def live(home):
    """Let a worker live in another process; give its name and what kills it."""
    with subprocess.Popen(
        [sys.executable, "-c", LIVE, home], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process.stdout.readline().strip(), lambda: (process.kill(), process.wait(SECONDS_MAX))
        process.kill()


class TestName:
    def test_fits_where_it_is_kept(self, monkeypatch):
        monkeypatch.setattr(signs.socket, "gethostname", lambda: "h" * 64)
        monkeypatch.setattr(signs.os, "getpid", lambda: PROCESS_MAX)
        assert len(new_worker_name()) <= Job.__table__.c.worker.type.length

    def test_is_never_that_of_another(self):
        assert new_worker_name() != new_worker_name()


class TestSign:
    def test_tells_the_living_from_the_dead(self, home):
        with sign_of_life(home, name="mine"):
            assert find_gone(home) == set()
        assert find_gone(home) == {"mine"}

    def test_ends_with_the_process_however_that_ends(self, home, live):
        name, kill = live
        assert find_gone(home) == set()
        kill()
        assert find_gone(home) == {name}

    def test_that_is_not_there_says_nothing(self, home):
        assert find_gone(home) == set()

    def test_that_cannot_be_read_says_nothing(self, home):
        (home / "folder").mkdir(parents=True)
        assert find_gone(home) == set()

    def test_is_gone_without_where_it_cannot_be_kept(self, tmp_path, logs):
        (tmp_path / "file").touch()
        with sign_of_life(tmp_path / "file", name="mine"):
            assert [entry["event"] for entry in logs] == ["worker_without_sign"]

    def test_leaves_nothing_hidden_where_nothing_can_be_locked(self, home, monkeypatch, logs):
        monkeypatch.setattr("fcntl.flock", refuse)
        with sign_of_life(home, name="host-1-a"):
            assert list(home.iterdir()) == []

    def test_that_cannot_be_removed_stays(self, home, monkeypatch, logs):
        home.mkdir()
        (home / "host-1-a").touch()
        monkeypatch.setattr(Path, "unlink", refuse)
        remove_signs(home, names=["host-1-a"])
        assert (home / "host-1-a").exists()
        assert [entry["event"] for entry in logs] == ["sign_not_removed"]


class TestTakeOver:
    @pytest.fixture
    def claim(self, bench, clock):
        """File a job, let the worker of that name claim it, and return its id."""

        def claiming(name):
            worker, job_id = bench.worker(kind()), bench.file()
            claim = partial(claim_jobs, registry=worker._registry, queue=QUEUES["default"], worker=name)
            transact(partial(claim, gateways=None, now=clock.now()))
            return job_id

        return claiming

    def test_does_not_wait_for_the_lease_of_one_that_was_killed(self, bench, claim, home, live):
        name, kill = live
        job_id = claim(name)
        assert bench.workers[0].take_over(signs=home) == 0
        kill()
        assert bench.workers[0].take_over(signs=home) == 1
        assert bench.workers[0].take_over(signs=home) == 0
        assert bench.job(job_id).state == "pending"

    def test_does_not_wait_after_a_restart_that_gave_host_and_process_their_names_again(self, bench, claim, home):
        before, after = new_worker_name(), new_worker_name()
        assert before.rpartition("-")[0] == after.rpartition("-")[0]
        job_id = claim(before)
        with sign_of_life(home, name=before):
            pass
        with sign_of_life(home, name=after):
            assert bench.workers[0].take_over(signs=home) == 1
        assert bench.job(job_id).state == "pending"

    def test_leaves_alone_a_container_of_the_same_name_on_the_same_volume(self, bench, claim, home):
        other = new_worker_name()
        job_id = claim(other)
        with sign_of_life(home, name=other):
            assert bench.workers[0].take_over(signs=home) == 0
        assert bench.job(job_id).state == "running"

    def test_leaves_alone_another_machine_of_the_same_name(self, bench, claim, home, tmp_path):
        other = new_worker_name()
        job_id = claim(other)
        with sign_of_life(tmp_path / "home of the other", name=other):
            assert bench.workers[0].take_over(signs=home) == 0
        assert bench.workers[0].take_over(signs=home) == 0
        assert bench.job(job_id).state == "running"

    def test_forgets_the_dead_who_left_nothing_behind(self, bench, claim, home):
        heir = new_worker_name()
        for name in ("at work", "idle"):
            with sign_of_life(home, name=name):
                pass
        claim("at work")
        with sign_of_life(home, name=heir):
            bench.workers[0].take_over(signs=home)
            assert {sign.name for sign in home.iterdir()} == {"at work", heir}
            bench.workers[0].take_over(signs=home)
            assert {sign.name for sign in home.iterdir()} == {heir}


def refuse(*_: object, **__: object) -> None:
    """Be a file system that does not do it."""
    raise PermissionError
