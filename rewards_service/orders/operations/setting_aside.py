"""What was agreed becomes rows: holds in the books, lines, shares, the first event, and a job for each line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from rewards_service.kit.actor import Actor
from rewards_service.kit.jobs import enqueue
from rewards_service.kit.statements import Statement
from rewards_service.ledger.operations import HoldPart, LineHold, open_holds
from rewards_service.orders.agreement import AgreedLine, Agreement, unit_name
from rewards_service.orders.models import OrderLine, OrderTender
from rewards_service.orders.policy import LineState, OrderState, line_reference
from rewards_service.orders.requests import OrderRequest
from rewards_service.orders.timeline import Event, EventView, new_event, record_events
from rewards_service.orders.views import LineView, OrderView, TenderView
from rewards_service.programs.models import Program

FULFIL_LINE = "fulfillment.fulfil_line"
"""The job that follows; its code is in a higher layer, which orders do not know."""

_INSERT_LINE = Statement(insert(OrderLine).returning(OrderLine.id))
_INSERT_LINES = insert(OrderLine).returning(OrderLine.id, sort_by_parameter_order=True)
_INSERT_TENDER = Statement(insert(OrderTender))


@dataclass(frozen=True, slots=True)
class OrderHead:
    """The order's own row, just added: its keys, whose it is (none: a guest's), and what was asked for."""

    id: int
    public_id: str
    member_id: int | None
    member_reference: str | None
    request: OrderRequest


def set_aside(
    session: Session, *, program: Program, head: OrderHead, agreement: Agreement, actor: Actor, now: datetime
) -> OrderView:
    """Hold what each line costs, write the lines, have them fulfilled, and return the order.

    Raises:
        InsufficientValue: a payer has less than its shares.
    """
    line_holds = [_line_hold(head, line) for line in agreement.lines]
    holds = open_holds(session, program=program, lines=line_holds, actor=actor, now=now)
    line_ids = _insert_lines(session, head=head, agreement=agreement, now=now)
    _insert_tenders(session, agreement=agreement, line_ids=line_ids, holds=holds)
    placed = new_event(Event.PLACED, actor=actor, now=now, lines=len(agreement.lines))
    record_events(session, order_id=head.id, events=[placed])
    for line_id in line_ids:
        enqueue(
            session,
            kind=FULFIL_LINE,
            payload={"order_line_id": line_id},
            now=now,
            organization_id=program.organization_id,
        )
    return _view(program, head=head, agreement=agreement, line_ids=line_ids, placed=placed, now=now)


def _line_hold(head: OrderHead, line: AgreedLine) -> LineHold:
    """Return what is to be set aside for one line."""
    parts = [HoldPart(share.purse.account_id, share.purse.unit_id, share.units) for share in line.shares]
    return LineHold(line_reference(head.public_id, line.number), parts)


def _insert_lines(session: Session, *, head: OrderHead, agreement: Agreement, now: datetime) -> list[int]:
    """Add the lines and return their keys, in order."""
    rows = [_line_row(line, order_id=head.id, unit_id=agreement.unit_id, now=now) for line in agreement.lines]
    connection = session.connection()
    if len(rows) == 1:
        return [_INSERT_LINE.scalar(connection, rows[0])]
    return list(connection.execute(_INSERT_LINES, rows).scalars())


def _line_row(line: AgreedLine, *, order_id: int, unit_id: int, now: datetime) -> dict[str, object]:
    """Return the columns of a line: the snapshot of what was agreed."""
    terms = line.terms
    return {
        "order_id": order_id,
        "number": line.number,
        "item_id": terms.item.item_id,
        "item_public_id": terms.item.public_id,
        "kind": terms.item.kind,
        "supplier": terms.item.supplier,
        "title": terms.item.title,
        "face_value_minor": terms.item.face_value_minor,
        "currency": terms.item.currency,
        "margin_bp": terms.margin_bp,
        "rate_version_id": terms.rate.id,
        "rate_units": terms.rate.units,
        "rate_minor": terms.rate.minor,
        "price_units": line.price_units,
        "unit_id": unit_id,
        "details": dict(terms.details),
        "state": LineState.HELD.value,
        "state_changed_at": now,
        "refunded_face_minor": 0,
    }


def _insert_tenders(
    session: Session, *, agreement: Agreement, line_ids: Sequence[int], holds: Sequence[Sequence[int]]
) -> None:
    """Record each payer's share of each line, with the hold that keeps it."""
    rows = []
    for line, line_id, hold_ids in zip(agreement.lines, line_ids, holds, strict=True):
        for seq, (share, hold_id) in enumerate(zip(line.shares, hold_ids, strict=True)):
            payer = agreement.payers[share.purse.account_id]
            rows.append(
                {
                    "order_line_id": line_id,
                    "seq": seq,
                    "wallet_id": payer.wallet_id,
                    "code_id": payer.code_id,
                    "account_id": payer.account_id,
                    "unit_id": payer.unit_id,
                    "units": share.units,
                    "hold_id": hold_id,
                }
            )
    _INSERT_TENDER.run_each(session.connection(), rows)


def _view(
    program: Program,
    *,
    head: OrderHead,
    agreement: Agreement,
    line_ids: Sequence[int],
    placed: EventView,
    now: datetime,
) -> OrderView:
    """Return the order as it stands, without asking the database for what was just written."""
    recipient = head.request.recipient
    lines = [
        _line_view(program, line=line, line_id=line_id, agreement=agreement)
        for line, line_id in zip(agreement.lines, line_ids, strict=True)
    ]
    return OrderView(
        id=head.id,
        public_id=head.public_id,
        external_id=head.request.external_id,
        program_id=program.id,
        program_reference=program.public_id,
        member_id=head.member_id,
        member_reference=head.member_reference,
        state=OrderState.PROCESSING.value,
        unit=unit_name(program, unit_id=agreement.unit_id),
        total_units=sum(line.price_units for line in agreement.lines),
        recipient_name=recipient.name,
        recipient_email=recipient.email,
        recipient_phone=recipient.phone,
        placed_at=now,
        lines=lines,
        timeline=[placed],
    )


def _line_view(program: Program, *, line: AgreedLine, line_id: int, agreement: Agreement) -> LineView:
    """Return a line that was just written, as it is shown."""
    terms = line.terms
    return LineView(
        id=line_id,
        number=line.number,
        item_id=terms.item.public_id,
        kind=terms.item.kind,
        title=terms.item.title,
        face_value_minor=terms.item.face_value_minor,
        currency=terms.item.currency,
        price_units=line.price_units,
        unit=unit_name(program, unit_id=agreement.unit_id),
        margin_bp=terms.margin_bp,
        rate_units=terms.rate.units,
        rate_minor=terms.rate.minor,
        details=terms.details,
        state=LineState.HELD.value,
        state_reason=None,
        refunded_face_minor=0,
        revealed_at=None,
        tenders=[_tender_view(program, line=line, agreement=agreement, seq=seq) for seq in range(len(line.shares))],
    )


def _tender_view(program: Program, *, line: AgreedLine, agreement: Agreement, seq: int) -> TenderView:
    """Return one share as it is shown."""
    share = line.shares[seq]
    payer = agreement.payers[share.purse.account_id]
    return TenderView(
        reference=payer.reference,
        last4=payer.last4,
        unit=unit_name(program, unit_id=payer.unit_id),
        units=share.units,
        returned_units=0,
    )
