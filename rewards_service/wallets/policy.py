"""Pure rules of wallets: what a wallet is called in the books, and whether a repeated award is the same."""

import re
from enum import StrEnum

from rewards_service.programs.policy import book_component

BOOK_REFERENCE = re.compile(r"^[A-Z0-9][A-Za-z0-9-]{0,39}$")


class WalletKind(StrEnum):
    """Who holds a wallet."""

    MEMBER = "member"
    PENDING = "pending"


def book_reference(*, external_id: str | None, public_id: str) -> str:
    """Return the wallet's component in account names.

    The owner's external id where it can stand there as it is, else the wallet's public id in capitals: never a name,
    an email or a phone, so that erasing a person leaves the books untouched (accounting model, section 1).
    """
    if external_id and BOOK_REFERENCE.match(external_id) and not external_id.isdigit():
        return external_id
    return book_component(public_id.upper().replace("_", "-"))
