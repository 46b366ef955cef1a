"""Lines are fulfilled, given up, and shown."""

from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.fulfillment.notices import send_notices
from rewards_service.fulfillment.strategies import LineToFulfil, strategy_of
from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import record_audit
from rewards_service.kit.crypto import Vault
from rewards_service.kit.errors import FieldProblem, Refusal
from rewards_service.orders.errors import ReasonMissing
from rewards_service.orders.models import Order, OrderLine
from rewards_service.orders.operations import fail_line, issue_line, lock_order_of_line, mark_revealed
from rewards_service.orders.policy import LINE_REFUSALS, REASON_LENGTH_MAX, LineState
from rewards_service.programs.queries import program_by_id
from rewards_service.stock.operations import Credentials

GIVEN_UP = "given_up"
"""Why a line failed whose job was cancelled, or failed every time."""


def fulfil_line(session: Session, *, order_line_id: int, actor: Actor, now: datetime) -> str:
    """Hand a held line what was ordered, or give its value back when it cannot be had; return the line's state.

    One transaction: the hand-over, the capture, the state, the event and the message. A line that is not held any more
    was settled before, by this job or by somebody who cancelled it; it is left as it is.
    """
    locked, line = lock_order_of_line(session, order_line_id=order_line_id)
    if line.state != LineState.HELD or locked.order.awaits_approval:
        return line.state
    program = program_by_id(session, program_id=locked.order.program_id)
    try:
        issued = strategy_of(line.kind).issue(session, wanted=LineToFulfil(program, line), now=now)
    except Refusal as refusal:
        fail_line(session, program=program, locked=locked, line=line, reason=refusal.code, actor=actor, now=now)
        send_notices(session, program=program, locked=locked, now=now)
        return line.state
    issue_line(
        session,
        program=program,
        locked=locked,
        line=line,
        settlement=issued.settlement,
        recovery=issued.recovery,
        actor=actor,
        now=now,
    )
    send_notices(session, program=program, locked=locked, now=now)
    return line.state


def give_up_line(session: Session, *, order_line_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Give back the value of a line that nobody will try to fulfil again; a line settled meanwhile is left alone."""
    locked, line = lock_order_of_line(session, order_line_id=order_line_id)
    if line.state != LineState.HELD:
        return
    program = program_by_id(session, program_id=locked.order.program_id)
    fail_line(session, program=program, locked=locked, line=line, reason=GIVEN_UP, actor=actor, now=now)
    record_audit(
        session,
        organization_id=locked.order.organization_id,
        actor=actor,
        action="order_line.given_up",
        object_type="order",
        object_id=locked.order.public_id,
        now=now,
        reason=reason,
        detail={"line": line.number},
    )
    send_notices(session, program=program, locked=locked, now=now)


def reveal_line(
    session: Session, *, order: Order, line: OrderLine, actor: Actor, vault: Vault, reason: str, now: datetime
) -> Credentials:
    """Return the secrets of a line that was issued; who saw them, and why, is kept for ever.

    The caller has decided that ``actor`` may see them. The timeline says so the first time, the audit trail each time.

    Raises:
        ReasonMissing: ``reason`` is empty or too long.
        LineNotIssued, LineUncertain, LineHasFailed, LineAlreadyCancelled, LineAlreadyRefunded: by the line's state.
    """
    if not 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        raise ReasonMissing(problems=(FieldProblem("/reason", "reason_missing", "Say why."),))
    if line.state != LineState.ISSUED:
        raise LINE_REFUSALS[LineState(line.state)]
    credentials = strategy_of(line.kind).reveal(session, line=line, vault=vault)
    mark_revealed(session, line=line, actor=actor, now=now)
    record_audit(
        session,
        organization_id=order.organization_id,
        actor=actor,
        action="order_line.revealed",
        object_type="order",
        object_id=order.public_id,
        now=now,
        reason=reason,
        detail={"line": line.number},
    )
    return credentials
