"""Mail over SMTP (RFC 5321), with what the server answered kept word for word.

A refusal counts as final only where the server speaks of this letter (sender, recipient, content); before that it
speaks of us, which a person can repair while the letters wait. After the last byte of the content silence means that
the letter may have been taken: unknown, not failed.
"""

import re
import smtplib
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field

from rewards_service.gateways.answers import Acceptance, VendorAnswer
from rewards_service.gateways.mail.protocol import Letter

TIMEOUT_SECONDS = 10
"""For a connection, and for the reply to each command."""
VERDICT_SECONDS = 600
"""For the reply to the whole content (RFC 5321, 4.5.3.2.6): a server that searches a letter for harm takes its time.
Whoever hangs up before has a letter delivered and believes it was not. A lease of the mail queue outlasts this."""
KEEP_SECONDS = 10
"""A connection that was idle for longer is not trusted to be alive."""
LETTERS_PER_CONNECTION = 100
YES, FINAL_NO = range(200, 300), range(500, 600)
"""Reply codes by their first digit (RFC 5321, 4.2.1)."""
START_OF_CONTENT = 354
ABOUT_OURSELVES = frozenset({421, 454, 530, 534, 535, 538})
"""Closing down, and everything about signing in (RFC 4954): never a verdict on the letter."""

_LEADING_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where to send mail and how to sign in.

    Attributes:
        is_tls: the connection is encrypted from its first byte (``smtps``).
        needs_tls: never speak in clear, even where the server does not offer STARTTLS.
        verifies: the server's certificate must be good; for a server on this machine there is nobody to impersonate.
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False
    needs_tls: bool = False
    verifies: bool = True


class _Refused(Exception):
    """The server said no at some step."""

    def __init__(self, code: int, text: bytes | str, *, about_letter: bool) -> None:
        super().__init__()
        said = text.decode(errors="replace") if isinstance(text, bytes) else text
        is_final = about_letter and code in FINAL_NO and code not in ABOUT_OURSELVES
        acceptance = Acceptance.PERMANENT if is_final else Acceptance.TEMPORARY
        self.ends_connection = not about_letter or code in ABOUT_OURSELVES
        self.answer = VendorAnswer(acceptance, said, status=code if code > 0 else None)


class _Silence(Exception):
    """The connection ended after the content was on its way."""


