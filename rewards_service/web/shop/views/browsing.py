"""Views for looking around: the first screen with the code box, the search, one item, answers to questions."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from catalog import SearchQuery, search_items
from rewards_service.kit.database import read_session
from rewards_service.programs.offers import visibility_of
from rewards_service.programs.queries import rate_in_force
from rewards_service.web.context import present
from rewards_service.web.forms import read_query, shows_again
from rewards_service.web.shop.entering import Answer, claim_token_in, enter_codes
from rewards_service.web.shop.item_pages import item_page, offered_item
from rewards_service.web.shop.items import cards_of
from rewards_service.web.shop.pages import budget_minor, shop_page
from rewards_service.web.shop.questions import QUESTIONS
from rewards_service.web.shop.searching import SearchForm, SearchPage, query_of, with_choices
from rewards_service.web.shop.visitors import current_visitor

FEATURED = 4


def home(answers: list[Answer] | None = None) -> ResponseReturnValue:
    """Show the code box, what was found in it, and four items to choose from."""
    program = current_visitor().program
    with read_session() as session:
        budget = budget_minor(session)
        asked = SearchQuery(limit=FEATURED, currency=program.currency, max_minor=budget or None)
        found = search_items(session.connection(), asked, visibility=visibility_of(program), with_facets=False)
        rate = rate_in_force(session, program_id=program.id, now=present())
        featured = cards_of(session, program=program, items=found.items, rate=rate, budget_minor=budget)
        return shop_page(session, "shop/home.html", featured=featured, answers=answers or [])


@shows_again(home)
def check_codes() -> ResponseReturnValue:
    """Check what was typed into the code box; right codes stay in the session, the rest is answered on the page."""
    visitor, text = current_visitor(), request.form.get("text", "")
    token = claim_token_in(text)
    if token:
        return redirect(url_for("shop.claim", program=visitor.program.external_id, token=token))
    answers = enter_codes(visitor, text)
    if all(answer.kind == "right" for answer in answers):
        return redirect(url_for("shop.home", program=visitor.program.external_id, _anchor="found"))
    return home(answers)


def catalog() -> ResponseReturnValue:
    """Show what can be had, as the address narrows and orders it."""
    program = current_visitor().program
    page = SearchPage(program, read_query(SearchForm))
    with read_session() as session:
        asked, shown = query_of(page.asked, program=program), visibility_of(program)
        found = search_items(session.connection(), asked, visibility=shown)
        budget = budget_minor(session)
        rate = rate_in_force(session, program_id=program.id, now=present())
        cards = cards_of(session, program=program, items=found.items, rate=rate, budget_minor=budget)
        full = with_choices(page.found(cards, found), found.facets, budget_minor=budget)
        return shop_page(session, "shop/catalog.html", search=full)


def item(item_id: str) -> ResponseReturnValue:
    """Show one item with the amounts to choose from."""
    program = current_visitor().program
    with read_session() as session:
        found = offered_item(session, program=program, public_id=item_id)
        page = item_page(session, program=program, item=found, budget_minor=budget_minor(session), now=present())
        return shop_page(session, "shop/item.html", item=page)


def show_help() -> ResponseReturnValue:
    """Answer what recipients ask first."""
    with read_session() as session:
        return shop_page(session, "shop/help.html", questions=QUESTIONS)
