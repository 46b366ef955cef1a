"""The value of codes changes hands: claimed, split, merged, passed on. The old handle dies, atomically."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.codes.auditing import audit_code
from rewards_service.codes.errors import (
    CodeInUse,
    CodeNotUsable,
    CodeRepeated,
    CodeStateRefused,
    PartsDoNotAddUp,
    TooManyCodes,
)
from rewards_service.codes.handles import HandleTerms, NewCode, open_handle
from rewards_service.codes.locking import lock_codes, require_movable, require_move
from rewards_service.codes.models import Code
from rewards_service.codes.policy import (
    CODES_PER_MERGE_MAX,
    SPLIT_PARTS_MAX,
    SPLIT_PARTS_MIN,
    CodeState,
    Replacement,
)
from rewards_service.codes.queries import CodeView
from rewards_service.kit.actor import Actor
from rewards_service.kit.crypto import Vault
from rewards_service.ledger.balances import require_units
from rewards_service.ledger.operations import Move, Source, move_value
from rewards_service.programs.models import Program
from rewards_service.programs.queries import program_by_id
from rewards_service.wallets.models import Wallet
from rewards_service.wallets.queries import keep_living_wallet


@dataclass(frozen=True, slots=True)
class Change:
    """Who moves value when, and why: what the books and the audit trail keep of it."""

    actor: Actor
    now: datetime
    reason: str | None = None


def claim_code(session: Session, *, code: Code, wallet: Wallet, actor: Actor, now: datetime) -> int:
    """Move everything a code holds into a wallet and return the units moved; the code is used up.

    Raises:
        CodeNotUsable: somebody was quicker, or the wallet is of another program or unit.
        CodeReplaced: it was merged, split or exchanged meanwhile.
        CodeInUse: an order that is not settled holds part of it.
    """
    if (code.program_id, code.unit_id) != (wallet.program_id, wallet.unit_id):
        raise CodeNotUsable
    wallet = keep_living_wallet(session, wallet=wallet)
    (view,) = lock_codes(session, codes=[code], now=now, other_accounts=[wallet.account_id])
    require_movable(session, views=[view], now=now)
    moves = [Move(code.account_id, wallet.account_id, view.value.usable_units)]
    change = Change(actor, now)
    _move(session, code=code, moves=moves, source_type="code_claim", change=change)
    _end(code, state=CodeState.CLAIMED, moved_to=wallet.account_id, now=now)
    session.flush()
    audit_code(session, code=code, action="claimed", actor=actor, now=now, detail={"wallet": wallet.public_id})
    return view.value.usable_units


def split_code(
    session: Session, *, code: Code, parts_units: Sequence[int], vault: Vault, actor: Actor, now: datetime
) -> list[NewCode]:
    """Divide what a code holds into new codes of ``parts_units``, which must add up to it, and return them.

    Raises:
        PartsDoNotAddUp: the parts are not what the code holds, or too few or too many.
        UnitsNotPositive: a part is not a whole number above zero.
        CodeNotUsable, CodeReplaced, CodeInUse: as ``claim_code``.
    """
    for units in parts_units:
        require_units(units)
    (view,) = lock_codes(session, codes=[code], now=now)
    require_movable(session, views=[view], now=now)
    _require_parts(parts_units, whole=view.value.usable_units)
    change = Change(actor, now)
    terms = [_handle_terms([view], units=units, made_from=code) for units in parts_units]
    return _replace(session, views=[view], terms=terms, how=Replacement.SPLIT, source=code, vault=vault, change=change)


def merge_codes(session: Session, *, codes: Sequence[Code], vault: Vault, actor: Actor, now: datetime) -> NewCode:
    """Put what several codes hold into one new code and return it; each part keeps its own expiry.

    Raises:
        CodeRepeated: one code stands there twice.
        TooManyCodes: there are more than ``CODES_PER_MERGE_MAX``, or fewer than two.
        CodeNotUsable: they are not of one program and unit, or somebody was quicker: alike.
        CodeReplaced, CodeInUse: as ``claim_code``.
    """
    _require_mergeable(codes)
    views = lock_codes(session, codes=codes, now=now)
    require_movable(session, views=views, now=now)
    terms = _handle_terms(views, units=sum(view.value.usable_units for view in views))
    (new,) = _replace(
        session,
        views=views,
        terms=[terms],
        how=Replacement.MERGED,
        source=min(codes, key=lambda code: code.id),
        vault=vault,
        change=Change(actor, now),
    )
    return new


def reissue_code(session: Session, *, code: Code, vault: Vault, actor: Actor, reason: str, now: datetime) -> NewCode:
    """Exchange a code, active or blocked, for a new one of the same value and return it; the old one dies.

    Raises:
        CodeStateRefused: it was claimed, replaced, or holds nothing.
        CodeInUse: an order that is not settled holds part of it.
    """
    (view,) = lock_codes(session, codes=[code], now=now)
    require_move(view, CodeState.REPLACED)
    if view.value.held_units:
        raise CodeInUse
    if not view.value.usable_units:
        raise CodeStateRefused("This code is {state}.", state=view.state.value)
    terms = _handle_terms([view], units=view.value.usable_units, made_from=code)
    change = Change(actor, now, reason)
    (new,) = _replace(
        session, views=[view], terms=[terms], how=Replacement.REISSUED, source=code, vault=vault, change=change
    )
    return new


def _replace(
    session: Session,
    *,
    views: Sequence[CodeView],
    terms: Sequence[HandleTerms],
    how: Replacement,
    source: Code,
    vault: Vault,
    change: Change,
) -> list[NewCode]:
    """Empty the codes of ``views`` into new ones in one entry, and let each say what took its place.

    Either several codes become one, or one becomes several.
    """
    program = program_by_id(session, program_id=source.program_id)
    made = [open_handle(session, program=program, terms=each, vault=vault, now=change.now) for each in terms]
    if len(made) == 1:
        target = made[0].code.account_id
        moves = [Move(view.code.account_id, target, view.value.usable_units) for view in views]
    else:
        moves = [Move(source.account_id, new.code.account_id, new.code.value_units) for new in made]
    _move(session, code=source, moves=moves, source_type=f"code_{how.value}", change=change, program=program)
    for view in views:
        _end(view.code, state=CodeState.REPLACED, moved_to=made[0].code.account_id, now=change.now)
        view.code.replacement, view.code.replaced_by_id = how.value, made[0].code.id
        detail = {"into": [new.code.public_id for new in made]}
        audit_code(
            session,
            code=view.code,
            action=how.value,
            actor=change.actor,
            now=change.now,
            reason=change.reason,
            detail=detail,
        )
    session.flush()
    return made


def _move(
    session: Session,
    *,
    code: Code,
    moves: Sequence[Move],
    source_type: str,
    change: Change,
    program: Program | None = None,
) -> None:
    """Make the moves in one entry that names ``code``; the books take one such entry of a code only."""
    move_value(
        session,
        program=program or program_by_id(session, program_id=code.program_id),
        unit_id=code.unit_id,
        moves=moves,
        source=Source(source_type, code.public_id, change.actor, change.reason),
        now=change.now,
    )


def _end(code: Code, *, state: CodeState, moved_to: int, now: datetime) -> None:
    """Give a code its last state."""
    code.state, code.moved_to_account_id, code.state_changed_at = state.value, moved_to, now


def _handle_terms(views: Sequence[CodeView], *, units: int, made_from: Code | None = None) -> HandleTerms:
    """Return the terms of a code that takes the place of others: it ends with the last of them."""
    ends = [view.code.expires_at for view in views]
    known = [end for end in ends if end is not None]
    return HandleTerms(
        unit_id=views[0].code.unit_id,
        value_units=units,
        expires_at=max(known) if len(known) == len(ends) else None,
        made_from_id=made_from.id if made_from else None,
    )


def _require_mergeable(codes: Sequence[Code]) -> None:
    """Refuse codes that cannot become one, whatever they hold."""
    if not 1 < len(codes) <= CODES_PER_MERGE_MAX:
        raise TooManyCodes("Merging takes 2 to {limit} codes.", limit=CODES_PER_MERGE_MAX)
    if len({code.id for code in codes}) != len(codes):
        raise CodeRepeated
    if len({(code.program_id, code.unit_id) for code in codes}) != 1:
        raise CodeNotUsable


def _require_parts(parts_units: Sequence[int], *, whole: int) -> None:
    """Refuse parts that are not the whole, or not as many as a code is split into."""
    if not SPLIT_PARTS_MIN <= len(parts_units) <= SPLIT_PARTS_MAX:
        raise PartsDoNotAddUp(
            "A code is split into {least} to {most} parts.", least=SPLIT_PARTS_MIN, most=SPLIT_PARTS_MAX
        )
    if sum(parts_units) != whole:
        raise PartsDoNotAddUp(
            "The parts add up to {found}; the code holds {whole}.", found=sum(parts_units), whole=whole
        )
