"""Everything that reaches beyond the database, handed by the application to whoever runs jobs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from rewards_service.gateways.mail import MailGateway
from rewards_service.gateways.sms import SmsGateway
from rewards_service.kit.crypto import Vault
from rewards_service.kit.signing import Signer

SecretReader = Callable[[Session, str], str]
"""Returns the secret text that belongs to a public id; it is asked at the moment of sending and never kept."""


@dataclass(frozen=True, slots=True)
class Gateways:
    """Vendors and keys of one application.

    Attributes:
        base_url: where the shop is reached from outside, without a slash at its end.
        mail_from: the address that messages come from; the name before it is the program's.
        secrets: readers by purpose, e.g. ``sign_in.code``, for messages whose secrets belong to higher layers.
    """

    mail: MailGateway
    sms: SmsGateway
    vault: Vault
    signer: Signer
    base_url: str
    mail_from: str
    secrets: Mapping[str, SecretReader] = field(default_factory=dict)

    def rest(self) -> None:
        """Let go of connections that were kept for the next message; whoever ran out of work calls it."""
        self.mail.rest()
        self.sms.rest()
