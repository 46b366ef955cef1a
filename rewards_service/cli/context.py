"""What commands are given, how they print, and how refusals leave."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError

from rewards_service.config import Settings
from rewards_service.kit.crypto.keys import KeysUnusable
from rewards_service.kit.database import db
from rewards_service.kit.errors import Refusal
from rewards_service.kit.services import Services, services_of

P = ParamSpec("P")
R = TypeVar("R")

EXIT_REFUSED = 1


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What the application hands to its commands.

    Attributes:
        drain: runs the jobs of the named queues that are due, and returns how many that were.
    """

    read_settings: Callable[[], Settings]
    create_app: Callable[[Settings], Flask]
    drain: Callable[[Services, Sequence[str]], int]

    @contextmanager
    def open_services(self) -> Iterator[Services]:
        """Open the application for one command and give what it was handed."""
        app = self.create_app(self.read_settings())
        with app.app_context():
            try:
                yield services_of(app)
            finally:
                db.session.remove()
                db.engine.dispose()


def with_services(command: Callable[Concatenate[Services, P], R]) -> Callable[P, R]:
    """Give a command the services of an open application as its first argument; refusals end it with status 1."""

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        context: CommandContext = click.get_current_context().obj
        try:
            with context.open_services() as services:
                return command(services, *args, **kwargs)
        except Refusal as refusal:
            refuse(refusal)
        except KeysUnusable as error:
            fail(f"{error}. Run `rewards init` first, or set REWARDS_KEYS.")
        except DBAPIError as error:
            fail(f"The database cannot be used: {error.orig}")
        except BrokenPipeError:
            raise
        except OSError as error:
            fail(_unusable_file(error))

    return update_wrapper(run, command)


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")


def emit(result: dict[str, Any], *, as_json: bool, text: str) -> None:
    """Print a command's result: as one JSON object, or as text for a person."""
    click.echo(json.dumps(result, ensure_ascii=False, default=str) if as_json else text)


def refuse(refusal: Refusal) -> NoReturn:
    """Say on standard error what was refused and why, and leave with status 1."""
    lines = [str(refusal), *(f"  {problem.pointer}: {problem.message}" for problem in refusal.problems)]
    fail("\n".join(lines))


def fail(message: str) -> NoReturn:
    """Say on standard error what went wrong and leave with status 1."""
    click.echo(message, err=True)
    sys.exit(EXIT_REFUSED)


def _unusable_file(error: OSError) -> str:
    """Say which file cannot be used and why, as far as the error knows."""
    return f"{error.filename or 'A file'} cannot be used: {error.strerror or error}"
