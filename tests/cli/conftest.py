"""The ``rewards`` command, run in this process on a fresh database."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import click
import pytest
from click.testing import CliRunner

from rewards_service.app import COMMANDS, command_context, create_app
from rewards_service.config import Settings
from rewards_service.kit.clock import FixedClock
from rewards_service.kit.crypto import KeyRing


@dataclass(frozen=True)
class CommandResult:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed for programs."""
        return json.loads(self.out)


RunCommand = Callable[..., CommandResult]


@pytest.fixture
def run_command(settings: Settings, clock: FixedClock, keys: KeyRing) -> RunCommand:
    """Run ``rewards`` with arguments; an error that no user should see is raised here."""
    rewards = click.Group("rewards", commands=list(COMMANDS))
    context = replace(
        command_context({}), read_settings=lambda: settings, create_app=partial(create_app, clock=clock, keys=keys)
    )

    def run(*arguments: object) -> CommandResult:
        result = CliRunner().invoke(rewards, [str(argument) for argument in arguments], obj=context)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return CommandResult(result.exit_code, result.stdout, result.stderr)

    return run
