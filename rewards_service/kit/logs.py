"""Structured logs: one line per event, with the request it belongs to, that cannot print a secret.

Everything passes through here, our events and those of libraries alike; exceptions are turned into text first and
scrubbed with the rest. Local variables are never printed.
"""

import logging
import secrets
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Literal, TextIO

import structlog
from structlog.contextvars import bound_contextvars, get_contextvars, merge_contextvars
from structlog.typing import Processor

from rewards_service.kit.scrubbing import scrub_value

LogFormat = Literal["json", "console"]

REQUEST_ID_PREFIX = "req_"
REQUEST_ID_BYTES = 8

_VERBATIM = frozenset({"level", "timestamp", "request_id"})
"""Fields that only this module fills."""


def configure_logs(*, log_format: LogFormat = "json", level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logs of this process to ``stream`` (default standard error), as JSON lines or as text for a person.

    Calling it again replaces what was set before.
    """
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, scrub, _renderer(log_format)],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def logger_of(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module; its methods take an event and named facts: ``log.info("job_done", job_id=7)``."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger


@contextmanager
def request_scope() -> Iterator[str]:
    """Give everything logged inside one request id, and yield it; it is ours, never the caller's text."""
    request_id = REQUEST_ID_PREFIX + secrets.token_hex(REQUEST_ID_BYTES)
    with bound_contextvars(request_id=request_id):
        yield request_id


def current_request_id() -> str | None:
    """Return the id of the request being served, or ``None`` outside of one."""
    request_id: str | None = get_contextvars().get("request_id")
    return request_id


def scrub(_: object, __: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide every secret in an event: the last structlog processor before it is rendered."""
    ours = {key: event_dict[key] for key in _VERBATIM & event_dict.keys()}
    rest = {key: value for key, value in event_dict.items() if key not in ours}
    scrubbed = scrub_value(rest)
    assert isinstance(scrubbed, dict), "a mapping is scrubbed to a mapping"
    return {**scrubbed, **ours}


def _renderer(log_format: LogFormat) -> Processor:
    """Return what turns an event into a line."""
    if log_format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=False)
