"""A real SMTP server on loopback that does to letters what a test asks for."""

import asyncio
import email
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from functools import partial
from threading import Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

START_SECONDS_MAX = 10


@dataclass
class MailServer:
    """A running server: the letters it took, and what it says at each step (``None``: it agrees).

    ``on_rcpt`` and ``on_data`` may be a reply such as ``550 5.1.1 no such user``, or ``drop``: the line goes dead.
    """

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    connections: int = 0
    verdict_seconds: float = 0
    on_rcpt: list[str | None] = field(default_factory=list)
    on_data: list[str | None] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What the settings call it."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_EHLO(  # noqa: N802 — aiosmtpd's own
        self, _: SMTP, session: Session, __: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count who says hello."""
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: SMTP, _: Session, envelope: Envelope, address: str, __: list[str]) -> str:  # noqa: N802 — aiosmtpd's own
        """Take a recipient, or say what the test wants said."""
        said = _next(self.on_rcpt)
        if said == "drop":
            server.transport.close()
        if said is not None:
            return said
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802 — aiosmtpd's own
        """Take a letter, or say what the test wants said; one that is dropped was taken all the same."""
        await asyncio.sleep(self.verdict_seconds)
        said = _next(self.on_data)
        if said is None or said == "drop":
            self.letters.append(email.message_from_bytes(envelope.original_content or b"", policy=default))
            self.envelopes.append((str(envelope.mail_from), envelope.rcpt_tos[0]))
        if said == "drop":
            server.transport.abort()
        return said or "250 2.0.0 queued as 4711"


def _next(answers: list[str | None]) -> str | None:
    """Take the next answer off the list; when it is empty the server agrees."""
    return answers.pop(0) if answers else None


def only(user: str, password: str) -> Any:
    """Return an authenticator that lets in one user."""

    def authenticate(_: SMTP, __: Session, ___: Envelope, mechanism: str, given: Any) -> AuthResult:
        wanted = LoginPassword(user.encode(), password.encode())
        return AuthResult(success=mechanism in {"LOGIN", "PLAIN"} and given == wanted, handled=False)

    return authenticate


@contextmanager
def running_mail_server(**options: Any) -> Iterator[MailServer]:
    """Run a server on a free port until the block ends; ``options`` are those of aiosmtpd's ``SMTP``."""
    state = MailServer()
    loop = asyncio.new_event_loop()
    implicit_tls: ssl.SSLContext | None = options.pop("implicit_tls", None)
    options = {"hostname": "mx.test", "enable_SMTPUTF8": True, **options}
    factory = partial(SMTP, state, loop=loop, **options)
    server = loop.run_until_complete(loop.create_server(factory, "127.0.0.1", 0, ssl=implicit_tls))
    state.port = server.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield state
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result(START_SECONDS_MAX)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_SECONDS_MAX)
        loop.close()


async def _close(server: asyncio.Server) -> None:
    """Stop listening and end the conversations that are still open."""
    server.close()
    current = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not current]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
