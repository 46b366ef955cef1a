"""What the issuer does with a code: block, unblock, extend, reveal, export."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from rewards_service.codes.auditing import audit_code
from rewards_service.codes.errors import CodeNotRecoverable, CodeStateRefused, ExpiryNotAhead
from rewards_service.codes.format import grouped
from rewards_service.codes.handles import SEAL_PURPOSE
from rewards_service.codes.locking import lock_codes, require_move
from rewards_service.codes.models import Code, CodeBatch
from rewards_service.codes.policy import CodeState
from rewards_service.codes.queries import CodeView, code_views
from rewards_service.kit.actor import Actor
from rewards_service.kit.crypto import SecretText, Vault
from rewards_service.ledger.operations.extending import extend_lots
from rewards_service.programs.policy import require_end_in_reach

EXPORT_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class ExportedCode:
    """One code of a batch as its issuer takes it out; ``text`` is ``None`` where no readable copy is kept."""

    view: CodeView
    text: SecretText | None


def block_code(session: Session, *, code: Code, actor: Actor, reason: str, now: datetime) -> Code:
    """Keep a code from being spent until it is unblocked; what orders hold of it already stays theirs.

    Raises:
        CodeStateRefused: it is blocked already, claimed or replaced.
    """
    return _set_state(session, code=code, target=CodeState.BLOCKED, actor=actor, reason=reason, now=now)


def unblock_code(session: Session, *, code: Code, actor: Actor, reason: str, now: datetime) -> Code:
    """Let a blocked code be spent again.

    Raises:
        CodeStateRefused: it is not blocked.
    """
    return _set_state(session, code=code, target=CodeState.ACTIVE, actor=actor, reason=reason, now=now)


def extend_code(
    session: Session, *, code: Code, expires_at: datetime, actor: Actor, reason: str, now: datetime
) -> Code:
    """Let what a code holds live until ``expires_at``.

    Raises:
        CodeStateRefused: it was claimed, replaced, used up, or has ended: what has ended is not revived.
        ExpiryNotAhead: ``expires_at`` is past, or no part of its value would live longer.
        ExpiryTooFar: it is beyond the last year there is.
    """
    require_end_in_reach(expires_at)
    (view,) = lock_codes(session, codes=[code], now=now)
    if view.state not in {CodeState.ACTIVE, CodeState.BLOCKED} or view.value.usable_units + view.value.held_units == 0:
        raise CodeStateRefused("This code is {state}.", state=view.state.value)
    extended = extend_lots(session, account_id=code.account_id, expires_at=expires_at, now=now)
    if not extended:
        raise ExpiryNotAhead("No part of this code's value would live longer.")
    before = code.expires_at
    code.expires_at = before and max(before, expires_at)
    session.flush()
    detail = {"before": before.isoformat() if before else None, "after": expires_at.isoformat(), "lots": extended}
    audit_code(session, code=code, action="extended", actor=actor, reason=reason, now=now, detail=detail)
    return code


def reveal_code(session: Session, *, code: Code, vault: Vault, actor: Actor, reason: str, now: datetime) -> SecretText:
    """Return the code in clear, grouped, and record who wanted to see it and why.

    Raises:
        CodeNotRecoverable: no readable copy is kept.
    """
    audit_code(session, code=code, action="revealed", actor=actor, reason=reason, now=now)
    return open_code(session, code=code, vault=vault)


def open_code(session: Session, *, code: Code, vault: Vault) -> SecretText:
    """Return the code in clear, grouped, for the product's own use; whoever shows it to a person reveals it.

    Raises:
        CodeNotRecoverable: no readable copy is kept.
    """
    if code.sealed_code is None:
        raise CodeNotRecoverable
    text = vault.open(
        session,
        organization_id=code.organization_id,
        purpose=SEAL_PURPOSE,
        reference=code.public_id,
        ciphertext=code.sealed_code,
    )
    return SecretText(grouped(text))


def record_export(session: Session, *, batch: CodeBatch, actor: Actor, reason: str, now: datetime) -> None:
    """Record that all codes of a batch are taken out in clear; comes before ``export_batch`` and is committed first."""
    detail = {"count": batch.count}
    audit_code(session, code=batch, action="exported", actor=actor, reason=reason, now=now, detail=detail)


def export_batch(session: Session, *, batch: CodeBatch, vault: Vault, now: datetime) -> Iterator[ExportedCode]:
    """Yield the codes of a batch that are issued so far, in clear; ``session`` need not be able to write.

    They come in pages, so memory does not grow with the batch.
    """
    opener = vault.opener(session, organization_id=batch.organization_id, purpose=SEAL_PURPOSE)
    last_id = 0
    while page := session.scalars(_page(batch, after_id=last_id)).all():
        for view in code_views(session, codes=page, now=now):
            sealed = view.code.sealed_code
            text = SecretText(grouped(opener.open(view.code.public_id, sealed))) if sealed else None
            session.expunge(view.code)
            yield ExportedCode(view, text)
        last_id = page[-1].id


def _page(batch: CodeBatch, *, after_id: int) -> Select[Code]:
    """Return the statement of the codes that follow the one of ``after_id``."""
    following = select(Code).where(Code.batch_id == batch.id, Code.id > after_id)
    return following.order_by(Code.id).limit(EXPORT_PAGE)


def _set_state(session: Session, *, code: Code, target: CodeState, actor: Actor, reason: str, now: datetime) -> Code:
    """Move a code to another state that the table allows."""
    (view,) = lock_codes(session, codes=[code], now=now)
    require_move(view, target)
    code.state, code.state_changed_at = target.value, now
    session.flush()
    action = "blocked" if target == CodeState.BLOCKED else "unblocked"
    audit_code(session, code=code, action=action, actor=actor, reason=reason, now=now)
    return code
