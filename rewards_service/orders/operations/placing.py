"""An order is placed: value is set aside for every line, or for none.

Statements are few and built once: this is what everybody waits for, and what happens while an account is locked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from rewards_service.identity.models import Member
from rewards_service.kit.actor import Actor
from rewards_service.kit.crypto import Vault
from rewards_service.kit.database import UtcDateTime
from rewards_service.kit.ids import new_public_id
from rewards_service.kit.statements import Statement
from rewards_service.orders.agreement import Agreement, agree
from rewards_service.orders.errors import OrderConflict
from rewards_service.orders.models import Order
from rewards_service.orders.operations.setting_aside import OrderHead, set_aside
from rewards_service.orders.policy import OrderState
from rewards_service.orders.queries import order_view
from rewards_service.orders.recipients import NOBODY, OrderRecipient, usable_recipient
from rewards_service.orders.requests import OrderRequest, Tender, WantedLine
from rewards_service.orders.tenders import Payer, codes_that_pay, keep_codes, locked_purses, wallets_that_pay
from rewards_service.orders.terms import terms_of_lines
from rewards_service.orders.views import OrderView
from rewards_service.programs.models import Program

_INSERT_ORDER = Statement(
    text(
        "INSERT INTO customer_order (public_id, organization_id, program_id, external_id, content_hmac, member_id, "
        "recipient_name, recipient_email, recipient_phone, locale, state, awaits_approval, actor, placed_at) "
        "VALUES (:public_id, :organization_id, :program_id, :external_id, :content_hmac, :member_id, "
        ":recipient_name, :recipient_email, :recipient_phone, :locale, :state, false, :actor, :placed_at) "
        "ON CONFLICT (program_id, external_id) DO NOTHING RETURNING id"
    ).bindparams(bindparam("placed_at", type_=UtcDateTime))
)
_FIRST = select(Order).where(Order.program_id == bindparam("program_id"), Order.external_id == bindparam("external_id"))


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """The order, and whether this call placed it."""

    order: OrderView
    is_new: bool


def place_order(
    session: Session,
    *,
    program: Program,
    external_id: str,
    lines: Sequence[WantedLine],
    tenders: Sequence[Tender],
    actor: Actor,
    vault: Vault,
    now: datetime,
    recipient: OrderRecipient = NOBODY,
    member: Member | None = None,
) -> PlacedOrder:
    """Set aside what the lines cost and have them fulfilled; a quantity becomes as many lines.

    Tenders pay soonest expiry first, then smallest balance; points at the points rate, promises at par. The same
    external id with the same content is the same order told again: it is returned and nothing changes. With a
    ``member`` only his own wallets pay; without one the order belongs to the member whose wallet pays, if one does.

    Raises:
        OrderInvalid: names every field that cannot be used.
        OrderConflict: the external id is in use for an order with other content.
        OutOfStock: fewer are in stock than are wanted.
        OrderNotCoverable, InsufficientValue: the tenders have less than the order costs.
        CodeMistyped, CodeNotUsable, CodeReplaced, CodeRepeated: about the codes that pay.
    """
    request = OrderRequest(external_id, lines, tenders, usable_recipient(recipient, region=program.country), member)
    request.require_usable()
    contents = request.fingerprints(vault)
    wallets = wallets_that_pay(session, program=program, tenders=tenders, member=member)
    head = _insert_order(
        session, program=program, request=request, wallets=wallets, content=contents[0], actor=actor, now=now
    )
    if head is None:
        return _placed_before(session, program=program, external_id=external_id, contents=contents)
    agreement = _agree(session, program=program, request=request, wallets=wallets, vault=vault, now=now)
    return PlacedOrder(
        set_aside(session, program=program, head=head, agreement=agreement, actor=actor, now=now), is_new=True
    )


def _insert_order(
    session: Session,
    *,
    program: Program,
    request: OrderRequest,
    wallets: Sequence[Payer],
    content: bytes,
    actor: Actor,
    now: datetime,
) -> OrderHead | None:
    """Add the order's own row; nothing when its external id is taken. A twin under way is waited for."""
    member, recipient = request.member, request.recipient
    public_id = new_public_id("ord", now=now)
    owner = _owner(member, wallets=wallets)
    row = {
        "public_id": public_id,
        "organization_id": program.organization_id,
        "program_id": program.id,
        "external_id": request.external_id,
        "content_hmac": content,
        "member_id": owner[0],
        "recipient_name": recipient.name,
        "recipient_email": recipient.email,
        "recipient_phone": recipient.phone,
        "locale": recipient.locale or (member.locale if member else program.locale),
        "state": OrderState.PROCESSING.value,
        "actor": f"{actor.kind}:{actor.reference}",
        "placed_at": now,
    }
    order_id: int | None = _INSERT_ORDER.scalar(session.connection(), row)
    return None if order_id is None else OrderHead(order_id, public_id, *owner, request)


def _owner(member: Member | None, *, wallets: Sequence[Payer]) -> tuple[int | None, str | None]:
    """Return key and public id of whose order it is: the member who asks, else the one whose wallet pays."""
    if member is not None:
        return member.id, member.public_id
    return next(((payer.member_id, payer.member_reference) for payer in wallets), (None, None))


def _placed_before(session: Session, *, program: Program, external_id: str, contents: Sequence[bytes]) -> PlacedOrder:
    """Return the order that took the external id first.

    Raises:
        OrderConflict: it has other content.
    """
    first = session.scalars(_FIRST, {"program_id": program.id, "external_id": external_id}).one()
    if first.content_hmac not in contents:
        raise OrderConflict
    return PlacedOrder(order_view(session, order=first), is_new=False)


def _agree(
    session: Session,
    *,
    program: Program,
    request: OrderRequest,
    wallets: Sequence[Payer],
    vault: Vault,
    now: datetime,
) -> Agreement:
    """Return what the lines cost and who pays, with everybody who pays kept from moving on."""
    terms = terms_of_lines(session, program=program, lines=request.lines, now=now)
    codes = codes_that_pay(session, program=program, tenders=request.tenders, vault=vault, now=now)
    keep_codes(session, payers=codes)
    payers = [*wallets, *codes]
    purses = locked_purses(session, program=program, payers=payers, rate=terms[0].rate, now=now)
    return agree(program, terms=terms, payers=payers, purses=purses)
