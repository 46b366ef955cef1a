"""Reads of messages."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.delivery.errors import MessageNotFound
from rewards_service.delivery.models import Message, MessageAttempt, MessageReceipt
from rewards_service.delivery.policy import MessageState
from rewards_service.kit.paging import Listing, Page, fetch_page
from rewards_service.kit.signing import Signer

ABOUT_MAX = 100

OUTBOX = Listing(name="messages", keys=(Message.id,), descending=True)


def message_by_public_id(session: Session, *, organization_id: int, public_id: str) -> Message:
    """Return the organization's message of that id.

    Raises:
        MessageNotFound: it has none.
    """
    found = session.scalar(
        select(Message).where(Message.organization_id == organization_id, Message.public_id == public_id)
    )
    if found is None:
        raise MessageNotFound
    return found


def messages_page(
    session: Session,
    *,
    organization_id: int,
    signer: Signer,
    program_ids: Collection[int] | None = None,
    state: MessageState | None = None,
    recipient: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Message]:
    """Return one page of an organization's messages, or of some of its programs, newest first: the outbox.

    Raises:
        CursorInvalid: ``cursor`` is not one of this list.
    """
    query = select(Message.id, Message).where(Message.organization_id == organization_id)
    if program_ids is not None:
        query = query.where(Message.program_id.in_(program_ids))
    for column, wanted in ((Message.state, state), (Message.recipient, recipient)):
        if wanted is not None:
            query = query.where(column == wanted)
    page = fetch_page(session, query, listing=OUTBOX, signer=signer, cursor=cursor, limit=limit)
    return Page(items=[row.Message for row in page.items], next_cursor=page.next_cursor)


def messages_about(session: Session, *, organization_id: int, about_type: str, about_id: str) -> list[Message]:
    """Return the messages about one thing, oldest first, at most ``ABOUT_MAX``."""
    return list(
        session.scalars(
            select(Message)
            .where(
                Message.organization_id == organization_id,
                Message.about_type == about_type,
                Message.about_id == about_id,
            )
            .order_by(Message.id)
            .limit(ABOUT_MAX)
        )
    )


def attempts_of_message(session: Session, *, message: Message) -> list[MessageAttempt]:
    """Return each attempt to send ``message`` and what was answered, oldest first."""
    return list(
        session.scalars(
            select(MessageAttempt).where(MessageAttempt.message_id == message.id).order_by(MessageAttempt.id)
        )
    )


def receipts_of_message(session: Session, *, message: Message) -> list[MessageReceipt]:
    """Return what was reported about ``message`` after it was sent, oldest first."""
    return list(
        session.scalars(
            select(MessageReceipt).where(MessageReceipt.message_id == message.id).order_by(MessageReceipt.id)
        )
    )
