"""Rendering shop pages: each knows its visitor, what can be spent, and what lies in the basket."""

from typing import Any

from flask import g, render_template
from sqlalchemy.orm import Session

from rewards_service.web.context import present
from rewards_service.web.shop.balances import Balance, balance_of
from rewards_service.web.shop.basket import current_basket
from rewards_service.web.shop.visitors import current_visitor


def shop_page(session: Session, template: str, **values: Any) -> str:  # noqa: ANN401 — whatever the template shows
    """Return the page of ``template`` in the shop of this request."""
    return render_template(template, visitor=current_visitor(), balance=current_balance(session), **values)


def current_balance(session: Session) -> Balance:
    """Return what the visitor can spend, read once in a request."""
    if "balance" not in g:
        visitor = current_visitor()
        count = sum(line.quantity for line in current_basket(session, visitor))
        g.balance = balance_of(session, visitor=visitor, basket_count=count, now=present())
    balance: Balance = g.balance
    return balance


def budget_minor(session: Session) -> int | None:
    """Return what the visitor can spend in the program's currency, None when nobody is known."""
    return current_balance(session).worth_minor if current_visitor().holds_anything else None
