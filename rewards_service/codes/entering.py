"""Somebody enters a code: finding it, and saying no more than he may know.

To a stranger unknown, expired, blocked and foreign codes are one and the same: the same statements in the same order,
and the same refusal. What a code is worth, or where it went, is said only after the right code was shown.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from rewards_service.codes.errors import CodeAlreadySpent, CodeNotUsable, CodeRepeated, CodeReplaced, TooManyCodes
from rewards_service.codes.format import normal_form
from rewards_service.codes.models import Code
from rewards_service.codes.policy import (
    CODES_PER_ORDER_MAX,
    NOTHING,
    STRANGER,
    Asker,
    CodeState,
    CodeValue,
    Replacement,
)
from rewards_service.codes.queries import shown_state, values_of
from rewards_service.kit.crypto import Vault
from rewards_service.programs.models import Program

LOOKUP_PURPOSE = "code"
NO_ACCOUNT = 0
"""Asked for where there is no code, so that an unknown code costs the same statements as a known one."""

_BY_HMAC = select(Code).where(Code.lookup_hmac.in_(bindparam("hmacs", expanding=True))).order_by(Code.id)
_BY_ID = select(Code).where(Code.id.in_(bindparam("code_ids", expanding=True))).order_by(Code.id)
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


@dataclass(frozen=True, slots=True)
class UsableCode:
    """What a code contributes to an order: its account, units that may be spent, and when the first of them end."""

    code_id: int
    account_id: int
    balance_units: int
    expires_at: datetime | None


def resolve_code(
    session: Session,
    *,
    text: str,
    vault: Vault,
    now: datetime,
    program_id: int | None = None,
    organization_id: int | None = None,
    asker: Asker = STRANGER,
) -> Code:
    """Return the usable code that somebody entered, of one program or organization, or of any where none is named.

    Raises:
        CodeMistyped: the text is no code; nothing was looked up.
        CodeNotUsable: no such code, or not for this caller.
        CodeAlreadySpent: it is empty, and the asker has shown that it is his.
        CodeReplaced: it was merged, split or exchanged; says where its value went.
    """
    entered = check_code(
        session,
        text=text,
        vault=vault,
        now=now,
        program_id=program_id,
        organization_id=organization_id,
        asker=asker,
    )
    return entered.code


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

    Raises:
        CodeMistyped, CodeNotUsable, CodeAlreadySpent, CodeReplaced: as ``resolve_code``.
    """
    hmacs = _hmacs([normal_form(text)], vault)
    found = _first_match(session.scalars(_BY_HMAC, {"hmacs": hmacs}).all(), hmacs)
    account_id = found.account_id if found else NO_ACCOUNT
    value = values_of(session, account_ids=[account_id], now=now).get(account_id, NOTHING)
    if found is None or not _is_within(found, program_id=program_id, organization_id=organization_id):
        raise CodeNotUsable
    require_usable(session, code=found, value=value, asker=asker, now=now)
    return EnteredCode(found, value)


def usable_codes(
    session: Session,
    *,
    texts: Sequence[str],
    program: Program,
    vault: Vault,
    now: datetime,
    unit_id: int | None = None,
) -> list[UsableCode]:
    """Return the codes that pay for one order, in the order in which they are used: soonest expiry, smallest balance.

    ``unit_id`` none: they need only be of one unit. The codes cannot be blocked, claimed or moved on by others until
    the transaction ends; ``session`` must be able to write.

    Raises:
        CodeMistyped: one text is no code.
        CodeRepeated: one code stands there twice.
        TooManyCodes: there are more than ``CODES_PER_ORDER_MAX``.
        CodeNotUsable: one is unknown, expired, blocked, empty, or of another program or unit: all alike.
        CodeReplaced: one was merged, split or exchanged.
    """
    forms = [normal_form(text) for text in texts]
    require_distinct(forms, limit=CODES_PER_ORDER_MAX)
    found = session.scalars(_kept(_BY_HMAC), {"hmacs": _hmacs(forms, vault)}).all()
    return _usable(session, found=found, asked_for=len(forms), program=program, unit_id=unit_id, now=now)


def usable_codes_by_id(
    session: Session, *, code_ids: Sequence[int], program: Program, now: datetime, unit_id: int | None = None
) -> list[UsableCode]:
    """Return codes that the caller has shown before (a guest's session keeps their keys), as ``usable_codes`` does.

    Raises:
        CodeRepeated, TooManyCodes, CodeNotUsable, CodeReplaced: as ``usable_codes``.
    """
    require_distinct(code_ids, limit=CODES_PER_ORDER_MAX)
    found = session.scalars(_kept(_BY_ID), {"code_ids": list(code_ids)}).all()
    return _usable(session, found=found, asked_for=len(code_ids), program=program, unit_id=unit_id, now=now)


def require_distinct(entered: Sequence[object], *, limit: int) -> None:
    """Refuse more than ``limit`` codes, and the same one twice.

    Raises:
        TooManyCodes, CodeRepeated: as their names say.
    """
    if len(entered) > limit:
        raise TooManyCodes("At most {limit} codes can be combined.", limit=limit)
    if len(set(entered)) != len(entered):
        raise CodeRepeated


def require_usable(session: Session, *, code: Code, value: CodeValue, asker: Asker, now: datetime) -> None:
    """Refuse a code that nothing can be spent from, and say only what the asker may know.

    Raises:
        CodeReplaced, CodeAlreadySpent, CodeNotUsable: as ``resolve_code``.
    """
    state = shown_state(code, value=value, now=now)
    if state == CodeState.REPLACED:
        raise _replaced(session, code)
    is_his = code.id in asker.code_ids or code.moved_to_account_id in asker.account_ids
    if is_his and state in {CodeState.EXHAUSTED, CodeState.CLAIMED}:
        raise CodeAlreadySpent
    if state != CodeState.ACTIVE or not value.usable_units:
        raise CodeNotUsable


def _is_within(code: Code, *, program_id: int | None, organization_id: int | None) -> bool:
    """Tell whether a code belongs to where it is asked for."""
    return program_id in {None, code.program_id} and organization_id in {None, code.organization_id}


def _kept(statement: Select[Code]) -> Select[Code]:
    """Return the statement that also keeps others from blocking or moving its codes until the transaction ends."""
    return statement.with_for_update(read=True).execution_options(populate_existing=True)


def _usable(
    session: Session, *, found: Sequence[Code], asked_for: int, program: Program, unit_id: int | None, now: datetime
) -> list[UsableCode]:
    """Return what all of the codes found contribute, or refuse them all."""
    values = values_of(session, account_ids=[code.account_id for code in found] or [NO_ACCOUNT], now=now)
    units = {code.unit_id for code in found} | ({unit_id} if unit_id else set())
    if len(found) != asked_for or len(units) > 1 or any(code.program_id != program.id for code in found):
        raise CodeNotUsable
    for code in found:
        require_usable(session, code=code, value=values.get(code.account_id, NOTHING), asker=STRANGER, now=now)
    usable = [_contribution(code, values[code.account_id]) for code in found]
    return sorted(usable, key=_order_of_use)


def _contribution(code: Code, value: CodeValue) -> UsableCode:
    """Return what one code contributes."""
    return UsableCode(code.id, code.account_id, value.usable_units, value.expires_at)


def _order_of_use(code: UsableCode) -> tuple[bool, datetime | None, int, int]:
    """Return the sort key by which codes are used: soonest expiry, those without one last, then smallest balance."""
    return (code.expires_at is None, code.expires_at, code.balance_units, code.code_id)


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
