"""Whose orders a visitor may see: a member's own, a guest's those that his codes alone have paid."""

from sqlalchemy.orm import Session

from rewards_service.codes.queries import code_by_public_id
from rewards_service.orders.queries import Holder
from rewards_service.web.shop.visitors import Visitor


def holder_of(session: Session, visitor: Visitor) -> Holder:
    """Return what the orders' queries limit themselves to."""
    if visitor.member is not None:
        return Holder(member_id=visitor.member.id)
    organization_id = visitor.program.organization_id
    codes = [
        code_by_public_id(session, organization_id=organization_id, public_id=public_id)
        for public_id in visitor.code_ids
    ]
    return Holder(account_ids=[code.account_id for code in codes])
