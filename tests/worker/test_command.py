"""``rewards worker`` runs until a signal ends it."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from rewards_service.kit.jobs import Done, JobKind, JobRegistry
from rewards_service.worker import command as command_module
from rewards_service.worker.command import worker as worker_command

SECONDS_MAX = 60


@pytest.fixture
def invoke(app, bench, monkeypatch, tmp_path):
    """Run the command in this process; ``ends`` are what it hears while it waits."""
    registry = JobRegistry([JobKind("a.b", "default", 1, lambda *_: Done())])

    @contextmanager
    def open_services():
        settings = SimpleNamespace(log_level="INFO", home=tmp_path)
        yield SimpleNamespace(registry=registry, gateways=bench.gateways, clock=bench.clock, settings=settings)

    def invoking(*arguments, ends):
        heard = iter(ends)
        monkeypatch.setattr(command_module, "configure_logs", lambda **_: None)
        monkeypatch.setattr(command_module.signal, "pthread_sigmask", lambda *_: None)
        monkeypatch.setattr(command_module.signal, "sigtimedwait", lambda *_: next(heard))
        context = SimpleNamespace(open_services=open_services)
        return CliRunner().invoke(worker_command, arguments, obj=context), list(heard)

    return invoking


class TestWorkerCommand:
    def test_waits_for_a_signal(self, invoke):
        result, unheard = invoke(ends=[None, None, signal.SIGTERM, None])
        assert (result.exit_code, unheard) == (0, [None])

    def test_stays_while_the_process_beside_it_lives(self, invoke):
        result, unheard = invoke("--beside", str(os.getppid()), ends=[None, signal.SIGTERM])
        assert (result.exit_code, unheard) == (0, [])

    def test_ends_with_the_process_beside_it(self, invoke):
        result, unheard = invoke("--beside", "1" if os.getppid() != 1 else "2", ends=[None, signal.SIGTERM])
        assert (result.exit_code, unheard) == (0, [signal.SIGTERM])


class TestProcess:
    def test_stops_on_a_signal_as_if_it_had_nothing_better_to_do(self, tmp_path):
        environment = {**os.environ, "REWARDS_HOME": str(tmp_path), "REWARDS_ENV": "development"}
        rewards = [sys.executable, "-m", "rewards_service.app"]
        subprocess.run([*rewards, "init"], env=environment, check=True, timeout=SECONDS_MAX, capture_output=True)
        process = subprocess.Popen([*rewards, "worker"], env=environment, stderr=subprocess.PIPE, text=True)
        try:
            assert "worker_started" in next(line for line in process.stderr if "worker_" in line)
            process.send_signal(signal.SIGTERM)
            _, rest = process.communicate(timeout=SECONDS_MAX)
        finally:
            process.kill()
        assert process.returncode == 0
        assert "worker_stopped" in rest
