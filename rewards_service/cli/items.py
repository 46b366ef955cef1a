"""Items as commands name them."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog import Item
from catalog.queries import get_items_by_id
from catalog.tables import item as item_table
from rewards_service.kit.errors import NotFound, ValidationFailed


class ItemNotKnown(NotFound):
    """The catalog has no item of that id or supplier's reference."""

    title = "There is no such item"


class ItemAmbiguous(ValidationFailed):
    """Several items carry that supplier's reference; their ids tell them apart."""

    code = "item_ambiguous"
    title = "Several items have this reference"


def item_by_reference(session: Session, *, reference: str) -> Item:
    """Return the item of that id or supplier's reference.

    Raises:
        ItemNotKnown, ItemAmbiguous: there is none, or more than one.
    """
    named = or_(item_table.c.public_id == reference, item_table.c.supplier_reference == reference)
    keys = session.scalars(select(item_table.c.id).where(named).limit(2)).all()
    if not keys:
        raise ItemNotKnown
    if len(keys) > 1:
        raise ItemAmbiguous
    return get_items_by_id(session.connection(), keys)[0]
