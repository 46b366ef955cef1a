"""By its name a worker knows what a dead one of its own machine left behind, and takes nothing from any other."""

import os
import subprocess

from rewards_service.kit.database import transact
from rewards_service.kit.jobs.leases import claim_jobs
from rewards_service.kit.jobs.models import Job
from rewards_service.kit.jobs.policy import QUEUES
from rewards_service.worker import names
from rewards_service.worker.names import is_gone, new_worker_name, retire
from tests.worker.kinds import kind

PROCESS_MAX = 2**22
"""The largest number that Linux gives a process."""


def here() -> str:
    """What the names of all workers of this machine begin with."""
    return "/".join(new_worker_name().split("/")[:-2])


class TestNames:
    def test_tell_the_living_from_the_dead(self, monkeypatch):
        mine = new_worker_name()
        assert not is_gone(mine)
        retire(mine)
        assert is_gone(mine)

    def test_know_when_the_process_ended(self):
        child = subprocess.Popen(["true"])
        child.wait()
        assert is_gone(f"{here()}/{child.pid}/x")
        assert not is_gone(f"{here()}/{os.getppid()}/x")
        assert not is_gone(f"elsewhere/{child.pid}/x")
        assert not is_gone("somebody")

    def test_leave_processes_of_others_alone(self, monkeypatch):
        def forbidden(*_):
            raise PermissionError

        monkeypatch.setattr(names.os, "kill", forbidden)
        assert not is_gone(f"{here()}/1/x")

    def test_fit_where_they_are_kept(self, monkeypatch):
        monkeypatch.setattr(names.socket, "gethostname", lambda: "h" * 64)
        monkeypatch.setattr(names.os, "getpid", lambda: PROCESS_MAX)
        assert len(new_worker_name()) <= Job.__table__.c.worker.type.length

    def test_say_nothing_where_the_kernel_does_not_tell_machines_apart(self, monkeypatch, tmp_path):
        monkeypatch.setattr(names, "BOOT", tmp_path / "missing")
        mine = new_worker_name()
        retire(mine)
        assert not is_gone(mine)


class TestTakeOver:
    def claim(self, worker, *, name, clock):
        """Claim everything in the name of another worker."""
        transact(
            lambda session: claim_jobs(
                session,
                registry=worker._registry,
                queue=QUEUES["default"],
                worker=name,
                gateways=None,
                now=clock.now(),
            )
        )

    def test_does_not_wait_for_the_leases_of_the_dead(self, bench, clock):
        worker, job_id = bench.worker(kind()), bench.file()
        dead = new_worker_name()
        retire(dead)
        self.claim(worker, name=dead, clock=clock)
        assert worker.take_over() == 1
        assert worker.take_over() == 0
        assert bench.job(job_id).state == "pending"

    def test_leaves_alone_what_another_machine_of_the_same_name_is_at(self, bench, clock, monkeypatch, tmp_path):
        (tmp_path / "boot").write_text("another machine")
        with monkeypatch.context() as there:
            there.setattr(names, "BOOT", tmp_path / "boot")
            other = new_worker_name()
        retire(other)
        worker, job_id = bench.worker(kind()), bench.file()
        self.claim(worker, name=other, clock=clock)
        assert worker.take_over() == 0
        assert bench.job(job_id).state == "running"
