"""Which way mail goes, by the URL of the settings."""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from rewards_service.gateways.errors import GatewayUrlUnusableError
from rewards_service.gateways.mail.memory import MemoryMail
from rewards_service.gateways.mail.outbox import OutboxMail
from rewards_service.gateways.mail.protocol import MailGateway
from rewards_service.gateways.mail.smtp import SmtpMail, SmtpServer

SMTP_PORTS = {"smtp": 25, "smtps": 465}
OPTIONS = {"tls": {"required", "offered"}, "verify": {"yes", "no"}}


def mail_gateway(url: str | None, *, outbox: Path) -> MailGateway:
    """Return the gateway that ``REWARDS_MAIL_URL`` asks for; without one, files in ``outbox``.

    ``outbox:/some/directory``, ``memory:``, ``smtp://user:password@host:port``, ``smtps://…``. STARTTLS is used where
    it is offered and insisted on before a password leaves this machine (``?tls=required`` or ``?tls=offered`` say
    otherwise); ``?verify=no`` takes any certificate, as is done on loopback.

    Raises:
        GatewayUrlUnusableError: there is no such transport, or its host, port or options make no sense.
    """
    parts = urlsplit(url or "outbox:")
    if parts.scheme == "outbox":
        return OutboxMail(Path(unquote(parts.path)) if parts.path else outbox)
    if parts.scheme == "memory":
        return MemoryMail()
    if parts.scheme in SMTP_PORTS:
        return SmtpMail(_server(parts))
    raise GatewayUrlUnusableError("mail goes to outbox:, memory:, smtp:// or smtps://")


def _server(parts: SplitResult) -> SmtpServer:
    """Return the server that an SMTP URL describes."""
    options = _options(parts.query)
    if not parts.hostname:
        raise GatewayUrlUnusableError("the mail server has no host")
    is_here = _is_loopback(parts.hostname)
    sends_password = parts.username is not None and not is_here
    return SmtpServer(
        host=parts.hostname,
        port=_port(parts),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls=parts.scheme == "smtps",
        needs_tls=options.get("tls", "required" if sends_password else "offered") == "required",
        verifies=options.get("verify", "no" if is_here else "yes") == "yes",
    )


def _port(parts: SplitResult) -> int:
    """Return the port of the URL, or the usual one of its scheme."""
    try:
        return parts.port or SMTP_PORTS[parts.scheme]
    except ValueError as error:
        raise GatewayUrlUnusableError("the port of the mail server is not a number up to 65535") from error


def _options(query: str) -> dict[str, str]:
    """Return the options of the URL, each known and given once."""
    try:
        given = parse_qs(query, strict_parsing=bool(query))
    except ValueError as error:
        raise GatewayUrlUnusableError("the options of the mail server cannot be read") from error
    for name, values in given.items():
        if name not in OPTIONS or len(values) != 1 or values[0] not in OPTIONS[name]:
            raise GatewayUrlUnusableError("the mail server takes ?tls=required|offered and ?verify=yes|no")
    return {name: values[0] for name, values in given.items()}


def _is_loopback(host: str) -> bool:
    """Tell whether the server runs on this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
