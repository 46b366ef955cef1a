"""A voucher's secrets are opened; the caller has decided who may see them and keeps the audit."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from rewards_service.kit.crypto import SecretText, Vault
from rewards_service.stock.models import Voucher
from rewards_service.stock.policy import SEALED_NUMBER, SEALED_PIN, last_day


@dataclass(frozen=True, slots=True)
class Credentials:
    """What opens a gift card at its shop; numbers print as their last four symbols.

    Attributes:
        expires_on: the last day it may be used; nothing when it does not end.
        barcode_type: how the number is drawn for a till, one of ``catalog.BARCODE_TYPES``.
    """

    number: SecretText
    pin: SecretText | None
    face_value_minor: int
    currency: str
    expires_on: date | None
    barcode_type: str


def reveal_voucher(session: Session, *, voucher: Voucher, vault: Vault) -> Credentials:
    """Return the number and PIN of a voucher; ``session`` need not be able to write.

    Raises:
        SealBroken: the row was tampered with, or its key is gone.
    """

    def opened(purpose: str, sealed: bytes) -> SecretText:
        return SecretText(
            vault.open(
                session,
                organization_id=voucher.organization_id,
                purpose=purpose,
                reference=voucher.public_id,
                ciphertext=sealed,
            )
        )

    return Credentials(
        number=opened(SEALED_NUMBER, voucher.sealed_number),
        pin=opened(SEALED_PIN, voucher.sealed_pin) if voucher.sealed_pin else None,
        face_value_minor=voucher.face_value_minor,
        currency=voucher.currency,
        expires_on=last_day(voucher.expires_on),
        barcode_type=voucher.barcode_type,
    )
