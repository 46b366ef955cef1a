"""What a search looks for in the full-text documents, in no database's language.

Filters are words too: each document holds a word for its country, category, kind and currency. They begin with an
underscore, which no word of a text contains, so neither a text nor a prefix can be mistaken for one.
"""

from dataclasses import dataclass
from enum import Enum, auto

from catalog.search.words import Term

EVERYWHERE = "*"
"""Stands for a country in documents and counts of items that are redeemable everywhere."""

_FACET_LETTERS = {"country": "c", "category": "g", "kind": "k", "currency": "m"}


class Place(Enum):
    """Where in a document the text of a query must stand."""

    ANYWHERE = auto()
    TITLE = auto()
    BEYOND_TITLE = auto()


@dataclass(frozen=True, slots=True)
class Match:
    """All of ``terms`` at ``place``, and one facet word of each of ``facets``."""

    terms: tuple[Term, ...] = ()
    place: Place = Place.ANYWHERE
    facets: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        """Whether it asks for anything."""
        return bool(self.terms or self.facets)


def facet_word(dimension: str, value: str) -> str:
    """Return the word for ``value`` of a filter; hexadecimal, since a category may be written in any script."""
    return f"_{_FACET_LETTERS[dimension]}_{value.encode().hex()}"
