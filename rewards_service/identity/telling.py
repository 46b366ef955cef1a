"""Members told from outside: the same content again is the same member, and lists of them come in pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.identity.models import Member
from rewards_service.identity.operations import register_member
from rewards_service.kit.paging import Listing, Page, fetch_page
from rewards_service.kit.signing import Signer
from rewards_service.programs.models import Program

MEMBERS = Listing(name="members", keys=(Member.id,))


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """Who somebody is; addresses come normalised. Without a locale the program's own is used."""

    name: str
    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class ToldMember:
    """A member, and whether this call registered him."""

    member: Member
    is_new: bool


def tell_member(session: Session, *, program: Program, facts: MemberFacts, now: datetime) -> ToldMember:
    """Register a member, or return the one whom the same external id named before with the same content.

    Raises:
        ExternalIdConflict: the external id is in use for other content.
        AddressTaken: the email or the phone belongs to another member of the program.
    """
    known = facts.external_id is not None and session.scalar(
        select(Member.id).filter_by(program_id=program.id, external_id=facts.external_id)
    )
    member = register_member(
        session,
        organization_id=program.organization_id,
        program_id=program.id,
        external_id=facts.external_id,
        name=facts.name,
        email=facts.email,
        phone=facts.phone,
        locale=facts.locale or program.locale,
        now=now,
    )
    return ToldMember(member, is_new=not known)


def list_members(
    session: Session,
    *,
    organization_id: int,
    program_ids: Collection[int] | None,
    email: str | None = None,
    phone: str | None = None,
    external_id: str | None = None,
    signer: Signer,
    cursor: str | None,
    limit: int,
) -> Page[Member]:
    """Return a page of an organization's members whom all given facts describe, in the order they came.

    Raises:
        CursorInvalid: ``cursor`` is not one of this list.
    """
    facts = {"email": email, "phone": phone, "external_id": external_id}
    given = {name: value for name, value in facts.items() if value is not None}
    statement = select(Member.id, Member).filter_by(organization_id=organization_id, **given)
    if program_ids is not None:
        statement = statement.where(Member.program_id.in_(program_ids))
    page = fetch_page(session, statement, listing=MEMBERS, signer=signer, cursor=cursor, limit=limit)
    return Page([row.Member for row in page.items], page.next_cursor)


def members_by_key(session: Session, *, member_ids: Collection[int]) -> dict[int, Member]:
    """Return members by internal key, all in one statement."""
    return {member.id: member for member in session.scalars(select(Member).where(Member.id.in_(member_ids)))}
