"""Whose basket this is: a member's wherever he signs in, anybody else's in this browser."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from flask import flash
from sqlalchemy.orm import Session

from rewards_service.identity.models import Member
from rewards_service.identity.queries import keep_living_member
from rewards_service.identity.tokens import digest
from rewards_service.kit.database import transact
from rewards_service.kit.errors import Conflict
from rewards_service.orders.operations import move_basket
from rewards_service.orders.policy import UNITS_MAX, member_basket_key
from rewards_service.orders.queries import basket_of
from rewards_service.orders.requests import WantedLine
from rewards_service.programs.models import Program
from rewards_service.programs.offers import margins_of
from rewards_service.programs.queries import rate_in_force
from rewards_service.web.context import present
from rewards_service.web.i18n import _n
from rewards_service.web.sessions import browser_nonce, known_browser_nonce
from rewards_service.web.shop.items import shown_items
from rewards_service.web.shop.visitors import Visitor

QUANTITY_MAX = 10


class BasketChanged(Conflict):
    """The basket or its price is not what the page showed: changed in another tab, or priced anew meanwhile."""

    code = "basket_changed"
    title = "Your basket has changed meanwhile"


def basket_key(visitor: Visitor) -> str:
    """Return how the visitor's basket is found again; a browser without a nonce gets one with this answer."""
    if visitor.member is not None:
        return member_basket_key(visitor.member.public_id)
    return _browser_key(browser_nonce())


def current_basket(session: Session, visitor: Visitor) -> list[WantedLine]:
    """Return what is in the visitor's basket; reading it gives no browser a nonce."""
    if visitor.member is None and not known_browser_nonce():
        return []
    return basket_of(session, program_id=visitor.program.id, holder_key=basket_key(visitor))


def basket_fingerprint(session: Session, *, program: Program, lines: Sequence[WantedLine], now: datetime) -> str:
    """Return a short text that changes with the basket and its price, so that an order is for what its page showed.

    The price is in it by what makes it: the margin of each item, and what the program's points are worth.
    """
    items = shown_items(session, program=program, public_ids=[line.item_id for line in lines])
    margins = margins_of(session, program=program, item_ids=[item.id for item in items.values()])
    rate = rate_in_force(session, program_id=program.id, now=now)
    prices = {public_id: margins[item.id] for public_id, item in items.items()}
    wanted = [[line.item_id, line.face_value_minor, line.quantity, prices.get(line.item_id)] for line in lines]
    content = json.dumps([wanted, rate.units, rate.minor])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def bring_basket(program: Program, member: Member) -> list[WantedLine]:
    """Put what lies in this browser's basket into that of the member who just signed in; return what was left out."""
    nonce = known_browser_nonce()
    if not nonce:
        return []

    def move(session: Session) -> list[WantedLine]:
        key = member_basket_key(keep_living_member(session, member_id=member.id).public_id)
        return move_basket(session, program=program, from_key=_browser_key(nonce), to_key=key, now=present())

    return transact(move)


def tell_left_out(lines: Sequence[WantedLine]) -> None:
    """Say on the next page how much was left out when two baskets became one, if anything was."""
    units = sum(line.quantity for line in lines)
    if units:
        said = _n(
            "%(num)s reward was left out of the basket: one order has at most %(most)s.",
            "%(num)s rewards were left out of the basket: one order has at most %(most)s.",
            units,
            most=UNITS_MAX,
        )
        flash(said, "remark")


def _browser_key(nonce: str) -> str:
    """Return the key of a browser's basket; it does not give the nonce away."""
    return f"session:{digest(nonce).hex()[:32]}"