class SmtpMail:
    """Sends letters one after another over a connection that is kept while there is more to send."""

    def __init__(
        self,
        server: SmtpServer,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        verdict_seconds: float = VERDICT_SECONDS,
    ) -> None:
        self._server = server
        self._timeout = timeout_seconds
        self._verdict_timeout = verdict_seconds
        self._one_at_a_time = threading.Lock()
        self._open: smtplib.SMTP | None = None
        self._used_at = time.monotonic()
        self._letters = 0

    def send(self, letter: Letter) -> VendorAnswer:
        """Hand ``letter`` to the server and return what it answered."""
        with self._one_at_a_time:
            try:
                return self._send_over(self._connection(), letter)
            except _Refused as refused:
                if refused.ends_connection:
                    self._let_go()
                return refused.answer
            except _Silence as silence:
                self._let_go()
                return VendorAnswer(Acceptance.UNKNOWN, f"no answer after the content: {silence.__cause__}")
            except smtplib.SMTPResponseException as error:
                self._let_go()
                return _Refused(error.smtp_code, error.smtp_error, about_letter=False).answer
            except (OSError, smtplib.SMTPException) as error:
                self._let_go()
                return VendorAnswer(Acceptance.TEMPORARY, f"{type(error).__name__}: {error}")

    def rest(self) -> None:
        """Close the connection, unless a letter is just on its way."""
        if self._one_at_a_time.acquire(blocking=False):
            try:
                self._let_go()
            finally:
                self._one_at_a_time.release()

    def _connection(self) -> smtplib.SMTP:
        """Return a connection that is ready for the next letter."""
        is_fresh = time.monotonic() - self._used_at < KEEP_SECONDS and self._letters < LETTERS_PER_CONNECTION
        if self._open is not None and is_fresh and _is_alive(self._open):
            return self._open
        self._let_go()
        self._open = self._connect()
        self._letters = 0
        return self._open

    def _connect(self) -> smtplib.SMTP:
        """Connect, encrypt and sign in."""
        server, context = self._server, _tls_context(self._server)
        here = socket.gethostname()
        smtp: smtplib.SMTP
        if server.is_tls:
            smtp = smtplib.SMTP_SSL(server.host, server.port, here, timeout=self._timeout, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, here, timeout=self._timeout)
        try:
            _introduce(smtp, server, context)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _send_over(self, smtp: smtplib.SMTP, letter: Letter) -> VendorAnswer:
        """Go through the steps of one letter."""
        options = ["SMTPUTF8", "BODY=8BITMIME"] if letter.needs_utf8 else []
        if letter.needs_utf8 and not smtp.has_extn("smtputf8"):
            raise _Refused(553, "the server cannot take an address beyond ASCII", about_letter=True)
        _expect(smtp.mail(letter.sender, options), about_letter=True)
        _expect(smtp.rcpt(letter.recipient), about_letter=True)
        _expect(smtp.docmd("DATA"), about_letter=True, wanted=START_OF_CONTENT)
        code, text = _send_content(smtp, letter.as_bytes(), timeout_seconds=self._verdict_timeout)
        _set_patience(smtp, self._timeout)
        _expect((code, text), about_letter=True)
        self._used_at = time.monotonic()
        self._letters += 1
        return VendorAnswer(Acceptance.ACCEPTED, text.decode(errors="replace"), status=code)

    def _let_go(self) -> None:
        """Close the connection, if there is one, without waiting for a goodbye."""
        if self._open is not None:
            self._open.close()
            self._open = None


def _introduce(smtp: smtplib.SMTP, server: SmtpServer, context: ssl.SSLContext) -> None:
    """Say hello, encrypt where offered or needed, and sign in where asked to."""
    smtp.ehlo_or_helo_if_needed()
    if not server.is_tls and smtp.has_extn("starttls"):
        _expect(smtp.starttls(context=context), about_letter=False)
        smtp.ehlo_or_helo_if_needed()
    elif not server.is_tls and server.needs_tls:
        raise _Refused(530, "the server offers no encryption", about_letter=False)
    if server.user:
        smtp.login(server.user, server.password)


def _expect(reply: tuple[int, bytes], *, about_letter: bool, wanted: int | None = None) -> None:
    """Go on when the reply is positive, or exactly ``wanted``."""
    code, text = reply
    if code == wanted or (wanted is None and code in YES):
        return
    raise _Refused(code, text, about_letter=about_letter)


def _send_content(smtp: smtplib.SMTP, content: bytes, *, timeout_seconds: float) -> tuple[int, bytes]:
    """Send the content and its end, and return the reply, for which ``timeout_seconds`` are waited.

    Raises:
        _Silence: no reply came, though the content may have arrived.
    """
    ending = b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
    try:
        _set_patience(smtp, timeout_seconds)
        smtp.send(_LEADING_DOT.sub(b"..", content) + ending)
        return smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise _Silence from error


def _set_patience(smtp: smtplib.SMTP, seconds: float) -> None:
    """Wait so long for each reply from now on; a connection that is gone has nothing to wait for."""
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


def _is_alive(smtp: smtplib.SMTP) -> bool:
    """Tell whether a kept connection still answers; it forgets any letter that was begun."""
    try:
        code, _ = smtp.rset()
    except (OSError, smtplib.SMTPException):
        return False
    return code in YES


def _tls_context(server: SmtpServer) -> ssl.SSLContext:
    """Return how to encrypt: against eavesdroppers always, against impostors where they are conceivable."""
    context = ssl.create_default_context()
    if not server.verifies:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
