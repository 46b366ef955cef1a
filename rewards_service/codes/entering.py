"""Somebody enters a code: finding it, and saying no more than he may know.

To a stranger unknown, expired, blocked and foreign codes are one and the same: the same statements in the same order,
and the same refusal. What a code is worth, or where it went, is said only after the right code was shown.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from rewards_service.codes.errors import CodeAlreadySpent, CodeNotUsable, CodeReplaced
from rewards_service.codes.format import normal_form
from rewards_service.codes.models import Code
from rewards_service.codes.policy import (
    NOTHING,
    STRANGER,
    Asker,
    CodeState,
    CodeValue,
    Replacement,
)
from rewards_service.codes.queries import shown_state, values_of
from rewards_service.kit.crypto import Vault

LOOKUP_PURPOSE = "code"
NO_ACCOUNT = 0
"""Asked for where there is no code, so that an unknown code costs the same statements as a known one."""

_BY_HMAC = select(Code).where(Code.lookup_hmac.in_(bindparam("hmacs", expanding=True))).order_by(Code.id)
_REPLACED = {
    Replacement.MERGED: "This code was merged with others into the code ending in {last4}.",
    Replacement.SPLIT: "This code was split into several; the first one ends in {last4}.",
    Replacement.REISSUED: "This code was exchanged for the code ending in {last4}.",
}


@dataclass(frozen=True, slots=True)
class EnteredCode:
    """A code that was shown right and may be used: what it holds now."""

    code: Code
    value: CodeValue


def check_code(
    session: Session,
    *,
    text: str,
    vault: Vault,
    now: datetime,
    program_id: int | None = None,
    organization_id: int | None = None,
    asker: Asker = STRANGER,
) -> EnteredCode:
    """Return the usable code that somebody entered with what it holds; ``session`` need not be able to write.

    It is one of the program or organization; where none is named, of any in the installation.

    Raises:
        CodeMistyped: the text is no code; nothing was looked up.
        CodeNotUsable: no such code, or not for this caller.
        CodeAlreadySpent: it is empty, and the asker has shown that it is his.
        CodeReplaced: it was merged, split or exchanged; says where its value went.
    """
    hmacs = _hmacs([normal_form(text)], vault)
    found = _first_match(session.scalars(_BY_HMAC, {"hmacs": hmacs}).all(), hmacs)
    account_id = found.account_id if found else NO_ACCOUNT
    value = values_of(session, account_ids=[account_id], now=now).get(account_id, NOTHING)
    if found is None or not _is_within(found, program_id=program_id, organization_id=organization_id):
        raise CodeNotUsable
    require_usable(session, code=found, value=value, asker=asker, now=now)
    return EnteredCode(found, value)


def require_usable(session: Session, *, code: Code, value: CodeValue, asker: Asker, now: datetime) -> None:
    """Refuse a code that nothing can be spent from, and say only what the asker may know.

    Raises:
        CodeReplaced, CodeAlreadySpent, CodeNotUsable: as ``check_code``.
    """
    state = shown_state(code, value=value, now=now)
    if state == CodeState.REPLACED:
        raise _replaced(session, code)
    is_his = code.id in asker.code_ids or code.moved_to_account_id in asker.account_ids
    if is_his and state in {CodeState.EXHAUSTED, CodeState.CLAIMED}:
        raise CodeAlreadySpent
    if state != CodeState.ACTIVE or not value.usable_units:
        raise CodeNotUsable(is_known=True)


def _is_within(code: Code, *, program_id: int | None, organization_id: int | None) -> bool:
    """Tell whether a code belongs to where it is asked for."""
    return program_id in {None, code.program_id} and organization_id in {None, code.organization_id}


def _hmacs(forms: Sequence[str], vault: Vault) -> list[bytes]:
    """Return the look-up values of these codes by every key that is kept."""
    return [digest for form in forms for _, digest in vault.lookups(LOOKUP_PURPOSE, form)]


def _first_match(found: Sequence[Code], hmacs: list[bytes]) -> Code | None:
    """Return the code that the index found, compared once more in a time that says nothing."""
    matches = [code for code in found if any(hmac.compare_digest(code.lookup_hmac, digest) for digest in hmacs)]
    return matches[0] if matches else None


def _replaced(session: Session, code: Code) -> CodeReplaced:
    """Return the refusal that says where the code's value went."""
    successor = session.get_one(Code, code.replaced_by_id)
    assert code.replacement is not None, "a replaced code says how"
    return CodeReplaced(_REPLACED[Replacement(code.replacement)], last4=successor.last4)
