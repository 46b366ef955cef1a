"""Codes under lock: rows first, then the accounts behind them, both in ascending order, as orders do.

With the row a code's state stands still, with the account its value: a refund that is under way is waited for, so
nothing comes back to a handle that was emptied meanwhile.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from rewards_service.codes.entering import require_usable
from rewards_service.codes.errors import CodeInUse, CodeStateRefused
from rewards_service.codes.models import Code
from rewards_service.codes.policy import ALLOWED_MOVES, NOTHING, STRANGER, CodeState, CodeValue
from rewards_service.codes.queries import CodeView, shown_state, values_of
from rewards_service.ledger.models import Account

_LOCK_CODES = (
    select(Code)
    .where(Code.id.in_(bindparam("code_ids", expanding=True)))
    .order_by(Code.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_LOCK_ACCOUNTS = (
    select(Account.id)
    .where(Account.id.in_(bindparam("account_ids", expanding=True)))
    .order_by(Account.id)
    .with_for_update()
)


def lock_codes(
    session: Session, *, codes: Collection[Code], now: datetime, other_accounts: Iterable[int] = ()
) -> list[CodeView]:
    """Lock codes with their accounts, and ``other_accounts`` that take part, and return what is true of them now.

    The views come in the order of ``codes``.
    """
    found = session.scalars(_LOCK_CODES, {"code_ids": sorted(code.id for code in codes)}).all()
    account_ids = [code.account_id for code in found]
    session.connection().execute(_LOCK_ACCOUNTS, {"account_ids": sorted([*account_ids, *other_accounts])})
    values = values_of(session, account_ids=account_ids, now=now)
    return [_view(code, value=values.get(code.account_id, NOTHING), now=now) for code in codes]


def require_movable(session: Session, *, views: Sequence[CodeView], now: datetime) -> None:
    """Refuse to move the value of codes of which one is not usable, or has value in an order that is not settled.

    Raises:
        CodeNotUsable, CodeReplaced: as ``check_code``; somebody was quicker.
        CodeInUse: an order that is not settled holds part of its value.
    """
    for view in views:
        require_usable(session, code=view.code, value=view.value, asker=STRANGER, now=now)
        if view.value.held_units:
            raise CodeInUse


def require_move(view: CodeView, target: CodeState) -> None:
    """Refuse a change of state that the table does not allow.

    Raises:
        CodeStateRefused: says which state the code is in.
    """
    if target not in ALLOWED_MOVES[CodeState(view.code.state)]:
        raise CodeStateRefused("This code is {state}.", state=view.state.value)


def _view(code: Code, *, value: CodeValue, now: datetime) -> CodeView:
    """Return a locked code with what it holds."""
    return CodeView(code, shown_state(code, value=value, now=now), value)
