"""Pure rules of wallets: what a wallet is called in the books, and whether a repeated award is the same."""

import re
from enum import StrEnum

from rewards_service.programs.policy import book_component

BOOK_REFERENCE = re.compile(r"[A-Z0-9][A-Za-z0-9-]{0,39}")


_LIKE_A_PUBLIC_ID = re.compile(r"^[A-Z]+-[0-9A-Z]{26}$")


class WalletKind(StrEnum):
    """Who holds a wallet."""

    MEMBER = "member"
    PENDING = "pending"


def book_reference(*, external_id: str | None, public_id: str) -> str:
    """Return the wallet's component in account names.

    The owner's external id where it can stand there as it is, else the wallet's public id in capitals: never a name,
    an email or a phone, so that erasing a person leaves the books untouched (accounting model, section 1). An external
    id that looks like a public id is not taken: it could be another wallet's.
    """
    if external_id and _can_stand(external_id):
        return external_id
    return book_component(public_id.upper().replace("_", "-"))


def _can_stand(external_id: str) -> bool:
    """Tell whether an external id may be a component of account names as it is."""
    is_ours = _LIKE_A_PUBLIC_ID.match(external_id) is not None
    return BOOK_REFERENCE.fullmatch(external_id) is not None and not external_id.isdigit() and not is_ours
