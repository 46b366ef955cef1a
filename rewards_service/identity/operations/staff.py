"""Writes of staff: who works here, in which role, with which password."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rewards_service.identity.errors import AddressTaken
from rewards_service.identity.models import Staff, StaffRole
from rewards_service.identity.operations.sessions import close_sessions_of_staff
from rewards_service.identity.policy import Role
from rewards_service.kit.ids import new_public_id


def register_staff(
    session: Session, *, organization_id: int, email: str, name: str, password_hash: str, locale: str, now: datetime
) -> Staff:
    """Add somebody who may sign in to the console, without any role yet.

    ``password_hash`` comes from ``passwords.hash_password``, which runs before the transaction.

    Raises:
        AddressTaken: somebody of this installation works under that address.
    """
    if session.scalar(select(Staff.id).where(Staff.email == email)) is not None:
        raise AddressTaken
    staff = Staff(
        public_id=new_public_id("stf", now=now),
        organization_id=organization_id,
        email=email,
        name=name,
        password_hash=password_hash,
        locale=locale,
        created_at=now,
    )
    session.add(staff)
    session.flush()
    return staff


def grant_role(session: Session, *, staff: Staff, role: Role, program_id: int | None = None) -> None:
    """Give a role in one program, or without one in the whole organization; giving it twice changes nothing."""
    known = select(StaffRole.id).where(StaffRole.staff_id == staff.id, StaffRole.role == role)
    if session.scalar(known.where(StaffRole.program_id.is_not_distinct_from(program_id))) is not None:
        return
    row = StaffRole(organization_id=staff.organization_id, staff_id=staff.id, role=role, program_id=program_id)
    session.add(row)
    session.flush()


def withdraw_role(session: Session, *, staff: Staff, role: Role, program_id: int | None = None) -> None:
    """Take a role away where it was given."""
    session.execute(
        delete(StaffRole).where(
            StaffRole.staff_id == staff.id,
            StaffRole.role == role,
            StaffRole.program_id.is_not_distinct_from(program_id),
        )
    )


def change_password(session: Session, *, staff: Staff, password_hash: str, now: datetime) -> None:
    """Set another password, made by ``passwords.hash_password``; every open session of this person ends."""
    staff.password_hash = password_hash
    session.flush()
    close_sessions_of_staff(session, staff_id=staff.id, now=now)


def disable_staff(session: Session, *, staff: Staff, now: datetime) -> None:
    """Let somebody in no more, at once; what was done under the name stays."""
    staff.disabled_at = now
    session.flush()
    close_sessions_of_staff(session, staff_id=staff.id, now=now)
