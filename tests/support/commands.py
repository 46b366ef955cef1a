"""The ``rewards`` command, run in this process as somebody would type it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner, Result

from rewards_service.app import command_context, rewards


@dataclass(frozen=True)
class CommandLine:
    """A shell with these settings and nothing else in its environment."""

    environ: Mapping[str, str]

    def run(self, *arguments: str, typed: str = "") -> Result:
        """Run ``rewards`` with ``arguments``; a crash of the command is a crash of the test."""
        return CliRunner().invoke(
            rewards, arguments, input=typed, obj=command_context(self.environ), catch_exceptions=False
        )

    def json(self, *arguments: str, typed: str = "", status: int = 0) -> dict[str, Any]:
        """Run ``rewards`` with ``--json``, expect ``status``, and return the object it prints."""
        result = self.run(*arguments, "--json", typed=typed)
        assert result.exit_code == status, result.output
        printed: dict[str, Any] = json.loads(result.stdout)
        return printed
