"""Writes of members: registering them, and believing an address only after it answered."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rewards_service.identity.errors import AddressTaken, ExternalIdConflict
from rewards_service.identity.models import Member
from rewards_service.kit.ids import new_public_id


def register_member(
    session: Session,
    *,
    organization_id: int,
    program_id: int,
    name: str,
    locale: str,
    now: datetime,
    external_id: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    partner_id: int | None = None,
) -> Member:
    """Add a member whose addresses come normalised and are not yet proved.

    The same external id with the same content is the same fact told again: the member that is there is returned.

    Raises:
        ExternalIdConflict: the external id is in use for other content.
        AddressTaken: the email or the phone belongs to another member of the program.
    """
    known = _by_external_id(session, program_id, external_id)
    if known is not None:
        if (known.name, known.email, known.phone, known.locale) != (name, email, phone, locale):
            raise ExternalIdConflict(problem="external_id")
        return known
    member = Member(
        public_id=new_public_id("mem", now=now),
        organization_id=organization_id,
        program_id=program_id,
        external_id=external_id,
        name=name,
        email=email,
        phone=phone,
        locale=locale,
        partner_id=partner_id,
        created_at=now,
    )
    return _add(session, member)


def note_address(session: Session, *, member: Member, email: str | None = None, phone: str | None = None) -> Member:
    """Note another normalised address of a member, where none was known, and return the member.

    Raises:
        AddressTaken: it belongs to another member of the program.
    """
    try:
        with session.begin_nested():
            member.email, member.phone = member.email or email, member.phone or phone
    except IntegrityError as error:
        raise AddressTaken from error
    return member


def prove_address(session: Session, *, member: Member, now: datetime, email: bool = False, phone: bool = False) -> None:
    """Note that a message to the member's address was answered; the first proof counts."""
    if email and member.email_verified_at is None:
        member.email_verified_at = now
    if phone and member.phone_verified_at is None:
        member.phone_verified_at = now
    session.flush()


def _by_external_id(session: Session, program_id: int, external_id: str | None) -> Member | None:
    """Return the member an external id already names, if there is one."""
    if external_id is None:
        return None
    return session.scalar(select(Member).filter_by(program_id=program_id, external_id=external_id))


def _add(session: Session, member: Member) -> Member:
    """Insert the member; the database decides whether the addresses are free. Raises ``AddressTaken``.

    Whoever is told of the same member at the same moment runs again (``kit.database.transact``) and finds him.
    """
    try:
        with session.begin_nested():
            session.add(member)
    except IntegrityError as error:
        if _by_external_id(session, member.program_id, member.external_id) is not None:
            raise
        raise AddressTaken from error
    return member
