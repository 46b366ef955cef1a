"""Pages of a list by key, not by number: a cursor says after which row the next page begins.

A cursor is signed for its list, so nobody steers a query with it, and it stays right while rows are added.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from rewards_service.kit.errors import FieldProblem, ValidationFailed
from rewards_service.kit.signing import Signer, TokenForged

T = TypeVar("T")

PAGE_SIZE = 50
PAGE_SIZE_MAX = 200

Position = Sequence[int | str]
"""The key columns of the last row of a page, in the order of the list."""


class CursorInvalid(ValidationFailed):
    """The cursor does not belong to this list, or was changed."""

    title = "This page of the list is not known"

    def __init__(self) -> None:
        message = "The cursor does not belong to this list; start without one."
        super().__init__(message, problems=(FieldProblem("/cursor", "cursor_invalid", message),))


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list, and the cursor of the next page; ``None`` says that this is the last one."""

    items: list[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """How one list is ordered and its cursors are signed.

    Attributes:
        name: the purpose its cursors are signed for; one word for each list and filter that changes its order.
        keys: the columns of the order, the last one unique; they stand first in the statement's columns.
        descending: newest first.
    """

    name: str
    keys: tuple[InstrumentedAttribute[Any] | ColumnElement[Any], ...]
    descending: bool = False


def encode_cursor(signer: Signer, *, listing: str, position: Position) -> str:
    """Return the cursor of the page that follows the row at ``position``."""
    return signer.sign(_purpose(listing), list(position))


def decode_cursor(signer: Signer, *, listing: str, cursor: str) -> list[int | str]:
    """Return the position that ``encode_cursor`` was given.

    Raises:
        CursorInvalid: it is not a cursor of this list.
    """
    try:
        position: list[int | str] = signer.read(_purpose(listing), cursor)
    except TokenForged as error:
        raise CursorInvalid from error
    return position


def fetch_page(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    *,
    listing: Listing,
    signer: Signer,
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[Row[*tuple[Any, ...]]]:
    """Return up to ``limit`` rows of ``statement`` (at most ``PAGE_SIZE_MAX``), from ``cursor`` on.

    Raises:
        CursorInvalid: ``cursor`` is not one of this list.
    """
    size = max(1, min(limit, PAGE_SIZE_MAX))
    position = decode_cursor(signer, listing=listing.name, cursor=cursor) if cursor else None
    rows = session.execute(_from(statement, listing, position).limit(size + 1)).all()
    if len(rows) <= size:
        return Page(items=list(rows), next_cursor=None)
    last = rows[size - 1][: len(listing.keys)]
    return Page(items=list(rows[:size]), next_cursor=encode_cursor(signer, listing=listing.name, position=tuple(last)))


def _from(statement: Select[*tuple[Any, ...]], listing: Listing, position: Position | None) -> Select[*tuple[Any, ...]]:
    """Return ``statement`` in the order of its list, without the rows up to ``position``."""
    order = [key.desc() if listing.descending else key.asc() for key in listing.keys]
    ordered = statement.order_by(*order)
    if position is None:
        return ordered
    if len(position) != len(listing.keys):
        raise CursorInvalid
    keys, after = tuple_(*listing.keys), tuple_(*position)
    return ordered.where(keys < after if listing.descending else keys > after)


def _purpose(listing: str) -> str:
    """Return what the cursors of a list are signed for."""
    return f"cursor.{listing}"
