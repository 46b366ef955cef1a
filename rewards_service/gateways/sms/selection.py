"""Which way short messages go, by the URL of the settings."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from rewards_service.gateways.errors import GatewayUrlUnusableError
from rewards_service.gateways.sms.memory import MemorySms
from rewards_service.gateways.sms.outbox import OutboxSms
from rewards_service.gateways.sms.protocol import SmsGateway


def sms_gateway(url: str | None, *, outbox: Path) -> SmsGateway:
    """Return the gateway that ``REWARDS_SMS_URL`` asks for; without one, files in ``outbox``.

    ``outbox:/some/directory`` or ``memory:``.

    Raises:
        GatewayUrlUnusableError: there is no such transport.
    """
    parts = urlsplit(url or "outbox:")
    if parts.scheme == "outbox":
        return OutboxSms(Path(unquote(parts.path)) if parts.path else outbox)
    if parts.scheme == "memory":
        return MemorySms()
    raise GatewayUrlUnusableError("short messages go to outbox: or memory:")
