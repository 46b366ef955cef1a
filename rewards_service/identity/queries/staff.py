"""Reads of staff and of what they may do."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.identity.models import Staff, StaffRole
from rewards_service.identity.policy import PERMISSIONS, Role, permissions_of
from rewards_service.kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class StaffGrant:
    """The permissions of one member of staff: those that hold everywhere, and those of single programs."""

    everywhere: frozenset[str] = frozenset()
    by_program: dict[int, frozenset[str]] = field(default_factory=dict)

    def programs_for(self, permission: str) -> frozenset[int] | None:
        """Return the ids of the programs where ``permission`` holds; None means every program of the organization."""
        assert permission in PERMISSIONS, f"no such permission: {permission}"
        if permission in self.everywhere:
            return None
        return frozenset(program for program, held in self.by_program.items() if permission in held)

    def may(self, permission: str) -> bool:
        """Tell whether ``permission`` holds in at least one program."""
        return self.programs_for(permission) != frozenset()

    def may_in(self, program_id: int, permission: str) -> bool:
        """Tell whether ``permission`` holds in one program."""
        programs = self.programs_for(permission)
        return programs is None or program_id in programs


def staff_by_email(session: Session, *, email: str) -> Staff | None:
    """Return whoever works under an address, or None: the caller must take as long for nobody as for somebody."""
    return session.scalar(select(Staff).where(Staff.email == email, Staff.disabled_at.is_(None)))


def staff_by_id(session: Session, *, staff_id: int) -> Staff:
    """Return a member of staff who may work. Raises ``NotFound``."""
    staff = session.scalar(select(Staff).where(Staff.id == staff_id, Staff.disabled_at.is_(None)))
    if staff is None:
        raise NotFound("There is no such member of staff.")
    return staff


def staff_grant(session: Session, *, staff_id: int) -> StaffGrant:
    """Return what a member of staff may do, and where."""
    roles: dict[int | None, set[Role]] = {}
    statement = select(StaffRole.program_id, StaffRole.role).where(StaffRole.staff_id == staff_id)
    for program_id, role in session.execute(statement):
        roles.setdefault(program_id, set()).add(Role(role))
    held = {program_id: permissions_of(frozenset(names)) for program_id, names in roles.items()}
    everywhere = held.get(None, frozenset())
    return StaffGrant(everywhere, {place: names for place, names in held.items() if place is not None})
