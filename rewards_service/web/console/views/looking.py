"""Views that only look: home, search, one member, one code, one order."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from rewards_service.codes.queries import code_by_public_id
from rewards_service.identity.queries import member_by_public_id
from rewards_service.kit.database import read_session
from rewards_service.orders.queries import order_by_reference
from rewards_service.web.console.pages.codes import code_page
from rewards_service.web.console.pages.home import home_page
from rewards_service.web.console.pages.members import member_page
from rewards_service.web.console.pages.orders import console_order_page
from rewards_service.web.console.pages.search import search_page
from rewards_service.web.console.workers import current_worker
from rewards_service.web.context import present


def home() -> ResponseReturnValue:
    """Show what waits for somebody, and the latest orders."""
    worker = current_worker()
    with read_session() as session:
        page = home_page(session, worker=worker, now=present())
        return render_template("console/home.html", worker=worker, page=page)


def search() -> ResponseReturnValue:
    """Show what a text finds."""
    worker = current_worker()
    with read_session() as session:
        page = search_page(session, worker=worker, text=request.args.get("q", "").strip()[:100], now=present())
        return render_template("console/search.html", worker=worker, page=page)


def member(member_id: str) -> ResponseReturnValue:
    """Show one member with the whole timeline."""
    worker = current_worker()
    with read_session() as session:
        found = member_by_public_id(session, organization_id=worker.organization_id, public_id=member_id)
        worker.require_in(found.program_id, "members.read")
        page = member_page(session, worker=worker, member=found, now=present())
        return render_template("console/member.html", worker=worker, page=page)


def code(code_id: str) -> ResponseReturnValue:
    """Show one code by what may be shown of it."""
    worker = current_worker()
    with read_session() as session:
        found = code_by_public_id(session, organization_id=worker.organization_id, public_id=code_id)
        worker.require_in(found.program_id, "codes.read")
        page = code_page(session, worker=worker, code=found, now=present())
        return render_template("console/code.html", worker=worker, page=page)


def order(order_id: str) -> ResponseReturnValue:
    """Show one order with the whole timeline."""
    worker = current_worker()
    with read_session() as session:
        found = order_by_reference(session, organization_id=worker.organization_id, reference=order_id)
        worker.require_in(found.program_id, "orders.read")
        page = console_order_page(session, worker=worker, order=found)
        return render_template("console/order.html", worker=worker, page=page)
