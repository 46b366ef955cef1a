"""A worker: one thread for each queue, and one that looks what is due.

Looking costs a few index probes on a session that cannot write. Only when something is due does anybody begin a
writing transaction, so idle workers never stand in a writer's way.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic

from rewards_service.gateways import Gateways
from rewards_service.kit.clock import Clock
from rewards_service.kit.database import db, read_session, transact
from rewards_service.kit.jobs import JobRegistry
from rewards_service.kit.jobs.bell import BELL, Bell, listen_for_others, poll_seconds
from rewards_service.kit.jobs.leases import file_by_registry, release_lookups, workers_at_work
from rewards_service.kit.jobs.policy import QUEUES, Queue
from rewards_service.kit.jobs.queries import look_around
from rewards_service.kit.jobs.settlement import recover_lost
from rewards_service.kit.logs import logger_of
from rewards_service.worker.patience import Patience
from rewards_service.worker.runner import JobRunner
from rewards_service.worker.signs import find_gone, new_worker_name, remove_signs, sign_of_life
from rewards_service.worker.timetable import TIMETABLE, TimetableEntry, due_entries, file_due

STOP_SECONDS_MAX = 15
"""How long a stop waits for what was begun; what is not done by then is taken over by the next worker."""
DRAIN_ROUNDS_MAX = 10_000
TIMETABLE_EVERY = timedelta(seconds=15)
IDLE_SECONDS_MAX = 60
"""How long a queue sleeps when nobody rings; the one who looks rings as soon as something is due."""

log = logger_of(__name__)


class Worker:
    """Runs the jobs of one application until it is told to stop.

    ``context`` opens the application for one thread, as Flask's ``app.app_context`` does.
    """

    def __init__(
        self,
        *,
        registry: JobRegistry,
        gateways: Gateways,
        clock: Clock,
        context: Callable[[], AbstractContextManager[object]],
        timetable: Sequence[TimetableEntry] = TIMETABLE,
    ) -> None:
        self.name = new_worker_name()
        self._registry = registry
        self._gateways = gateways
        self._clock = clock
        self._context = context
        self._timetable = timetable
        self._timetable_seen_at: datetime | None = None
        self._stop = threading.Event()
        self._bells = {name: Bell() for name in QUEUES}
        self._threads: list[threading.Thread] = []
        self._sign = ExitStack()
        self._runner = JobRunner(registry=registry, gateways=gateways, clock=clock, worker=self.name)

    def start(self, *, signs: Path) -> None:
        """Begin to run jobs in threads of its own, until ``stop``; ``signs`` is the folder of signs of life."""
        assert not self._threads, "a worker starts once"
        self._sign.enter_context(sign_of_life(signs, name=self.name))
        for name, work in (
            ("look", partial(self._look_around, signs)),
            ("listen", self._listen),
            *((queue.name, partial(self._serve, queue)) for queue in QUEUES.values()),
        ):
            thread = threading.Thread(target=self._in_context, args=(work,), name=f"jobs-{name}", daemon=True)
            self._threads.append(thread)
            thread.start()
        log.info("worker_started", worker=self.name)

    def stop(self) -> None:
        """Finish what was begun, give back what was claimed and not begun, and return.

        Whoever is still in the middle of something after ``STOP_SECONDS_MAX`` keeps the worker's sign of life.
        """
        self._stop.set()
        for bell in (BELL, *self._bells.values()):
            bell.ring()
        give_up_at = monotonic() + STOP_SECONDS_MAX
        for thread in self._threads:
            thread.join(max(0, give_up_at - monotonic()))
        self._gateways.rest()
        if not any(thread.is_alive() for thread in self._threads):
            self._sign.close()
        log.info("worker_stopped", worker=self.name)

    def drain(self, *, queues: Sequence[str] = tuple(QUEUES)) -> int:
        """Run everything that is due now, in this thread and without the timetable; return how many jobs that were."""
        total = 0
        for _ in range(DRAIN_ROUNDS_MAX):
            ran = sum(self._runner.run_batch(QUEUES[name]) for name in queues)
            total += ran
            if not ran:
                break
        self._gateways.rest()
        return total

    def tick(self) -> list[str]:
        """Look once: take over lost jobs, file what the timetable says, and return the queues with something due."""
        now = self._clock.now()
        self._keep_timetable(now)
        with read_session() as session:
            found = look_around(session, registry=self._registry, now=now)
        if not found.needs_recovery:
            return found.due_queues
        transact(partial(recover_lost, registry=self._registry, now=now))
        transact(partial(release_lookups, now=now))
        with read_session() as session:
            return look_around(session, registry=self._registry, now=now).due_queues

    def take_over(self, *, signs: Path) -> int:
        """Take over what dead workers of this home left behind, without waiting for their leases to end."""
        transact(partial(file_by_registry, registry=self._registry))
        gone = find_gone(signs)
        with read_session() as session:
            at_work = gone.intersection(workers_at_work(session))
        recover = partial(recover_lost, registry=self._registry, now=self._clock.now(), gone_workers=sorted(at_work))
        recovered = transact(recover) if at_work else 0
        remove_signs(signs, names=gone - at_work)
        return recovered

    def _keep_timetable(self, now: datetime) -> None:
        """File what the timetable says, looking at it now and then, and at once when the clock was set back."""
        seen_at = self._timetable_seen_at
        if seen_at is not None and seen_at <= now < seen_at + TIMETABLE_EVERY:
            return
        with read_session() as session:
            entries = due_entries(session, timetable=self._timetable, now=now)
        if entries:
            transact(partial(file_due, entries=entries, registry=self._registry, now=now))
        self._timetable_seen_at = now

    def _in_context(self, work: Callable[[], None]) -> None:
        """Do ``work`` with the application open, again and again after whatever fails, until the worker stops."""
        patience = Patience(self._stop)
        while not self._stop.is_set():
            with patience, self._context():
                work()

    def _look_around(self, signs: Path) -> None:
        """Look whenever somebody rings and every now and then, until the worker stops."""
        every = poll_seconds(db.engine)
        self.take_over(signs=signs)
        while not self._stop.is_set():
            for queue in self.tick():
                self._bells[queue].ring()
            BELL.wait(every)

    def _serve(self, queue: Queue) -> None:
        """Run the jobs of one queue whenever its bell rings, until the worker stops."""
        bell = self._bells[queue.name]
        while not self._stop.is_set():
            if not self._runner.run_batch(queue, is_stopping=self._stop.is_set):
                self._gateways.rest()
                bell.wait(IDLE_SECONDS_MAX)

    def _listen(self) -> None:
        """Pass on the rings of other processes."""
        listen_for_others(db.engine, stop=self._stop)
        self._stop.wait()
