"""One member: addresses, wallets, orders, messages, and everything that happened."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.delivery.models import Message
from rewards_service.delivery.queries import messages_page
from rewards_service.identity.models import Member
from rewards_service.identity.queries import living_member, members_of_person
from rewards_service.kit.services import current_services
from rewards_service.ledger.queries import holder_statement
from rewards_service.orders.queries import Holder, order_views, orders_of_holder
from rewards_service.orders.timeline import Event
from rewards_service.orders.views import OrderView
from rewards_service.programs.models import Program, Unit
from rewards_service.wallets.models import Wallet
from rewards_service.wallets.queries import former_wallets, wallets_of_member
from rewards_service.web.console.pages.rows import MessageRow, OrderRow, message_rows, order_rows
from rewards_service.web.console.timelines import deeds, entries, in_order, messages
from rewards_service.web.console.workers import Worker
from rewards_service.web.shop.order_pages import Step, timeline_of
from rewards_service.web.shop.statement import WalletStatement, wallet_statement

MESSAGES_SHOWN = 20
ENTRIES_SHOWN = 40
TOLD_BY_MESSAGES = frozenset({Event.MESSAGE_QUEUED})
"""Events of which the message itself says more."""


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Everything the page of a member says.

    Attributes:
        others: whom the member stands for besides.
        merged_into: who stands for the member, if somebody does.
    """

    member: Member
    program_name: str
    others: list[Member]
    merged_into: Member | None
    can_merge: bool
    wallets: list[WalletStatement]
    orders: list[OrderRow]
    messages: list[MessageRow]
    timeline: list[Step]


def member_page(session: Session, *, worker: Worker, member: Member, now: datetime) -> MemberPage:
    """Return the page of ``member``, as far as the worker's roles reach."""
    program = session.get_one(Program, member.program_id)
    _, *others = members_of_person(session, member_id=member.id)
    wallets = wallets_of_member(session, member_id=member.id)
    wallets += former_wallets(session, wallets=wallets)
    orders = _orders(session, worker, member)
    sent = _messages(session, worker, member)
    return MemberPage(
        member=member,
        program_name=program.name,
        others=others,
        merged_into=None if member.merged_into_id is None else living_member(session, member=member),
        can_merge=member.merged_into_id is None and worker.grant.may_in(program.id, "members.write"),
        wallets=[wallet_statement(session, program=program, wallet=wallet, now=now) for wallet in wallets],
        orders=order_rows(session, orders),
        messages=message_rows(reversed(sent)),
        timeline=in_order(
            deeds(session, organization_id=worker.organization_id, object_type="member", object_id=member.public_id),
            *(_entries(session, wallet) for wallet in wallets),
            *(timeline_of(order, without=TOLD_BY_MESSAGES) for order in orders),
            messages(sent),
        ),
    )


def _orders(session: Session, worker: Worker, member: Member) -> list[OrderView]:
    """Return the member's orders, if the worker may see orders."""
    if not worker.grant.may_in(member.program_id, "orders.read"):
        return []
    holder = Holder(member_id=member.id)
    found = orders_of_holder(session, program_id=member.program_id, holder=holder)
    return order_views(session, orders=found) if found else []


def _messages(session: Session, worker: Worker, member: Member) -> list[Message]:
    """Return what was sent to the member's addresses, oldest first, if the worker may see messages."""
    if not worker.grant.may_in(member.program_id, "messages.read"):
        return []
    pages = [
        messages_page(
            session,
            organization_id=worker.organization_id,
            program_ids={member.program_id},
            recipient=address,
            signer=current_services().signer,
            limit=MESSAGES_SHOWN,
        )
        for each in members_of_person(session, member_id=member.id)
        for address in (each.email, each.phone)
        if address
    ]
    return sorted((message for page in pages for message in page.items), key=lambda message: message.id)


def _entries(session: Session, wallet: Wallet) -> list[Step]:
    """Return what the books say about one wallet."""
    signer = current_services().signer
    page = holder_statement(session, account_id=wallet.account_id, signer=signer, limit=ENTRIES_SHOWN)
    return entries(page.items, unit=session.get_one(Unit, wallet.unit_id))
