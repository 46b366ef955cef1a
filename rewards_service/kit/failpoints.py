"""Named points at which a test may make this process die or pause; in ordinary life a comparison with nothing.

``REWARDS_FAILPOINT`` names one: ``after_claim`` for every subject, ``after_claim:delivery.send_email`` for one, and
``before_settle:delivery.send_email=2.5`` pauses 2.5 seconds there instead of dying. Dying is immediate, as if the
power were cut: no handler runs, no buffer is flushed.
"""

import os
import time
from dataclasses import dataclass

VARIABLE = "REWARDS_FAILPOINT"
EXIT_STATUS = 86
"""The exit status of a process that died at a failpoint, so that a test can tell it from any other death."""


class FailpointsForbiddenError(RuntimeError):
    """A failpoint is set in production: the process must not start."""


@dataclass(frozen=True, slots=True)
class Failpoint:
    """Where to act, for which subject (none: every), and for how many seconds to pause (none: die)."""

    name: str
    subject: str
    pause_seconds: float | None

    def is_at(self, name: str, subject: str) -> bool:
        """Tell whether the process has come to this point."""
        return name == self.name and self.subject in {"", subject}


def parse_failpoint(text: str, *, environment: str) -> Failpoint | None:
    """Return the failpoint that ``text`` describes, or ``None`` for an empty text.

    Raises:
        FailpointsForbiddenError: ``environment`` is production.
        ValueError: the pause is not a number.
    """
    if not text:
        return None
    if environment == "production":
        raise FailpointsForbiddenError(f"{VARIABLE} is set with REWARDS_ENV=production")
    place, _, pause = text.partition("=")
    name, _, subject = place.partition(":")
    return Failpoint(name, subject, float(pause) if pause else None)


def pass_failpoint(name: str, subject: str = "") -> None:
    """Go on, unless the environment asked this process to die or pause at ``name`` for ``subject``."""
    if _ARMED is None or not _ARMED.is_at(name, subject):
        return
    if _ARMED.pause_seconds is None:
        os._exit(EXIT_STATUS)
    time.sleep(_ARMED.pause_seconds)


_ARMED = parse_failpoint(os.environ.get(VARIABLE, ""), environment=os.environ.get("REWARDS_ENV", ""))
