"""What a program shows of the catalog, and at which margin."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import Visibility
from rewards_service.programs.models import Offer, Program


def visibility_of(program: Program) -> Visibility:
    """Return which items the shop of ``program`` shows: everybody's and the organization's own, by its mode."""
    offers = select(Offer.item_id).where(Offer.program_id == program.id)
    shown = offers.where(Offer.is_visible.is_(True)) if program.catalog_mode == "listed" else None
    owners = frozenset({program.organization.public_id})
    return Visibility(owner_keys=owners, only=shown, hidden=offers.where(Offer.is_visible.is_(False)))


def margins_of(session: Session, *, program: Program, item_ids: Collection[int]) -> dict[int, int]:
    """Return the margin of each item in basis points: the offer's own, else the program's."""
    own = select(Offer.item_id, Offer.margin_bp).where(
        Offer.program_id == program.id, Offer.item_id.in_(item_ids), Offer.margin_bp.is_not(None)
    )
    found = {item_id: margin_bp for item_id, margin_bp in session.execute(own) if margin_bp is not None}
    return {item_id: found.get(item_id, program.default_margin_bp) for item_id in item_ids}
