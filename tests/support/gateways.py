"""Gateways whose vendors are twins in memory, unless a test hands in others."""

from rewards_service.gateways import Gateways, SecretReader
from rewards_service.gateways.mail import MailGateway, MemoryMail
from rewards_service.gateways.sms import MemorySms, SmsGateway
from rewards_service.kit.crypto import KeyRing, Vault, new_key_ring
from rewards_service.kit.signing import Signer


def make_gateways(
    *,
    mail: MailGateway | None = None,
    sms: SmsGateway | None = None,
    ring: KeyRing | None = None,
    secrets: dict[str, SecretReader] | None = None,
) -> Gateways:
    """Return gateways on fresh keys, or on ``ring``, for a shop at ``https://shop.example``."""
    keys = ring or new_key_ring()
    return Gateways(
        mail=mail or MemoryMail(),
        sms=sms or MemorySms(),
        vault=Vault(keys),
        signer=Signer([key for _, key in keys.signing.newest_first]),
        base_url="https://shop.example",
        mail_from="rewards@shop.example",
        secrets=secrets or {},
    )
