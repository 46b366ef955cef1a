"""One box for everything: members by name, email or phone, codes by their last four symbols, orders by their number."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.codes.queries import code_views, codes_by_last4
from rewards_service.identity.models import Member
from rewards_service.identity.queries import search_members
from rewards_service.orders.errors import OrderNotFound
from rewards_service.orders.models import Order
from rewards_service.orders.queries import order_by_reference, order_views, orders_of_organization
from rewards_service.programs.queries import programs_of
from rewards_service.web.console.pages.rows import CodeRow, OrderRow, code_rows, order_rows
from rewards_service.web.console.workers import Worker
from rewards_service.web.shop.statement import short_reference

TEXT_LENGTH_MIN = 2
RECENT_ORDERS = 200
_LAST4 = re.compile(r"[0-9A-Za-z]{4}")
_SHORT = re.compile(r"[0-9A-Za-z]{4}-[0-9A-Za-z]{4}")


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was found for a text, within what the worker may see."""

    text: str
    program_names: dict[int, str]
    members: list[Member] = field(default_factory=list)
    codes: list[CodeRow] = field(default_factory=list)
    orders: list[OrderRow] = field(default_factory=list)

    @property
    def is_long_enough(self) -> bool:
        """Whether the text was looked for at all."""
        return len(self.text) >= TEXT_LENGTH_MIN

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found at all."""
        return not (self.members or self.codes or self.orders)


def search_page(session: Session, *, worker: Worker, text: str, now: datetime) -> SearchPage:
    """Return what ``text`` finds; what the worker's roles do not include is not looked for."""
    names = {program.id: program.name for program in programs_of(session, organization_id=worker.organization_id)}
    if len(text) < TEXT_LENGTH_MIN:
        return SearchPage(text, names)
    return SearchPage(
        text,
        names,
        members=_members(session, worker, text),
        codes=_codes(session, worker, text, now),
        orders=_orders(session, worker, text),
    )


def _members(session: Session, worker: Worker, text: str) -> list[Member]:
    """Return members whose name, address or external id holds the text."""
    programs = worker.programs_for("members.read")
    return search_members(session, organization_id=worker.organization_id, program_ids=programs, text=text)


def _codes(session: Session, worker: Worker, text: str, now: datetime) -> list[CodeRow]:
    """Return codes that end in the text, newest first."""
    if not _LAST4.fullmatch(text) or not worker.grant.may("codes.read"):
        return []
    found = codes_by_last4(session, organization_id=worker.organization_id, last4=text)
    seen = [code for code in found if worker.grant.may_in(code.program_id, "codes.read")]
    return code_rows(session, code_views(session, codes=seen, now=now))


def _orders(session: Session, worker: Worker, text: str) -> list[OrderRow]:
    """Return the order of that id, or recent ones of that short number."""
    if not worker.grant.may("orders.read"):
        return []
    found = [order for order in _named(session, worker, text) if worker.grant.may_in(order.program_id, "orders.read")]
    return order_rows(session, order_views(session, orders=found, with_timeline=False)) if found else []


def _named(session: Session, worker: Worker, text: str) -> list[Order]:
    """Return orders that the text names, in whatever program."""
    if _SHORT.fullmatch(text):
        recent = orders_of_organization(session, organization_id=worker.organization_id, limit=RECENT_ORDERS)
        return [order for order in recent if short_reference(order.public_id) == text.upper()]
    try:
        return [order_by_reference(session, organization_id=worker.organization_id, reference=text)]
    except OrderNotFound:
        return []
