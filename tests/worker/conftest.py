"""A worker on a test's own kinds of jobs, and what is asked about its jobs afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs

from rewards_service.gateways import Gateways
from rewards_service.kit.clock import FixedClock
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.jobs import JobKind, JobRegistry, attempts_of, enqueue, install_registry, job_by_id
from rewards_service.kit.jobs import registry as registry_module
from rewards_service.kit.jobs.models import Job, JobAttempt
from rewards_service.worker import Worker
from tests.support.gateways import make_gateways


@dataclass
class Bench:
    """One worker and its clock; jobs are filed and looked at from outside."""

    app: Flask
    clock: FixedClock
    gateways: Gateways
    workers: list[Worker] = field(default_factory=list)

    def worker(self, *kinds: JobKind, timetable: tuple = ()) -> Worker:
        """Return a worker that knows ``kinds``."""
        registry = JobRegistry(kinds)
        install_registry(registry)
        worker = Worker(
            registry=registry,
            gateways=self.gateways,
            clock=self.clock,
            context=self.app.app_context,
            timetable=timetable,
        )
        self.workers.append(worker)
        return worker

    def file(self, kind: str = "a.b", **more: Any) -> int:
        """File a job and return its id."""
        given = {"payload": {}, "now": self.clock.now(), **more}
        return transact(lambda session: enqueue(session, kind=kind, **given))

    def job(self, job_id: int) -> Job:
        """Return a job as it is now."""
        with read_session() as reader:
            return job_by_id(reader, job_id=job_id)

    def attempts(self, job_id: int) -> list[JobAttempt]:
        """Return the attempts of a job."""
        with read_session() as reader:
            return attempts_of(reader, job_id=job_id)


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[dict[str, Any]]]:
    """What was logged, as a list and not on the screen."""
    with capture_logs() as captured:
        yield captured


@pytest.fixture
def bench(app: Flask, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A bench on a fresh database."""
    monkeypatch.setattr(registry_module, "_installed", [])
    return Bench(app=app, clock=clock, gateways=make_gateways())
