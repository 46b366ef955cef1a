"""Reads of members: one by what is known about him, several by what somebody types."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from rewards_service.identity.models import Member
from rewards_service.kit.errors import NotFound

SEARCH_LIMIT = 50


def find_member(
    session: Session,
    *,
    program_id: int,
    email: str | None = None,
    phone: str | None = None,
    external_id: str | None = None,
    public_id: str | None = None,
) -> Member:
    """Return the one member of the program that all given facts describe; addresses come normalised.

    What describes a merged member finds the one who took its place.

    Raises:
        NotFound: there is none.
    """
    facts = {"email": email, "phone": phone, "external_id": external_id, "public_id": public_id}
    given = {name: value for name, value in facts.items() if value is not None}
    assert given, "a member is looked for by something"
    return living_member(session, member=_one(session.scalar(select(Member).filter_by(program_id=program_id, **given))))


def member_called(session: Session, *, program_id: int, text: str) -> Member:
    """Return the program's member whose id, external id, email or phone is exactly ``text``, merged or not.

    Raises:
        NotFound: there is none, or the text says it of several.
    """
    said = text.strip()
    email, phone = said.lower(), said.replace(" ", "")
    is_called = or_(Member.public_id == said, Member.external_id == said, Member.email == email, Member.phone == phone)
    found = session.scalars(select(Member).where(Member.program_id == program_id, is_called).limit(2)).all()
    return _one(found[0] if len(found) == 1 else None)


def living_member(session: Session, *, member: Member) -> Member:
    """Return the member who stands for a person now: a merged one leads to the one that was kept."""
    return member if member.merged_into_id is None else session.get_one(Member, member.merged_into_id)


def keep_living_member(session: Session, *, member_id: int) -> Member:
    """Return the member who stands for a person now, whom nobody can merge until the transaction ends."""
    statement = select(Member).where(Member.id == member_id).with_for_update(read=True, key_share=True)
    member = session.scalars(statement.execution_options(populate_existing=True)).one()
    if member.merged_into_id is None:
        return member
    return keep_living_member(session, member_id=member.merged_into_id)


def members_of_person(session: Session, *, member_id: int) -> list[Member]:
    """Return the member and those who were merged into it, the member first."""
    is_one = or_(Member.id == member_id, Member.merged_into_id == member_id)
    found = session.scalars(select(Member).where(is_one).order_by(Member.id))
    return sorted(found, key=lambda member: member.id != member_id)


def reachable_at(members: Sequence[Member]) -> tuple[str, str] | None:
    """Return the channel and the address at which a person is told things, if any; email goes before telephone.

    ``members`` are all rows of the person, as ``members_of_person`` returns them; of two addresses the first row's is
    taken.
    """
    known = (*(("email", row.email) for row in members), *(("sms", row.phone) for row in members))
    return next(((channel, to) for channel, to in known if to), None)


def member_by_id(session: Session, *, organization_id: int, member_id: int) -> Member:
    """Return a member by the internal key. Raises ``NotFound``."""
    return _one(session.scalar(select(Member).filter_by(organization_id=organization_id, id=member_id)))


def member_by_public_id(session: Session, *, organization_id: int, public_id: str) -> Member:
    """Return a member of any program of the organization. Raises ``NotFound``."""
    return _one(session.scalar(select(Member).filter_by(organization_id=organization_id, public_id=public_id)))


def members_of_email(session: Session, *, email: str) -> list[Member]:
    """Return up to ``SEARCH_LIMIT`` members of any program with this address."""
    return list(session.scalars(select(Member).where(Member.email == email).order_by(Member.id).limit(SEARCH_LIMIT)))


def search_members(
    session: Session, *, organization_id: int, program_ids: frozenset[int] | None, text: str
) -> list[Member]:
    """Return up to ``SEARCH_LIMIT`` members whose name, address or external id holds ``text``, by name.

    ``program_ids`` limits them to some programs; None means every program of the organization.
    """
    pattern = f"%{_escaped(text.strip().lower())}%"
    anywhere = or_(
        func.lower(Member.name).like(pattern, escape="\\"),
        Member.email.like(pattern, escape="\\"),
        Member.phone.like(pattern.replace(" ", ""), escape="\\"),
        func.lower(Member.external_id).like(pattern, escape="\\"),
    )
    statement = select(Member).where(Member.organization_id == organization_id, anywhere)
    if program_ids is not None:
        statement = statement.where(Member.program_id.in_(program_ids))
    return list(session.scalars(statement.order_by(Member.name, Member.id).limit(SEARCH_LIMIT)))


def _one(member: Member | None) -> Member:
    """Return the member that was found. Raises ``NotFound`` when there was none."""
    if member is None:
        raise NotFound("There is no such member.")
    return member


def _escaped(text: str) -> str:
    """Return ``text`` with the wildcards of LIKE taken literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
