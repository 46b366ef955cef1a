"""Which column means what: names in seven languages, compared without case, accents and punctuation."""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType


class Field(StrEnum):
    """What a column can mean to us."""

    REFERENCE = "reference"  # the sender's own number of the award, unique in the program for ever
    MEMBER_NUMBER = "member_number"  # how the sender's systems call the person
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"  # an email address or a telephone number, whichever the row has
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    PARTNER_NUMBER = "partner_number"
    COMPANY = "company"
    REASON = "reason"
    AMOUNT = "amount"  # money
    POINTS = "points"  # the program's own points
    CURRENCY = "currency"
    EARNED_ON = "earned_on"
    EXPIRES_ON = "expires_on"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Alias:
    """One name of a field: how telling it is (0 is most), and the language it is in."""

    field: Field
    rank: int
    language: str


@dataclass(frozen=True, slots=True)
class HeaderReading:
    """What a header was understood as: the index of each field's column, and the language most names are in."""

    columns: Mapping[Field, int]
    language: str


PART_LETTERS_MIN = 5
"""A shorter name inside a longer one says nothing: ``ref`` is in ``preferred``."""

_BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]?")
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_SPELLED_OUT = str.maketrans({"ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "№": "n", "º": "", "°": ""})


def read_header(header: Sequence[str]) -> HeaderReading:
    """Return what the names of the columns say.

    A name that is an alias decides; where two columns carry names of one field, the more telling one does. A field
    that is still without a column takes the only column whose longer name contains one of its aliases.
    """
    names = [normalise_name(name) for name in header]
    exact = {index: aliases()[name] for index, name in enumerate(names) if name in aliases()}
    language = _language(exact.values())
    columns: dict[Field, int] = {}
    for index, known in sorted(exact.items(), key=lambda item: (_in(item[1], language).rank, item[0])):
        columns.setdefault(_in(known, language).field, index)
    unread = {index: name for index, name in enumerate(names) if name and index not in exact}
    return HeaderReading(MappingProxyType(columns | _contained(unread, taken=set(columns))), language)


def normalise_name(name: str) -> str:
    """Return a column's name as aliases are compared: lower case, bare letters, single spaces, no unit in brackets."""
    spelled = _BRACKETS.sub(" ", name).casefold().translate(_SPELLED_OUT)
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(sign))
    return _NO_LETTER.sub(" ", bare).strip()


def fields_in_brackets(name: str) -> set[Field]:
    """Return the fields that a remark in brackets names, e.g. points for ``Prämie (Punkte)``."""
    inside = (normalise_name(remark.strip("()[]{}")) for remark in _BRACKETS.findall(name))
    return {alias.field for remark in inside for alias in aliases().get(remark, ())}


@cache
def aliases() -> Mapping[str, tuple[Alias, ...]]:
    """Return every alias by its normalised name; a few mean different things in different languages."""
    found: dict[str, tuple[Alias, ...]] = {}
    for field, languages in _table().items():
        for language, names in languages.items():
            for rank, name in enumerate(names):
                found[normalise_name(name)] = (
                    *found.get(normalise_name(name), ()),
                    Alias(Field(field), rank, language),
                )
    return MappingProxyType(found)


def languages() -> tuple[str, ...]:
    """Return the languages of the aliases, in the order in which a tie between them is decided."""
    return tuple(dict.fromkeys(language for names in _table().values() for language in names))


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    """Return the table of aliases: field → language → names."""
    return tomllib.loads(files(__package__).joinpath("aliases.toml").read_text(encoding="utf8"))


def _language(known: Collection[tuple[Alias, ...]]) -> str:
    """Return the language in which most of the known names are, the first of ``languages`` where none leads."""
    spoken = [alias.language for names in known for alias in names]
    return max(languages(), key=spoken.count)


def _in(known: tuple[Alias, ...], language: str) -> Alias:
    """Return what a name means in ``language``, or else in the first language that has it."""
    return next((alias for alias in known if alias.language == language), known[0])


def _contained(unread: Mapping[int, str], *, taken: set[Field]) -> dict[Field, int]:
    """Return fields that exactly one column names within a longer name, and that column names alone."""
    wanted = {index: _fields_within(name) - taken for index, name in unread.items()}
    single = {index: next(iter(fields)) for index, fields in wanted.items() if len(fields) == 1}
    claims = list(single.values())
    return {field: index for index, field in single.items() if claims.count(field) == 1}


def _fields_within(name: str) -> set[Field]:
    """Return the fields of which an alias stands in ``name`` as whole words."""
    padded = f" {name} "
    return {
        alias.field
        for text, known in aliases().items()
        if len(text) >= PART_LETTERS_MIN and f" {text} " in padded
        for alias in known
    }
