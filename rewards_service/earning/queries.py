"""Reads for imports: what a chunk of rows may meet, fetched at once."""

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rewards_service.identity.models import Member
from rewards_service.wallets.models import Award


def awards_of_references(session: Session, *, program_id: int, references: Collection[str]) -> dict[str, Award]:
    """Return the program's awards with these external ids, by external id."""
    found = select(Award).where(Award.program_id == program_id, Award.external_id.in_(references))
    return {award.external_id: award for award in session.scalars(found)}


def members_known_as(
    session: Session,
    *,
    program_id: int,
    external_ids: Collection[str],
    emails: Collection[str],
    phones: Collection[str],
) -> list[Member]:
    """Return the program's members that any of these external ids or addresses (normalised) names, oldest first."""
    known = or_(Member.external_id.in_(external_ids), Member.email.in_(emails), Member.phone.in_(phones))
    return list(session.scalars(select(Member).where(Member.program_id == program_id, known).order_by(Member.id)))
