"""The search page: its state is its address, so it can be kept, sent and gone back to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from flask import url_for
from marshmallow import Schema, fields, validate

from catalog import Facets, SearchQuery, SearchResult
from rewards_service.kit.money import exponent
from rewards_service.programs.models import Program
from rewards_service.web.amounts import read_amount
from rewards_service.web.formatting import number, round_money
from rewards_service.web.i18n import _, _lazy
from rewards_service.web.shop.items import ItemCard, country_names, kind_name

PAGE_SIZE = 24
TEXT_LENGTH_MAX = 100
FACET_OPTIONS_MAX = 12
FILTERS = ("q", "country", "category", "kind", "min", "max", "sort")
SORTS = {
    "popularity": _lazy("Popularity"),
    "price": _lazy("Value, ascending"),
    "price_desc": _lazy("Value, descending"),
    "title": _lazy("Name"),
    "newest": _lazy("Newest first"),
}


class SearchForm(Schema):
    """What the address of a search page may say."""

    q = fields.String(load_default="", validate=validate.Length(max=TEXT_LENGTH_MAX))
    country = fields.String(load_default="")
    category = fields.String(load_default="")
    kind = fields.String(load_default="")
    min = fields.String(load_default="")
    max = fields.String(load_default="")
    sort = fields.String(load_default="")
    cursor = fields.String(load_default=None)


@dataclass(frozen=True, slots=True)
class Link:
    """One choice of the page: its words, and either the address it leads to or the value it stands for."""

    label: str
    is_on: bool = False
    url: str = ""
    value: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """One filter with its choices."""

    name: str
    title: str
    options: list[Link]

    @property
    def is_set(self) -> bool:
        """Whether one of the choices is made."""
        return any(option.is_on for option in self.options)


@dataclass(frozen=True)
class SearchPage:
    """Everything the search page shows beside who is looking."""

    program: Program
    asked: Mapping[str, Any]
    items: list[ItemCard] = field(default_factory=list)
    facets: list[FacetGroup] = field(default_factory=list)
    quick: list[Link] = field(default_factory=list)
    total: int = 0
    total_shown: str = ""
    next_cursor: str | None = None
    corrected: str = ""

    @property
    def text(self) -> str:
        """What was searched for."""
        return str(self.asked["q"])

    @property
    def sort(self) -> str:
        """The order asked for, if one was."""
        return str(self.asked["sort"])

    @property
    def currency(self) -> str:
        """The currency of the amounts."""
        return self.program.currency

    @property
    def min_typed(self) -> str:
        """The lower bound as it was typed."""
        return str(self.asked["min"])

    @property
    def max_typed(self) -> str:
        """The upper bound as it was typed."""
        return str(self.asked["max"])

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the search."""
        return any(self.asked[name] for name in FILTERS if name != "sort")

    @property
    def sorts(self) -> list[Link]:
        """The orders to choose from."""
        chosen = self.sort or "popularity"
        return [Link(str(label), value == chosen, value=value) for value, label in SORTS.items()]

    @property
    def next_url(self) -> str:
        """The address of the next page, or nothing on the last one."""
        return self.url(cursor=self.next_cursor) if self.next_cursor else ""

    def found(self, cards: list[ItemCard], result: SearchResult) -> "SearchPage":
        """Return the page with the items that were found and the way to the next ones."""
        return replace(self, items=cards, next_cursor=result.next_cursor, corrected=result.corrected_q or "")

    def hidden_fields(self) -> Iterator[tuple[str, str]]:
        """Yield what a form beside the text box must carry along."""
        return self.fields_without("q")

    def fields_without(self, name: str) -> Iterator[tuple[str, str]]:
        """Yield the page's state without one filter."""
        return ((each, str(self.asked[each])) for each in FILTERS if each != name and self.asked[each])

    def url(self, **changes: str | None) -> str:
        """Return the address of this page with some filters changed; an empty one is left out."""
        state = {name: self.asked[name] for name in FILTERS} | changes
        given = {name: text for name, text in state.items() if text}
        return url_for("shop.catalog", program=self.program.external_id, **given)


def query_of(asked: Mapping[str, Any], *, program: Program) -> SearchQuery:
    """Return the search that an address asks for; foreign currencies stay hidden until there is a rate for them.

    Raises:
        FormIncomplete: a bound is no amount.
    """
    return SearchQuery(
        q=asked["q"],
        country=asked["country"] or None,
        category=asked["category"] or None,
        kind=asked["kind"] or None,
        currency=program.currency,
        min_minor=_bound(asked, "min", program.currency),
        max_minor=_bound(asked, "max", program.currency),
        sort=asked["sort"] if asked["sort"] in SORTS else None,
        cursor=asked["cursor"],
        limit=PAGE_SIZE,
    )


def with_choices(page: SearchPage, facets: Facets, *, budget_minor: int | None) -> SearchPage:
    """Return ``page`` with its filters, quick choices and total."""
    groups = [
        FacetGroup("country", str(_("Country")), _options(page, "country", facets)),
        FacetGroup("category", str(_("Category")), _options(page, "category", facets)),
        FacetGroup("kind", str(_("Kind")), _options(page, "kind", facets)),
    ]
    shown = number(facets.total)
    return replace(
        page,
        facets=[group for group in groups if len(group.options) > 1 or group.is_set],
        quick=_quick(page, facets, budget_minor),
        total=facets.total,
        total_shown=str(_("more than %(count)s", count=shown)) if facets.is_capped else shown,
    )


def _options(page: SearchPage, name: str, facets: Facets) -> list[Link]:
    """Return the choices of one filter, the most frequent first."""
    say = {"country": lambda code: country_names([code]), "kind": kind_name}.get(name, str)
    return [
        Link(each.title or say(each.value), page.asked[name] == each.value, value=each.value, count=each.count)
        for each in getattr(facets, name)[:FACET_OPTIONS_MAX]
    ]


def _quick(page: SearchPage, facets: Facets, budget_minor: int | None) -> list[Link]:
    """Return the chips: what I can afford, and the kinds."""
    links = []
    if budget_minor:
        bound = typed_amount(budget_minor, page.currency)
        is_on = page.max_typed == bound
        label = str(_("Up to %(amount)s", amount=round_money(budget_minor, page.currency)))
        links.append(Link(label, is_on, page.url(max=None if is_on else bound)))
    for each in facets.kind if len(facets.kind) > 1 else ():
        is_on = page.asked["kind"] == each.value
        links.append(Link(kind_name(each.value), is_on, page.url(kind=None if is_on else each.value)))
    return links


def typed_amount(amount_minor: int, currency: str) -> str:
    """Return an amount as somebody types it into a field: ``73.04``."""
    return str(Decimal(amount_minor).scaleb(-exponent(currency)))


def _bound(asked: Mapping[str, Any], name: str, currency: str) -> int | None:
    """Return a bound in the smallest unit, if one is set. Raises ``FormIncomplete``."""
    return read_amount(asked[name], currency, field=name) if asked[name] else None
