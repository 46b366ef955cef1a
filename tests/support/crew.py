"""Many processes, each with many threads, that do one thing at the same moment on one database."""

import importlib
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from flask import Flask

from rewards_service.app import JOB_KINDS
from rewards_service.kit.crypto import KeyRing, Vault
from rewards_service.kit.database import connect_database, db, transact
from rewards_service.kit.errors import Refusal
from rewards_service.kit.jobs import JobRegistry, install_registry

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["pytest", "tests.support.crew", "tests.races.moves"])
"""Loaded once: every process of a crew is a fork of one that has them."""

ROUNDS_VARIABLE = "REWARDS_ROUNDS"
USUAL_ROUNDS = {"R1": 300, "R2": 10, "R3": 20, "R4": 20, "R5": 20, "R6": 5, "R7": 20, "R7-points": 1, "R9": 10}
"""How often each promise is tried in the suite; the gauntlet says otherwise, as ``R1=2000,R2=200``."""
PROCESS_COUNT = 4
THREAD_COUNT = 5
SECONDS_MAX = 120


def rounds(promise: str) -> int:
    """Return how often what a promise says is tried in this run."""
    told = os.environ.get(ROUNDS_VARIABLE)
    if not told:
        return USUAL_ROUNDS[promise]
    wanted = dict(pair.partition("=")[::2] for pair in told.split(","))
    assert wanted.keys() <= USUAL_ROUNDS.keys(), f"{ROUNDS_VARIABLE} is like R1=2000,R2=200, not {told!r}"
    return int(wanted.get(promise, USUAL_ROUNDS[promise]))


@dataclass(frozen=True)
class Stage:
    """Where a crew plays: the database, the keys, the moment."""

    url: str
    ring: KeyRing
    now: datetime


@dataclass(frozen=True)
class Play:
    """One call of a move: its name in ``tests.races.moves``, and what it is given."""

    move: str
    given: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a call came to: ``ok`` with what it returned, ``refused`` with the refusal's code, or ``broken``."""

    kind: str
    told: Any

    @property
    def is_ok(self) -> bool:
        return self.kind == "ok"


@contextmanager
def on_stage(stage: Stage, *, pool_size: int = THREAD_COUNT + 1) -> Iterator[Flask]:
    """Open the application of a process of its own."""
    app = Flask("rewards_service")
    app.config["SQLALCHEMY_DATABASE_URI"] = stage.url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options_for(stage.url, pool_size)
    connect_database(app)
    install_registry(JobRegistry(JOB_KINDS))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def options_for(url: str, pool_size: int) -> dict[str, Any]:
    """The engine's own options with a pool of one connection per thread."""
    module = importlib.import_module(f"rewards_service.kit.database_{url.partition(':')[0].partition('+')[0]}")
    return {**module.ENGINE_OPTIONS, "pool_size": pool_size}


class Crew:
    """Processes that wait for their cue; a race is played by all of their threads at once."""

    def __init__(self, stage: Stage, *, processes: int = PROCESS_COUNT, threads: int = THREAD_COUNT) -> None:
        self._threads = threads
        self._barrier = PROCESSES.Barrier(processes * threads)
        self._members = [self._engage(stage) for _ in range(processes)]

    def play(self, plays: Sequence[Play]) -> list[Outcome]:
        """Make all calls at the same moment, as many as there are threads, and return what they came to, in order."""
        assert len(plays) <= len(self._members) * self._threads, "everybody plays one part"
        parts = [plays[index :: len(self._members)] for index in range(len(self._members))]
        for (_, line), part in zip(self._members, parts, strict=True):
            line.send(part)
        outcomes: list[Outcome | None] = [None] * len(plays)
        for index, (_, line) in enumerate(self._members):
            assert line.poll(SECONDS_MAX), "a member of the crew is lost"
            outcomes[index :: len(self._members)] = line.recv()
        return [outcome for outcome in outcomes if outcome is not None]

    def dismiss(self) -> None:
        """Let everybody go home."""
        for process, line in self._members:
            line.send(None)
            process.join(SECONDS_MAX)

    def _engage(self, stage: Stage) -> tuple[Any, Connection]:
        """Start one process and return it with the line to it."""
        ours, theirs = PROCESSES.Pipe()
        process = PROCESSES.Process(target=perform, args=(stage, theirs, self._barrier, self._threads), daemon=True)
        process.start()
        theirs.close()
        return process, ours


@contextmanager
def crew(stage: Stage, **given: int) -> Iterator[Crew]:
    """A crew for the length of one test."""
    engaged = Crew(stage, **given)
    try:
        yield engaged
    finally:
        engaged.dismiss()


def perform(stage: Stage, line: Connection, barrier: threading.Barrier, threads: int) -> None:
    """Play part after part until there is none; runs in a process of its own."""
    vault = Vault(stage.ring)
    with on_stage(stage) as app, ThreadPoolExecutor(threads) as pool:
        while (part := line.recv()) is not None:
            idle = [pool.submit(barrier.wait, SECONDS_MAX) for _ in range(threads - len(part))]
            busy = [pool.submit(one_call, app, play, barrier, vault, stage.now) for play in part]
            for waited in idle:
                waited.result()
            line.send([call.result() for call in busy])


def one_call(app: Flask, play: Play, barrier: threading.Barrier, vault: Vault, now: datetime) -> Outcome:
    """Wait for the others, then make one call in one transaction."""
    move = getattr(importlib.import_module("tests.races.moves"), play.move)
    with app.app_context():
        barrier.wait(SECONDS_MAX)
        try:
            return Outcome("ok", transact(lambda session: move(session, vault=vault, now=now, **play.given)))
        except Refusal as refusal:
            return Outcome("refused", refusal.code)
        except Exception as error:  # noqa: BLE001 — whatever else it is, the test shows it
            return Outcome("broken", repr(error))
